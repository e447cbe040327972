"""What is installed is known by its hash, and is what the code imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "requirements").glob("*.txt"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
BY_NAME_ONLY = {
    "psycopg",  # by SQLAlchemy, for a database address that names it
    "python-multipart",  # by FastAPI, for forms
    "websockets",  # by uvicorn, for the telephone line
}
"""Required, and imported by no line of ours."""


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(file: Path) -> list[str]:
    """Logical lines without comments."""
    joined = file.read_text("utf-8").replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and line[0] not in "# "]


def pins(name: str) -> dict[str, str]:
    found = [
        Requirement(entry.split("--hash")[0]) for entry in entries(ROOT / "requirements" / name)
    ]
    return {normalized(each.name): str(each.specifier).removeprefix("==") for each in found}


def group(name: str) -> list[str]:
    """A dependency group with those that it includes."""
    listed: list[Any] = PYPROJECT["dependency-groups"][name]
    return [
        each
        for entry in listed
        for each in (group(entry["include-group"]) if isinstance(entry, dict) else [entry])
    ]


def test_every_kind_of_installation_has_its_lock_file() -> None:
    names = ["acoustic", "bench", "build", "dev", "fixtures", "hibari", "service", "voices"]
    assert [file.stem for file in FILES] == [*names, "whisper"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_requirement_is_one_version_with_hashes(file: Path) -> None:
    for entry in entries(file):
        pinned, *_ = entry.split("--hash")
        (specifier,) = Requirement(pinned).specifier
        assert specifier.operator == "==", entry
        assert "*" not in specifier.version, entry
        assert HASH.search(entry), entry


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_requirement_names_a_location(file: Path) -> None:
    text = file.read_text("utf-8")
    options = [each for each in re.findall(r"(?m)^\s*(-[\w-]+)", text) if each != "--hash"]
    assert options == []
    assert "://" not in text
    assert " @ " not in text


def test_all_files_agree_on_every_version() -> None:
    versions: dict[str, set[str]] = {}
    for file in FILES:
        for name, version in pins(file.name).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_developers_have_all_that_the_service_has() -> None:
    assert pins("service.txt").items() <= pins("dev.txt").items()


def test_the_service_installs_no_tool_of_developers() -> None:
    tools = {normalized(Requirement(each).name) for each in group("dev")}
    tools -= {"cryptography", "packaging"}  # which the service's own packages require
    assert tools & pins("service.txt").keys() == set()


GROUPS = ["build", "dev", "hibari", "whisper", "acoustic", "bench", "fixtures", "voices"]


@pytest.mark.parametrize("name", ["service", *GROUPS])
def test_the_lock_has_every_dependency_of_the_project(name: str) -> None:
    wanted = PYPROJECT["project"]["dependencies"] if name == "service" else group(name)
    locked = pins(f"{name}.txt")
    for each in map(Requirement, wanted):
        assert each.specifier.contains(locked[normalized(each.name)]), f"{each}: run make lock"


def test_the_second_voice_is_the_same_as_an_extra_and_as_a_group() -> None:
    assert PYPROJECT["project"]["optional-dependencies"]["hibari"] == group("hibari")


def test_whisper_is_the_same_as_an_extra_and_as_a_group() -> None:
    assert PYPROJECT["project"]["optional-dependencies"]["whisper"] == group("whisper")


def imported(folder: str) -> set[str]:
    """The distributions whose modules a folder's files import."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    known = packages_distributions()
    outside = {name for name in found - sys.stdlib_module_names if not (ROOT / name).is_dir()}
    return {normalized(known[name][0]) for name in outside if name in known}


def declared(*groups: str) -> set[str]:
    wanted = PYPROJECT["project"]["dependencies"] + [
        each for name in groups for each in group(name)
    ]
    return {normalized(Requirement(each).name) for each in wanted}


@pytest.mark.parametrize("folder", ["bot", "server"])
def test_every_import_of_the_service_is_declared(folder: str) -> None:
    assert imported(folder) <= declared()


def test_every_declared_dependency_is_used() -> None:
    assert declared() - BY_NAME_ONLY == (imported("bot") | imported("server")) & declared()


@pytest.mark.parametrize("folder", ["tests", "scripts", "audio_fixtures"])
def test_every_import_of_developers_is_declared(folder: str) -> None:
    assert imported(folder) <= declared("dev", "acoustic", "bench", "fixtures", "torch")


def test_the_makefile_installs_no_list_without_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lists = [line.strip() for line in makefile.splitlines() if "-r requirements/" in line]
    assert lists
    assert [line for line in lists if not line.startswith("@$(LOCKED) ")] == []
    assert "LOCKED := $(PIP) install --require-hashes --no-deps --no-build-isolation\n" in makefile
