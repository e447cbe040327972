"""Prompts and office hours that the department edited, on top of files and settings."""

from __future__ import annotations

from datetime import time

import pytest

from bot.elms.edited import EditedPrompts, hours_of
from bot.elms.requests import OpenHours, Service
from bot.errors import PromptError
from bot.prompts.prompts import Prompts
from bot.settings import Hours
from bot.types import Prompt
from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

GOODBYE = Prompt("goodbye.goodbye")
SHIPPED = Prompts.load(PROJECT / "prompts", {"length": 6})


def said(edited: EditedPrompts, texts: dict[str, tuple[str, ...]]) -> str:
    return edited.of(Service((), texts)).text(GOODBYE)


def test_a_call_says_the_edited_text_and_the_next_one_whatever_holds_then() -> None:
    edited = EditedPrompts(SHIPPED)
    before = edited.of(None).text(GOODBYE)
    assert said(edited, {GOODBYE.key: ("So long. [300ms] Bye.",)}) == "So long. Bye."
    assert said(edited, {GOODBYE.key: ("See you.",)}) == "See you."
    assert said(edited, {}) == before


def test_constants_of_the_files_hold_in_edited_texts_as_well() -> None:
    key = "license_number.ask"
    texts: dict[str, tuple[str, ...]] = {key: ("Say the {length:cardinal} digits.",)}
    edited = EditedPrompts(SHIPPED).of(Service((), texts))
    assert edited.text(Prompt(key)) == "Say the 6 digits."


@pytest.mark.parametrize(
    "texts",
    [
        {"goodbye.goodbye": ("For {nobody:date}.",)},
        {"goodbye.goodbye": ("An open {brace.",)},
        {"goodbye.goodbye": ()},
        {"nobody.knows": ("A prompt of another version.",)},
    ],
)
def test_texts_that_cannot_be_said_lose_no_call(texts: dict[str, tuple[str, ...]]) -> None:
    edited = EditedPrompts(SHIPPED)
    assert edited.of(Service((), texts)).text(GOODBYE) == SHIPPED.text(GOODBYE)
    assert edited.fault


def test_the_same_texts_are_compiled_once() -> None:
    edited = EditedPrompts(SHIPPED)
    first = edited.of(Service((), {GOODBYE.key: ("Bye.",)}))
    assert edited.of(Service((), {GOODBYE.key: ("Bye.",)})) is first


def test_only_known_prompts_are_changed() -> None:
    with pytest.raises(PromptError):
        SHIPPED.changed({"nobody.knows": ["Hello."]})


SETTINGS = Hours()
NINE, FOUR = time(9), time(16)


@pytest.mark.parametrize(
    ("told", "opens", "weekdays"),
    [
        (None, time(8), (0, 1, 2, 3, 4)),
        (OpenHours(NINE, FOUR, (2,)), NINE, (2,)),
        (OpenHours(FOUR, NINE, (2,)), time(8), (0, 1, 2, 3, 4)),
        (OpenHours(NINE, FOUR, ()), time(8), (0, 1, 2, 3, 4)),
    ],
)
def test_edited_hours_hold_where_they_make_sense(
    told: OpenHours | None, opens: time, weekdays: tuple[int, ...]
) -> None:
    hours = hours_of(SETTINGS, Service((), hours=told))
    assert (hours.opens, hours.weekdays) == (opens, weekdays)
    assert hours.timezone == SETTINGS.timezone
