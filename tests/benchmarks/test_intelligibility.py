"""How the words that a judge hears are counted."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks.load.intelligibility import Heard, counted, sentences

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("on June thirtieth, twenty twenty five", "on June 30, 2025"),
        ("Please key the four digits of your PIN.", "please key the 4 digits of your pin"),
        ("four. two. one. nine. oh. three", "4, 2, 1, 9, oh, 3"),
        ("four two one nine zero three", "421-903"),
        ("the relay service is seven one one", "The relay service is 711."),
        ("on September twenty first", "on September 21st"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(said: str, written: str) -> None:
    assert counted(said) == counted(written)


@pytest.mark.parametrize(
    ("said", "written", "wrong", "wrong_digits"),
    [
        ("four two one", "4 2 1", 0, 0),
        ("four two one", "4 to 1", 1, 1),
        ("please say your PIN", "please pay your pin", 1, 0),
        ("June thirtieth", "June 13th", 2, 2),
    ],
)
def test_words_and_digits_that_are_heard_wrong_are_counted(
    said: str, written: str, wrong: int, wrong_digits: int
) -> None:
    heard = Heard("numbers", counted(said), counted(written))
    assert (heard.wrong, heard.wrong_digits) == (wrong, wrong_digits)


def test_prompts_numbers_and_dates_are_measured() -> None:
    kinds = [one.kind for one in sentences(1)]
    assert kinds.count("prompts") > 150
    assert min(kinds.count("numbers"), kinds.count("dates")) >= 40
    assert all(one.words for one in sentences(20))
