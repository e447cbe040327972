"""The ELMS call as a conversation, without audio: what it says, commands, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import pytest

from bot.elms import announcements
from bot.elms.announcements import EVENTS, STATUSES
from bot.elms.prompt_contract import SAID
from bot.elms.requests import (
    Account,
    Activity,
    Application,
    BackendAnswer,
    License,
    Request,
    Verified,
    Verify,
)
from bot.errors import BackendError
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Attempts, Costs, Hours, Settings
from bot.types import (
    Interpretation,
    Match,
    NoInput,
    NoMatch,
    Prompt,
    Result,
    Say,
)
from tests.support.dialog_driver import (
    ACCOUNT,
    LICENSE_NUMBER,
    PIN,
    backend,
    event,
    heard,
    play,
    session,
)

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
LOGIN: list[Result] = [heard(LICENSE_NUMBER), heard(PIN)]


def test_a_caller_with_the_right_pin_hears_the_status_and_says_goodbye() -> None:
    call = play([*LOGIN, heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert call.outcome.verified
    assert call.said() == [
        "greeting.welcome",
        "greeting.anytime",
        "license_number.ask",
        "pin.ask",
        "status.IN_REVIEW",
        "status.allow",
        "status.letter",
        "menu.ask",
        "goodbye.goodbye",
    ]


def template_text(key: str, count: int) -> str:
    """What a prompt says the first, second, … time."""
    segments = Prompts.load(PROJECT / "prompts").segments(Prompt(key, count))
    return " ".join(one.text for one in segments if isinstance(one, Say))


def test_only_the_first_pin_prompt_warns_that_others_could_hear() -> None:
    first, again = (template_text("pin.ask", count) for count in (1, 2))
    assert "If others can hear you, use the keypad." in first
    assert "others" not in again


@pytest.mark.parametrize("verified", [False, True])
def test_only_a_caller_who_entered_something_is_told_not_to_repeat_it(verified: bool) -> None:
    call = play([*(LOGIN if verified else []), event("representative")])
    assert call.outcome.outcome == "transferred"
    assert ("transfer.told" in call.said()) == verified


def test_the_pin_is_collected_as_a_secret_and_never_put_into_a_prompt() -> None:
    call = play([*LOGIN, heard("goodbye")])
    assert [collect.field for collect in call.collects if collect.secret] == ["pin"]
    assert PIN not in str([(p.key, dict(p.values)) for p in call.prompts])


@pytest.mark.parametrize(
    "before",
    [
        [],
        [heard(LICENSE_NUMBER)],
        [heard(LICENSE_NUMBER, 0.6, "voice")],
        LOGIN,
        [heard(LICENSE_NUMBER), heard("1111")],
    ],
)
def test_a_representative_is_one_step_away_from_every_question(before: list[Result]) -> None:
    call = play([*before, event("representative")])
    assert call.outcome.outcome == "transferred"
    assert len(call.collects) == len(before) + 1


@pytest.mark.parametrize("again", ["startover", "repeat", "help", "slower", "faster"])
@pytest.mark.parametrize("before", [[], LOGIN], ids=["login", "menu"])
@pytest.mark.parametrize("turns", [10, 25])
def test_a_caller_who_keeps_repeating_a_command_is_asked_a_limited_number_of_times(
    turns: int, before: list[Result], again: str
) -> None:
    settings = Settings(attempts=Attempts(turns=turns, events=30))
    answers = iter(before)
    call = play(lambda _: next(answers, event(again)), begin=session(settings=settings))
    assert len(call.collects) == turns
    assert call.outcome.outcome in ("transferred", "completed")


@pytest.mark.parametrize(("is_open", "outcome"), [(True, "transferred"), (False, "hangup")])
def test_a_spoken_zero_in_the_menu_reaches_a_person(is_open: bool, outcome: str) -> None:
    call = play([*LOGIN, heard("representative", mode="voice")], is_open=is_open)
    assert call.outcome.outcome == outcome


@pytest.mark.parametrize("before", [[], [heard(LICENSE_NUMBER)], LOGIN])
def test_out_of_hours_a_request_for_a_person_gives_the_hours_and_continues(
    before: list[Result],
) -> None:
    call = play([*before, event("representative")], is_open=False)
    assert call.outcome.outcome == "hangup"
    assert call.said()[-3:-1] == ["office.closed", "office.instead"]


def test_a_closed_office_can_be_set_to_give_only_the_hours() -> None:
    settings = Settings(hours=Hours(answer_when_closed=False))
    call = play([], begin=session(is_open=False, settings=settings))
    assert call.outcome.outcome == "closed"
    assert call.collects == []
    assert "office.instead" in call.said()


def test_repeat_says_the_question_again_and_costs_no_attempt() -> None:
    call = play([event("repeat"), event("repeat"), event("repeat"), *LOGIN, heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert call.said().count("license_number.ask") == 4


def test_slower_slows_the_voice_and_gives_more_time_for_the_rest_of_the_call() -> None:
    call = play([event("slower"), *LOGIN])
    assert call.speaks[0].rate_percent <= 80
    assert call.collects[0].properties.timeout_ms >= 10_000
    assert all(collect.properties.timeout_ms >= 30_000 for collect in call.collects[1:])


def test_a_slow_caller_is_not_given_up_on_within_three_minutes_of_silence() -> None:
    call = play([event("slower"), *[NoInput()] * 20])
    waited = sum(c.properties.timeout_ms for c in call.collects[1:])
    assert waited >= 180_000


def test_start_over_asks_for_the_license_number_again() -> None:
    call = play([heard("999999"), event("startover"), *LOGIN, heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER


def test_prompts_after_silence_are_tapered_and_end_with_goodbye() -> None:
    call = play([NoInput(), NoInput(), NoInput()])
    assert call.outcome.outcome == "gave-up"
    assert call.said()[-1] == "goodbye.goodbye"
    retries = [p for p in call.prompts if p.key == "license_number.noinput"]
    assert [p.count for p in retries] == [1, 2]


def test_prompts_after_a_nomatch_are_tapered_and_end_at_a_person() -> None:
    call = play([NoMatch(), NoMatch(), NoMatch()])
    assert call.outcome.outcome == "transferred"
    assert [p.count for p in call.prompts if p.key == "license_number.nomatch"] == [1, 2]


def test_a_menu_choice_that_was_not_accepted_is_not_accepted_because_of_a_later_cough() -> None:
    patient = session(settings=Settings(costs=Costs(again=15, keypad=25)))
    unsure = heard("goodbye", 0.5, "voice", "menu")
    call = play([*LOGIN, unsure, NoMatch(), heard("activity")], begin=patient)
    assert "activity.first" in call.said()
    assert call.outcome.outcome == "hangup"


def test_after_a_backend_fault_the_caller_hears_an_apology_and_the_request_is_retried_once() -> (
    None
):
    faults = iter([BackendError("down")])

    def once(request: Request) -> BackendAnswer:
        if isinstance(request, Verify):
            for fault in faults:
                raise fault
        return backend(request)

    call = play([*LOGIN, heard("goodbye")], ask_backend=once)
    assert call.outcome.outcome == "completed"
    assert "backend.retry" in call.said()
    first, second = (r for r in call.requests if isinstance(r, Verify))
    assert first.attempt == second.attempt


def test_a_backend_that_stays_down_leads_to_a_person() -> None:
    def down(_: Request) -> BackendAnswer:
        raise BackendError("down")

    call = play(LOGIN, ask_backend=down)
    assert call.outcome.outcome == "transferred"
    assert call.transfers[0].handover.failed_field == "backend"


def test_three_misses_at_the_menu_lead_to_a_person_and_three_silences_to_goodbye() -> None:
    missed = play([*LOGIN, NoMatch(), NoMatch(), NoMatch()])
    assert missed.outcome.outcome == "transferred"
    assert missed.outcome.reason == "could not understand menu"
    assert "goodbye.goodbye" not in missed.said()
    silent = play([*LOGIN, NoInput(), NoInput(), NoInput()])
    assert (silent.outcome.outcome, silent.outcome.reason) == ("completed", "no further question")


def test_three_misses_at_night_end_with_the_hours_and_advice() -> None:
    call = play([*LOGIN, NoMatch(), NoMatch(), NoMatch(), heard("no")], is_open=False)
    assert call.outcome.outcome == "gave-up"
    assert call.said()[-5:] == [
        "office.closed",
        "office.instead",
        "call_back.offer_closed",
        "call_back.not_wanted",
        "goodbye.goodbye",
    ]


@pytest.mark.parametrize("field", ["license_number", "pin", "menu"])
def test_goodbye_ends_the_call_in_every_state(field: str) -> None:
    before = {"license_number": [], "pin": LOGIN[:1], "menu": LOGIN}[field]
    bye = Match((Interpretation("goodbye", "goodbye", 0.99, "voice", "universals"),))
    call = play([*before, bye])
    assert call.said()[-1] == "goodbye.goodbye"
    assert call.outcome.outcome == ("completed" if field == "menu" else "hangup")


def test_a_caller_who_asks_for_a_moment_hears_the_question_again_and_loses_nothing() -> None:
    wait = Match((Interpretation("one moment", "wait", 0.99, "voice", "universals"),))
    call = play([wait, heard(LICENSE_NUMBER), heard(PIN), heard("goodbye")])
    assert call.outcome.outcome == "completed"
    asked = [key for key in call.said() if key.startswith(("license_number", "universals"))]
    assert asked == ["license_number.ask", "universals.wait", "license_number.ask"]


@pytest.mark.parametrize("command", ["repeat", "slower", "louder"])
def test_at_the_menu_the_last_answer_is_heard_again_before_the_menu(command: str) -> None:
    again = Match((Interpretation(command, command, 0.99, "voice", "universals"),))
    call = play([*LOGIN, heard("activity"), again, heard("goodbye")])
    said = call.said()
    first = said.index("activity.first")
    assert said[first + 1 :].count("activity.first") == 1
    assert said[said.index("activity.first", first + 1) :].count("menu.ask") == 1


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("reached", [True, False])
def test_every_status_and_activity_can_be_said(status: str, reached: bool) -> None:
    day = date(2022, 6, 6)
    application = Application(
        status,
        "renewal",
        "other",
        reached,
        still_needed=("official transcripts",),
        received=day,
        processing_week=day,
        letter_sent=day,
        document="official transcripts",
        document_received=day,
        license_class="A",
        issued=day,
        valid_through=day,
    )
    states: tuple[Literal["valid", "expiring", "expired"], ...] = ("valid", "expiring", "expired")
    licenses = tuple(License("AA", "career administrator", day, state, True) for state in states)
    for event_code in (*EVENTS, "something_new"):
        account = Account(application, licenses, (Activity(day, event_code, "renewal"),))
        for said in (announcements.status, announcements.activity, announcements.renewal):
            for prompt in said(account):
                assert PROMPTS.segments(prompt)
                assert set(prompt.values) == set(SAID[prompt.key]), prompt.key


def test_the_prompt_contract_equals_the_prompt_files() -> None:
    PROMPTS.check(SAID)
    assert set(PROMPTS) == set(SAID)


def test_the_account_is_the_one_whose_number_was_spoken() -> None:
    assert ACCOUNT.application is not None
    call = play([*LOGIN, heard("activity"), heard("renewal"), heard("status"), heard("goodbye")])
    keys = call.said()
    assert "activity.transcript_received" in keys
    assert keys[keys.index("license.valid") + 1] == "renewal.class_a"
    assert keys.count("status.IN_REVIEW") == 2


@pytest.mark.parametrize("command", ["representative", "startover", "slower", "help"])
def test_a_command_of_low_confidence_is_not_carried_out(command: str) -> None:
    doubtful = heard(command, 0.05, "voice", "universals")
    call = play([doubtful, *LOGIN, heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert call.said()[2:5] == ["license_number.ask", "license_number.nomatch", "pin.ask"]


def test_a_closed_office_says_its_hours_and_goes_on() -> None:
    assert play([], is_open=False).said() == [
        *("greeting.welcome", "greeting.closed", "office.closed", "greeting.anytime"),
        "license_number.ask",
    ]


@pytest.mark.parametrize(
    ("choice", "keys"),
    [
        ("status", {"status.IN_REVIEW", "status.allow", "status.letter"}),
        ("activity", {"activity.first", "activity.transcript_received"}),
        ("renewal", {"license.valid", "renewal.class_a"}),
    ],
)
def test_everything_said_about_an_account_is_confidential(choice: str, keys: set[str]) -> None:
    call = play([*LOGIN, heard(choice), event("repeat"), heard("goodbye")])
    told = [one for one in call.prompts if one.key in keys]
    assert {one.key for one in told} == keys
    assert all(one.confidential for one in told)
    assert not any(one.confidential for one in call.prompts if one.key.startswith("menu"))


def test_a_caller_who_starts_over_at_the_menu_hears_the_status_again() -> None:
    call = play([*LOGIN, event("startover"), heard("goodbye")])
    assert call.said().count("status.IN_REVIEW") == 2
    assert call.outcome.verified


@pytest.mark.parametrize(("pace", "rates"), [("slow", [78]), ("normal", [])])
def test_a_caller_who_prefers_a_slow_voice_hears_it_from_the_login_on(
    pace: Literal["slow", "normal"], rates: list[int]
) -> None:
    def known(request: Request) -> BackendAnswer:
        answer = backend(request)
        return replace(answer, pace=pace) if isinstance(answer, Verified) else answer

    call = play([*LOGIN, heard("goodbye")], ask_backend=known)
    assert [one.rate_percent for one in call.speaks] == rates
    assert call.collects[-1].properties.timeout_ms == (30_000 if rates else 10_000)


@pytest.mark.parametrize(("wanted", "choices"), [("status", ["activity", "status"])])
def test_a_representative_is_told_what_the_caller_wanted_last(
    wanted: str, choices: list[str]
) -> None:
    call = play([*LOGIN, *map(heard, choices), NoMatch(), NoMatch(), NoMatch()])
    assert call.transfers[0].handover.wanted == wanted
    assert call.transfers[0].handover.failed_field == "menu"
