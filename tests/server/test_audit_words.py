"""Supervisors read the audit log in words: every action, fact, and result that is recorded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from server.domain import CheckResult
from server.pages import audit_words
from server.services.audit import Action
from tests.support.paths import PROJECT

pytestmark = pytest.mark.server

CODE = re.compile(r"[a-z]+[_.:-][a-z]|^[a-z]")


def calls() -> Iterator[ast.Call]:
    """Every call in the server's own code."""
    for file in sorted((PROJECT / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def recorded_facts() -> set[str]:
    """Names of facts, as they are written where they are recorded."""
    found: set[str] = set()
    for node in calls():
        written = [each.value for each in node.keywords if each.arg == "facts"]
        if isinstance(node.func, ast.Name) and node.func.id == "_record":
            written += node.args
        for each in written:
            facts = each.body if isinstance(each, ast.IfExp) else each
            if isinstance(facts, ast.Dict):
                found |= {str(key.value) for key in facts.keys if isinstance(key, ast.Constant)}
    return found


def constants() -> set[str]:
    """Every text in the server's code, but where actions and their words are listed."""
    return {
        node.value
        for file in (PROJECT / "server").rglob("*.py")
        if file.name not in {"audit.py", "audit_words.py"}
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_action_has_words_and_is_recorded_somewhere() -> None:
    actions = set(get_args(Action))
    assert set(audit_words.ACTIONS) == actions
    assert actions <= constants()


def test_every_fact_and_result_has_words() -> None:
    assert recorded_facts() >= {"outcome", "mode", "reason", "role", "rows", "disposition"}
    assert recorded_facts() <= set(audit_words.FACTS)
    assert set(audit_words.RESULTS) == {each.value for each in CheckResult}


@pytest.mark.parametrize(
    "words",
    [
        *audit_words.ACTIONS.values(),
        *audit_words.ACTORS.values(),
        *audit_words.SUBJECTS.values(),
        *audit_words.RESULTS.values(),
        *(said for said, _ in audit_words.FACTS.values()),
    ],
)
def test_words_are_words_and_no_codes(words: str) -> None:
    said = words.replace("sign-on", "").replace("all-back", "")
    assert CODE.search(said) is None
    assert words[0].isupper()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("verified", False, ("Verified", "No")),
        ("modes", ["dtmf", "voice"], ("How entered", "Keyed, Spoken")),
        ("confidence", "0.3-0.4", ("Lowest confidence", "0.3 to 0.4")),
        ("on", "2022-12-26", ("Day", "December 26, 2022")),
        ("opens", "08:00", ("Opens", "8 a.m.")),
        ("closes", "12:30", ("Closes", "12:30 p.m.")),
        ("weekdays", [0, 2], ("Days", "Monday, Wednesday")),
        ("outcome", "gave-up", ("Outcome", "Gave up")),
        ("result", "over-budget", ("Result", "Too many wrong PINs")),
        ("on", "soon", ("Day", "soon")),
        ("not_known_yet", 7, ("Not known yet", "7")),
    ],
)
def test_a_fact_is_told_in_words(name: str, value: Any, said: tuple[str, str]) -> None:
    assert audit_words.facts({name: value}) == [said]


def test_unknown_facts_are_left_out() -> None:
    assert audit_words.facts({"reason": None, "modes": [], "attempt": 0}) == [("Attempt", "0")]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("user:3", "Marguerite Oakes"),
        ("user:9", "Account 9"),
        ("educator:unknown", "An unknown license number"),
        ("educator:4", "Educator 4"),
        ("call:call-7", "Call call-7"),
        ("prompt:menu.noinput", "Menu: when nothing is said"),
        ("service", "The telephone service"),
        ("applications", "Applications"),
    ],
)
def test_a_subject_is_named(code: str, said: str) -> None:
    assert audit_words.subject(code, {"user:3": "Marguerite Oakes"}) == said
