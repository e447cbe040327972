"""docs/security.md names a test for every rule, and every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

RULE = re.compile(r"^\| \*\*(S\d+)\*\*.*\|(?P<proof>[^|]*)\|$", re.MULTILINE)
FILE = re.compile(r"`(tests/[\w/.]+)`")
TEST = re.compile(r"`(test_\w+)`")


def test_every_rule_names_its_test(project: Path) -> None:
    rules = dict(RULE.findall((project / "docs" / "security.md").read_text()))
    assert list(rules) == [f"S{number}" for number in range(1, 18)]
    assert all(FILE.search(proof) for proof in rules.values())


def test_every_named_test_exists(project: Path) -> None:
    words = (project / "docs" / "security.md").read_text()
    sources = "".join(path.read_text() for path in (project / "tests").rglob("test_*.py"))
    assert [name for name in FILE.findall(words) if not (project / name).exists()] == []
    assert [name for name in TEST.findall(words) if f"def {name}(" not in sources] == []
