"""Callers without license number or PIN: help, general information, and a person (A18)."""

from __future__ import annotations

from datetime import date

import pytest

from bot.elms.requests import BackendAnswer, FetchService, Request, Service
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.types import NoInput, NoMatch, Result
from tests.support.dialog_driver import (
    LICENSE_NUMBER,
    PIN,
    Played,
    backend,
    event,
    heard,
    play,
)

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
NUMBER = heard(LICENSE_NUMBER)
TOPICS = ("hours", "processing", "apply", "documents", "renewal", "pin")


def words(call: Played) -> str:
    """All that the caller heard."""
    return " ".join(PROMPTS.text(prompt) for prompt in call.prompts)


def announcing(request: Request) -> BackendAnswer:
    """A department that announces two weeks and two holidays."""
    if isinstance(request, FetchService):
        days = (date(2022, 12, 26), date(2022, 11, 24))
        return Service(days, date(2022, 11, 14), date(2022, 10, 24))
    return backend(request)


# -- where number and PIN are found -----------------------------------------------------------


@pytest.mark.parametrize("said", ["none", "no_number"])
def test_a_caller_without_a_number_hears_where_to_find_it_and_is_offered_a_person(
    said: str,
) -> None:
    call = play([event(said), heard("yes")])
    assert call.said()[-4:] == [
        *("no_number.where", "no_number.none_yet", "offer.ask", "transfer.connecting"),
    ]
    for place in ("Home Page", "My Credentials", "PIN page", "how to apply"):
        assert place in words(call)
    assert call.outcome.outcome == "transferred"
    assert call.transfers[0].handover.reason == "no license number at hand"


@pytest.mark.parametrize("said", ["none", "no_pin"])
def test_a_caller_without_a_pin_hears_how_to_set_one_step_by_step(said: str) -> None:
    call = play([NUMBER, event(said), heard("yes")])
    steps = ["sign in", "Home Page", "Set PIN", "Enter four digits twice", "Save PIN"]
    places = [words(call).index(step) for step in steps]
    assert places == sorted(places)
    assert call.transfers[0].handover.reason == "no PIN at hand"


def test_help_with_a_forgotten_pin_is_available_at_the_number_too() -> None:
    call = play([event("no_pin"), heard("no"), NUMBER, heard(PIN), heard("goodbye")])
    assert "no_pin.steps" in call.said()
    assert call.outcome.outcome == "completed"


def test_a_caller_who_declines_a_person_continues_where_help_began() -> None:
    call = play([NUMBER, event("none"), heard("no"), heard(PIN), heard("goodbye")])
    assert [c.field for c in call.collects] == ["license_number", "pin", "offer", "pin", "menu"]
    assert call.outcome.verified


def test_at_night_help_and_hours_are_heard_and_no_person_is_offered() -> None:
    call = play([event("none"), NUMBER, heard(PIN), heard("goodbye")], is_open=False)
    said = call.said()
    assert said.index("office.closed", 3) == said.index("no_number.none_yet") + 1
    assert "offer.ask" not in said
    assert call.outcome.outcome == "completed"


def test_help_can_be_repeated_where_a_person_is_offered() -> None:
    call = play([event("no_number"), event("repeat"), heard("no"), NUMBER])
    assert call.said().count("no_number.where") == 2


def test_start_over_and_information_work_at_the_offer() -> None:
    assert play([event("none"), event("startover")]).collects[-1].field == "license_number"
    assert play([event("none"), event("information")]).collects[-1].field == "information"


# -- general information ----------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_available_without_a_login_and_followed_by_the_menu(topic: str) -> None:
    call = play([event("information"), heard(topic), heard("goodbye")], ask_backend=announcing)
    fields = [collect.field for collect in call.collects]
    assert fields == ["license_number", "information", "information"]
    assert (call.outcome.outcome, call.outcome.verified) == ("completed", False)
    told = call.said()[4:-2]
    assert told
    for prompt in call.prompts:
        assert PROMPTS.segments(prompt), prompt.key


def test_the_facts_are_those_of_the_department() -> None:
    chosen: list[Result] = [heard(topic) for topic in TOPICS]
    text = words(play([event("information"), *chosen], ask_backend=announcing))
    for fact in (
        *("8:00 a.m.", "5:30 p.m.", "Central time", "359 North West Street", "P.O. Box 771", "711"),
        *("601-359-3483", "November 14, 2022", "October 24, 2022", "three to five weeks"),
        *("online application", "online recommendation", "sealed or electronically"),
        *("testing company", "Verification of Lawful Presence", "June 30", "Save PIN"),
        "November 24",
    ):
        assert fact in text, fact


def test_topics_without_an_announcement_are_left_out() -> None:
    call = play([event("information"), heard("processing"), heard("hours")])
    assert "information.processing" in call.said()
    assert not {"status.queue_renewal", "information.not_reached", "information.holiday"} & set(
        call.said()
    )


def test_all_topics_are_offered_in_two_menus() -> None:
    call = play([event("information"), heard("more"), heard("renewal"), heard("goodbye")])
    asked = [collect.prompts[-1].key for collect in call.collects]
    assert asked[1:] == ["information.ask", "information.more", "information.ask"]
    for topic in ("hours", "processing time", "apply", "transcripts", "renewal", "PIN"):
        assert topic in words(call)


@pytest.mark.parametrize("back", [heard("back"), event("startover")])
def test_a_caller_can_return_from_the_topics_to_the_number(back: Result) -> None:
    call = play([event("information"), heard("hours"), back, NUMBER, heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert "information.address" not in call.said()[-4:]


def test_an_answer_is_repeated_on_request() -> None:
    call = play([event("information"), heard("documents"), event("repeat"), heard("goodbye")])
    assert call.said().count("information.transcripts") == 2


def test_silence_ends_a_call_as_completed_after_an_answer_and_as_given_up_without_one() -> None:
    silent: list[Result] = [NoInput()] * 3
    told = play([event("information"), heard("hours"), *silent])
    assert (told.outcome.outcome, told.outcome.reason) == ("completed", "no further question")
    assert play([event("information"), *silent]).outcome.outcome == "gave-up"


def test_misses_at_the_topics_lead_to_a_person() -> None:
    call = play([event("information"), *[NoMatch()] * 3])
    assert call.outcome.outcome == "transferred"


@pytest.mark.parametrize("state", [[], [NUMBER]])
def test_information_is_one_step_away_from_both_questions(state: list[Result]) -> None:
    assert play([*state, event("information")]).collects[-1].field == "information"
