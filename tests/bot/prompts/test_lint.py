"""The lint finds each breach of a rule; the project's own prompts have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.prompts.lint import estimated_ms, example, lint
from bot.prompts.prompts import Prompts
from bot.types import Prompt

pytestmark = pytest.mark.unit


def findings(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "menu.yaml").write_text(text, encoding="utf-8")
    return lint(Prompts.load(tmp_path))


def test_the_projects_own_prompts_keep_the_rules(project: Path) -> None:
    assert lint(Prompts.load(project / "prompts")) == []


@pytest.mark.parametrize(
    "text",
    [
        "For application status, press 1.",
        "For yes, press one. For no, press two.",
        "For yes, press one; for no, press two.",
        "For a person, press zero and wait.",
        "To hear this again, press the star key.",
        "For status, press one, or say status.",
        "For slower speech, press star twice.",
        "Please key the four digits of your PIN.",
        "Please say or key your six digit license number.",
    ],
)
def test_an_option_before_its_key_is_accepted(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, f"menu.ask: '{text}'") == []


@pytest.mark.parametrize(
    "text",
    [
        "Press 1 for application status.",
        "Press one. You will hear the status.",
        "For status press one to go on.",
        "Dial star for help.",
        "If you want help, press 3 for help.",
    ],
)
def test_a_key_before_its_option_is_found(tmp_path: Path, text: str) -> None:
    (found,) = findings(tmp_path, f"menu.ask: '{text}'")
    assert found.startswith("menu.ask [1]: A2:")


def test_five_options_are_too_many(tmp_path: Path) -> None:
    keys = ("one", "two", "three", "four", "five")
    text = " ".join(f"For {key}, press {key}." for key in keys)
    assert findings(tmp_path, f"menu.ask: '{text}'") == [
        "menu.ask [1]: A8: 5 options; at most 4 can be remembered"
    ]


def test_a_prompt_of_more_than_twelve_seconds_is_found(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, f"menu.ask: '{'This goes on and on. ' * 11}'")
    assert found.startswith("menu.ask [1]: A8: about ")


@pytest.mark.parametrize("word", ["Invalid", "error", "utterance", "licence"])
def test_words_that_callers_do_not_use_are_found(tmp_path: Path, word: str) -> None:
    assert findings(tmp_path, f"menu.ask: 'There is an {word} here.'") == [
        f"menu.ask [1]: A8: “{word}” is no plain word"
    ]


def test_retries_get_shorter_then_offer_the_keypad_then_a_person(tmp_path: Path) -> None:
    ask = "menu.ask: Is that right?\n"
    good = ["Sorry?", "Use the keypad.", "For a representative, press zero."]
    assert findings(tmp_path, ask + f"menu.noinput: {good}") == []
    assert findings(tmp_path, ask + f"menu.nomatch: {good[:2]}") == [
        "menu.nomatch: A9: needs three texts: a shorter one, one with the keypad, one with a person"
    ]
    assert findings(tmp_path, ask + f"menu.nomatch: {good[::-1]}") == [
        "menu.nomatch: A9: the third retry offers a representative"
    ]
    assert findings(tmp_path, ask + f"menu.nomatch: {[good[0], good[0], good[2]]}") == [
        "menu.nomatch: A9: the second retry offers the keypad"
    ]
    wordy = "Sorry, that was not what I expected to hear, so please say it all again."
    assert findings(tmp_path, ask + f"menu.nomatch: {[wordy, good[1], good[2]]}") == [
        "menu.nomatch: A9: the first retry is shorter than the question"
    ]


def test_the_estimate_counts_words_and_pauses(tmp_path: Path) -> None:
    (tmp_path / "menu.yaml").write_text("menu.ask: 'Ten chars. [500ms] Ten chars.'")
    assert estimated_ms(Prompts.load(tmp_path), Prompt("menu.ask")) == 2 * 600 + 500


def test_an_example_fills_every_slot(tmp_path: Path) -> None:
    (tmp_path / "menu.yaml").write_text("menu.ask: 'On {day:date} with {number:digits}.'")
    assert set(example(Prompts.load(tmp_path), "menu.ask").values) == {"day", "number"}
