"""Prompts and office hours that the department edited, on top of files and settings."""

from __future__ import annotations

from datetime import time

import pytest

from bot.elms.department_edits import EditedPrompts, with_hours
from bot.elms.requests import OpenHours, Service
from bot.elms.spoken_facts import spoken_facts
from bot.errors import PromptError
from bot.prompts.prompts import Prompts
from bot.settings import Settings
from bot.types import Prompt
from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

GOODBYE = Prompt("goodbye.goodbye")
SETTINGS = Settings()
SHIPPED = Prompts.load(PROJECT / "prompts", spoken_facts(SETTINGS))


def said(edited: EditedPrompts, texts: dict[str, tuple[str, ...]]) -> str:
    return edited.of(Service((), prompts=texts), SETTINGS).text(GOODBYE)


def test_each_call_uses_the_texts_that_are_current_at_its_start() -> None:
    edited = EditedPrompts(SETTINGS, SHIPPED)
    before = edited.of(None, SETTINGS).text(GOODBYE)
    assert said(edited, {GOODBYE.key: ("So long. [300ms] Bye.",)}) == "So long. Bye."
    assert said(edited, {GOODBYE.key: ("See you.",)}) == "See you."
    assert said(edited, {}) == before


def test_edited_texts_use_the_constants_of_the_prompt_files() -> None:
    key = "license_number.ask"
    texts: dict[str, tuple[str, ...]] = {key: ("Say the {length:cardinal} digits.",)}
    edited = EditedPrompts(SETTINGS, SHIPPED).of(Service((), prompts=texts), SETTINGS)
    assert edited.text(Prompt(key)) == "Say the 6 digits."


@pytest.mark.parametrize(
    "texts",
    [
        {"goodbye.goodbye": ("For {nobody:date}.",)},
        {"goodbye.goodbye": ("An open {brace.",)},
        {"status.READY_TO_ISSUE": ("Received {received:date}, which not every backend knows.",)},
        {"status.ISSUED": ("We still need: {still_needed:list}.",)},
        {"goodbye.goodbye": ()},
        {"nobody.knows": ("A prompt of another version.",)},
    ],
)
def test_texts_that_cannot_be_spoken_lose_no_call(texts: dict[str, tuple[str, ...]]) -> None:
    edited = EditedPrompts(SETTINGS, SHIPPED)
    assert edited.of(Service((), prompts=texts), SETTINGS).text(GOODBYE) == SHIPPED.text(GOODBYE)
    assert edited.fault


def test_the_same_texts_are_compiled_once() -> None:
    edited = EditedPrompts(SETTINGS, SHIPPED)
    first = edited.of(Service((), prompts={GOODBYE.key: ("Bye.",)}), SETTINGS)
    assert edited.of(Service((), prompts={GOODBYE.key: ("Bye.",)}), SETTINGS) is first


def test_only_known_prompts_can_be_changed() -> None:
    with pytest.raises(PromptError):
        SHIPPED.changed({"nobody.knows": ["Hello."]})


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
def test_edited_hours_apply_if_they_are_valid(
    told: OpenHours | None, opens: time, weekdays: tuple[int, ...]
) -> None:
    hours = with_hours(SETTINGS, Service((), hours=told)).hours
    assert (hours.opens, hours.weekdays) == (opens, weekdays)
    assert hours.timezone == SETTINGS.hours.timezone


def test_callers_hear_the_edited_hours() -> None:
    service = Service((), hours=OpenHours(NINE, FOUR, (2,)))
    edited = EditedPrompts(SETTINGS, SHIPPED).of(service, with_hours(SETTINGS, service))
    shipped = SHIPPED.text(Prompt("office.hours"))
    assert edited.text(Prompt("office.hours")) != shipped
