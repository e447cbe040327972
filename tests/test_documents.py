"""What documents name is there: files, links, tests, classes, make targets, and modules."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

TODAY = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
"""Documents of what is; decisions and experiments keep the names of their day."""
EVERY = sorted([*TODAY, *PROJECT.glob("docs/*/*.md")])

FOLDERS = "bot|server|acoustic_model|benchmarks|tests|scripts|docs|grammars|prompts|audio_fixtures"
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|(?:src|srcset|href)=\"([^\"#]+)\"")
PATH = re.compile(rf"`((?:{FOLDERS}|requirements|\.ci)/[\w./-]*)`")
FILE = re.compile(r"`([\w/]+\.py)(?:::(test_\w+)…?)?`")
NAMED = re.compile(r"`([\w/]+\.py)` `(\w+)`")
TEST = re.compile(r"`(test_\w+)(…?)`")
TARGET = re.compile(r"(?<![\w-])make ([a-z][a-z-]+)(?=[`\s]|$)")
MODULE = re.compile(rf"python -m ((?:{FOLDERS})[\w.]*)")

OUTSIDE = {"degrade.py"}
"""Files that are named but are not ours."""


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def code_of(document: Path) -> str:
    """Code spans and blocks: commands stand there, prose does not."""
    words = document.read_text("utf-8")
    blocks = re.findall(r"```.*?```|^(?: {4}|\t).*$", words, re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`[^`\n]+`", words)])


def defined_in(path: Path) -> set[str]:
    """Top-level classes and functions of a module."""
    body = ast.parse(path.read_text("utf-8")).body
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in body if isinstance(node, kinds)}


PYTHON = [
    name_of(path) for folder in FOLDERS.split("|") for path in (PROJECT / folder).rglob("*.py")
]


@pytest.mark.parametrize("document", EVERY, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = [one or other for one, other in LINK.findall(document.read_text("utf-8"))]
    inside = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in inside if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_path_exists(document: Path) -> None:
    named = PATH.findall(document.read_text("utf-8"))
    paths = [path for path in named if "NAME" not in path and not path.endswith(".py")]
    assert [path for path in paths if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_named_file_and_test_exists(document: Path) -> None:
    for named, test in FILE.findall(document.read_text("utf-8")):
        files = [path for path in PYTHON if f"/{path}".endswith(f"/{named}")]
        assert files or named in OUTSIDE, f"there is no {named}"
        if test:
            sources = "".join((PROJECT / path).read_text("utf-8") for path in files)
            assert f"def {test}" in sources, f"{named} has no {test}"


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_test_named_without_its_file_exists(document: Path) -> None:
    tests = [path for path in PYTHON if path.startswith("tests/")]
    sources = "".join((PROJECT / path).read_text("utf-8") for path in tests)
    named = TEST.findall(document.read_text("utf-8"))
    assert [one for one, more in named if f"def {one}{'' if more else '('}" not in sources] == []


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_class_and_function_named_after_a_file_is_in_it(document: Path) -> None:
    for path, name in NAMED.findall(document.read_text("utf-8")):
        assert name in defined_in(PROJECT / path), f"{path} defines no {name}"


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_make_target_exists(document: Path) -> None:
    known = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert [one for one in TARGET.findall(code_of(document)) if one not in known] == []


@pytest.mark.parametrize("document", TODAY, ids=name_of)
def test_every_module_that_is_run_exists(document: Path) -> None:
    for module in MODULE.findall(code_of(document)):
        path = PROJECT / module.replace(".", "/")
        runs = path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
        assert runs, f"python -m {module} does not run"


def test_the_changelog_keeps_its_form() -> None:
    """Keep a Changelog 1.1.0: versions with dates, newest first, and four kinds of changes."""
    words = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    heads = re.findall(r"^## (.*)$", words, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    versions = [
        re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d{2}-\d{2}", one) for one in heads[1:]
    ]
    assert all(versions)
    numbers = [tuple(map(int, one.groups())) for one in versions if one]
    assert numbers == sorted(numbers, reverse=True)
    kinds = set(re.findall(r"^### (.*)$", words, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_change_is_a_sentence_without_a_score() -> None:
    words = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    changes = re.split(r"^- ", words, flags=re.MULTILINE)[1:]
    lines = [" ".join(one.split("\n\n")[0].split()) for one in changes]
    assert [one for one in lines if not one.endswith(".")] == []
    assert [one for one in lines if re.search(r"\d ?%|\d of \d", one)] == []


def test_contributing_names_every_package_of_the_bot_and_every_marker() -> None:
    words = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
    packages = [path.parent.name for path in (PROJECT / "bot").glob("*/__init__.py")]
    assert [name for name in packages if f"`bot/{name}/`" not in words] == []
    options = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    markers = [one.split(":")[0] for one in options["ini_options"]["markers"]]
    assert [name for name in markers if f"`{name}`" not in words] == []
