"""`elms-ivr prompts`: what is heard, what is wrong, for people and for the server's page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.errors import PromptError

pytestmark = pytest.mark.unit


def prompts(changes: dict[str, list[str]] | None = None, *more: str) -> Result:
    given = ["--changes", "-"] if changes is not None else []
    return CliRunner().invoke(app, ["prompts", *given, *more], input=json.dumps(changes))


def listed(changes: dict[str, list[str]]) -> Any:
    done = prompts(changes, "--json")
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout)


def test_the_projects_prompts_are_listed_without_a_finding() -> None:
    done = prompts()
    assert done.exit_code == 0
    assert "goodbye.goodbye [1]" in done.stdout


def test_figures_are_spoken_as_words() -> None:
    changed = listed({"goodbye.goodbye": ["Call 711."]})
    found = next(each for each in changed["prompts"] if each["key"] == "goodbye.goodbye")
    assert found["texts"][0]["text"] == "Call 711."
    assert "seven" in found["texts"][0]["heard"]
    assert changed["findings"] == []


def test_a_broken_rule_is_a_finding_in_json_and_an_error_in_text() -> None:
    changes = {"goodbye.goodbye": ["This is invalid."]}
    assert listed(changes)["findings"] == ["goodbye.goodbye [1]: A8: “invalid” is no plain word"]
    assert isinstance(prompts(changes).exception, PromptError)


@pytest.mark.parametrize("changes", [{"nobody.knows": ["Hi."]}, {"goodbye.goodbye": ["{x:date}"]}])
def test_a_text_that_cannot_be_spoken_is_an_error(changes: dict[str, list[str]]) -> None:
    assert isinstance(prompts(changes, "--json").exception, PromptError)


def test_changes_in_invalid_json_are_an_error() -> None:
    done = CliRunner().invoke(app, ["prompts", "--changes", "-"], input="not JSON")
    assert isinstance(done.exception, PromptError)
