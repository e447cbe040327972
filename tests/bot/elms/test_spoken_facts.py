"""What prompts say of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

import pytest
import yaml

from bot.elms.spoken_facts import spoken_days, spoken_facts, spoken_zone
from bot.prompts.lint import estimated_ms
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Hours, Office, Settings
from bot.types import Prompt, Say

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("weekdays", "said"),
    [
        ((0, 1, 2, 3, 4), "on weekdays"),
        ((4, 3, 2, 1, 0), "on weekdays"),
        ((0, 1, 2, 3, 4, 5, 6), "every day"),
        ((0, 1, 2, 3), "Monday through Thursday"),
        ((1, 2, 3, 4, 5), "Tuesday through Saturday"),
        ((0, 2, 4), "on Monday, Wednesday, and Friday"),
        ((1, 3), "on Tuesday and Thursday"),
        ((5,), "on Saturday"),
        ((5, 6), "on Saturday and Sunday"),
    ],
)
def test_days_are_spoken_as_people_say_them(weekdays: tuple[int, ...], said: str) -> None:
    assert spoken_days(Hours(weekdays=weekdays)) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Chicago", "Central time"),
        ("America/New_York", "Eastern time"),
        ("Europe/Berlin", "Berlin time"),
        ("America/Port_of_Spain", "Port of Spain time"),
    ],
)
def test_a_time_zone_is_spoken_by_its_usual_name(zone: str, said: str) -> None:
    assert spoken_zone(zone) == said


def spoken(settings: Settings, key: str) -> str:
    prompts = Prompts.load(PROJECT / "prompts", spoken_facts(settings))
    return " ".join(one.text for one in prompts.segments(Prompt(key)) if isinstance(one, Say))


def test_callers_hear_the_configured_hours_and_address() -> None:
    hours = Hours(weekdays=(0, 1, 2, 3), opens=time(9), closes=time(16, 15), timezone="UTC")
    office = Office(telephone="601-555-0142", address="1 Main Street, Jackson")
    settings = Settings(hours=hours, office=office)
    assert spoken(settings, "office.hours") == (
        "Representatives answer Monday through Thursday, from nine in the morning "
        "to four fifteen in the afternoon, UTC time."
    )
    assert "one Main Street" in spoken(settings, "information.address")
    assert "zero one four two" in spoken(settings, "information.telephone")


def test_the_prompt_files_agree_with_the_default_settings() -> None:
    constants = yaml.safe_load((PROJECT / "prompts" / "common.yaml").read_text())["constants"]
    shipped = spoken_facts(Settings())
    assert {name: constants.get(name) for name in shipped if name != "length"} == {
        name: value for name, value in shipped.items() if name != "length"
    }


def written() -> Iterator[tuple[str, str]]:
    """Key and text of all prompts, as the files have them."""
    for path in sorted((PROJECT / "prompts").glob("*.yaml")):
        for key, texts in yaml.safe_load(path.read_text("utf-8")).items():
            if "." in key:
                yield from ((key, text) for text in ([texts] if isinstance(texts, str) else texts))


def test_no_text_names_a_zone_an_hour_or_days_by_itself() -> None:
    fixed = re.compile(
        r"\b(Central|Eastern|Mountain|Pacific)\b|\d ?[ap]\.?m\b|weekday|(Mon|Fri)day", re.IGNORECASE
    )
    slot = re.compile(r"\{[^}]*\}")
    assert [key for key, text in written() if fixed.search(slot.sub("", text))] == []


DIGIT_MS, REPLY_MS, STATUS_BEGINS_MS = 370, 400, 22_000


def test_the_status_begins_within_22_seconds_where_the_caller_speaks_at_once() -> None:
    """At once is in the pause behind the question: what is said after it, barge-in cuts."""
    shipped = Prompts.load(PROJECT / "prompts")
    question, _ = dict(reversed([*written()]))["license_number.ask"].split("[700ms]")
    prompts = shipped.changed({"license_number.ask": [question.strip()]})
    said = ("greeting.welcome", "greeting.anytime", "license_number.ask", "pin.ask")
    prompts_ms = sum(estimated_ms(prompts, Prompt(key, 1, {"length": 6})) for key in said)
    assert prompts_ms + 10 * DIGIT_MS + 2 * REPLY_MS <= STATUS_BEGINS_MS
