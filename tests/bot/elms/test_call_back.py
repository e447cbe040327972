"""A call that goes on after nobody could take it, step by step, without audio."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.elms.call_back import resumed_call, windows
from bot.elms.requests import BackendAnswer, Request, Service
from bot.elms.session import Origin, Session
from bot.elms.telephone_number import national_digits
from bot.errors import BackendError
from bot.settings import Hours, Settings
from bot.types import CallBack, HungUp, NoInput, NoMatch, Result
from tests.support.dialog_driver import Played, event, heard, play

pytestmark = pytest.mark.unit

TODAY = date(2022, 6, 13)
OWN, OTHER = "6015550142", "6625550117"
SILENT, MISSED = (NoInput(),) * 3, (NoMatch(),) * 3
YES, NO = heard("yes"), heard("no")
MORNING, AFTERNOON, ANY = heard("morning"), heard("afternoon"), heard("any")


def resumed(
    *answers: Result,
    caller: str | None = f"+1{OWN}",
    is_open: bool = True,
    settings: Settings | None = None,
) -> Played:
    """The call by a caller who gives these answers, then hangs up."""
    loaded = settings or Settings()
    session = Session.begin(loaded, is_open, TODAY, origin=Origin(caller, "call-0"))
    return play(list(answers), begin=session, call=resumed_call)


def ended(played: Played) -> tuple[str, str]:
    return played.outcome.outcome, played.outcome.reason


def asked(played: Played) -> list[str]:
    return [collect.field for collect in played.collects]


# -- promised ----------------------------------------------------------------------------------


def test_the_callers_own_number_is_confirmed_by_its_last_digits() -> None:
    played = resumed(YES, YES, MORNING)
    assert played.promises == [CallBack(OWN, "08:00", "12:00", "call-0")]
    assert ended(played) == ("call-back", "nobody could take the call")
    assert played.said() == [
        "call_back.nobody",
        "call_back.offer",
        "call_back.own_number",
        "call_back_time.ask",
        "call_back.promised",
        "goodbye.goodbye",
    ]
    values = [value for prompt in played.prompts for value in prompt.values.values()]
    assert "0142" in values
    assert not any(OWN[:6] in str(value) for value in values)


@pytest.mark.parametrize("answer", [heard(OTHER), heard(OTHER, 0.999, "voice")])
def test_another_number_can_be_keyed_or_spoken(answer: Result) -> None:
    played = resumed(YES, NO, answer, AFTERNOON)
    assert played.promises == [CallBack(OTHER, "12:00", "17:30", "call-0")]
    assert asked(played) == ["yesno", "yesno", "call_back_number", "call_back_time"]


@pytest.mark.parametrize("caller", [None, "", "911", "+441632960123", "+19005550142"])
def test_a_withheld_or_uncallable_number_is_asked_for(caller: str | None) -> None:
    played = resumed(YES, heard(OTHER), ANY, caller=caller)
    assert played.promises == [CallBack(OTHER, "08:00", "17:30", "call-0")]
    assert "call_back.own_number" not in played.said()


def test_a_number_of_low_confidence_is_read_back() -> None:
    unsure = heard(OTHER, 0.8, "voice")
    played = resumed(YES, NO, unsure, YES, ANY)
    assert [promise.number for promise in played.promises] == [OTHER]
    assert "call_back_number.confirm" in played.said()


def test_a_keyed_number_is_never_read_back() -> None:
    """It may hold a PIN (decision 46)."""
    played = resumed(YES, NO, heard(OTHER), ANY)
    assert all(OTHER[-4:] not in str(prompt.values) for prompt in played.prompts)


def test_out_of_hours_the_caller_hears_so_and_gets_the_same_offer() -> None:
    played = resumed(YES, YES, MORNING, is_open=False)
    assert played.said()[:2] == ["office.closed", "call_back.offer_closed"]
    assert ended(played)[0] == "call-back"
    assert len(played.promises) == 1


def test_a_holiday_of_the_backend_is_out_of_hours() -> None:
    def closed(_: Request) -> BackendAnswer:
        return Service((TODAY,))

    session = Session.begin(Settings(), True, TODAY, origin=Origin(None, "call-0"))
    played = play([], begin=session, call=resumed_call, ask_backend=closed)
    assert played.said()[0] == "office.closed_today"


def test_an_unreachable_backend_delays_no_promise() -> None:
    def down(_: Request) -> BackendAnswer:
        raise BackendError("down")

    session = Session.begin(Settings(), True, origin=Origin(OWN, "call-0"))
    played = play([YES, YES, ANY], begin=session, call=resumed_call, ask_backend=down)
    assert len(played.promises) == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((YES, heard(OTHER), ANY), "call-back"),
        ((NO,), "gave-up"),
        ((), "gave-up"),
        (SILENT, "gave-up"),
        (MISSED, "gave-up"),
    ],
)
def test_out_of_hours_a_call_back_is_promised_at_once(
    answers: tuple[Result, ...], outcome: str
) -> None:
    """Who then wants no call back ends as who was misunderstood at night."""
    played = play([*MISSED, *answers], is_open=False)
    assert ended(played) == (outcome, "could not understand license_number")
    promised = [CallBack(OTHER, "08:00", "17:30")] if outcome == "call-back" else []
    assert (played.promises, played.transfers) == (promised, [])


# -- not promised ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "is_open", "end"),
    [
        ((NO,), True, ("hangup", "caller wanted no call back")),
        ((NO,), False, ("closed", "caller wanted no call back")),
        ((event("goodbye"),), True, ("hangup", "caller said goodbye at yesno")),
        (SILENT, True, ("gave-up", "caller said nothing at yesno")),
        (
            (YES, NO, *(NoInput(),) * 3),
            True,
            ("gave-up", "caller said nothing at call_back_number"),
        ),
        ((YES, YES, *(NoInput(),) * 3), True, ("gave-up", "caller said nothing at call_back_time")),
        ((YES, NO, *(NoMatch(),) * 3), False, ("gave-up", "could not understand call_back_number")),
    ],
)
def test_a_caller_who_declines_or_is_silent_is_promised_nothing_and_hears_goodbye(
    answers: tuple[Result, ...], is_open: bool, end: tuple[str, str]
) -> None:
    played = resumed(*answers, is_open=is_open)
    assert (ended(played), played.promises, played.transfers) == (end, [], [])
    assert played.said()[-1] == "goodbye.goodbye"


@pytest.mark.parametrize(
    ("before", "field"),
    [
        ((), "yesno"),
        ((YES,), "yesno"),
        ((YES, NO), "call_back_number"),
        ((YES, NO, heard(OTHER, 0.8, "voice")), "yesno"),
        ((YES, YES), "call_back_time"),
    ],
)
def test_a_caller_can_hang_up_at_every_question(before: tuple[Result, ...], field: str) -> None:
    for is_open, outcome in ((True, "hangup"), (False, "closed")):
        played = resumed(*before, HungUp(), is_open=is_open)
        assert ended(played) == (outcome, f"caller left at {field}")
        assert (played.promises, played.transfers) == ([], [])


@pytest.mark.parametrize("before", [(), (YES,), (YES, NO), (YES, YES)])
def test_a_caller_who_asks_for_a_person_waits_in_the_queue(before: tuple[Result, ...]) -> None:
    played = resumed(*before, event("representative"))
    assert ended(played) == ("transferred", "caller waits for a representative")
    assert played.said()[-1] == "call_back.please_hold"
    assert len(played.transfers) == 1


def test_out_of_hours_nobody_waits() -> None:
    played = resumed(event("representative"), is_open=False)
    assert played.transfers == []
    assert "office.instead" in played.said()


def test_misses_lead_to_a_person_during_office_hours() -> None:
    played = resumed(YES, NO, *MISSED)
    (transfer,) = played.transfers
    assert transfer.handover.failed_field == "call_back_number"


# -- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["4219035827", "9005550142", "6661234567"])
def test_an_impossible_number_is_asked_for_again(wrong: str) -> None:
    """Such as a license number with its PIN behind it."""
    played = resumed(YES, NO, heard(wrong), heard(OTHER), ANY)
    assert [promise.number for promise in played.promises] == [OTHER]
    assert "call_back.no_such_number" in played.said()
    assert wrong not in str([prompt.values for prompt in played.prompts])


def test_three_impossible_numbers_lead_to_a_person() -> None:
    played = resumed(YES, NO, *(heard(f"42190358{number}") for number in (20, 21, 22)))
    assert ended(played) == ("transferred", "could not understand call_back_number")
    assert played.promises == []


def test_extra_keys_make_the_number_wrong() -> None:
    typed_on = NoMatch("dtmf", typed_on=True)
    played = resumed(YES, NO, heard(OTHER), typed_on, heard(OWN), ANY)
    assert [promise.number for promise in played.promises] == [OWN]
    assert "call_back_number.too_many" in played.said()


def test_start_over_forgets_the_number() -> None:
    played = resumed(YES, NO, heard(OTHER), event("startover"), YES, YES, MORNING)
    assert [promise.number for promise in played.promises] == [OWN]


def test_no_repr_shows_a_number() -> None:
    session = Session.begin(Settings(), True, origin=Origin(f"+1{OWN}", "call-0"))
    session.wish.number = OTHER
    shown = repr((session, session.wish, Origin(OWN), CallBack(OTHER, "08:00", "12:00")))
    assert OWN not in shown
    assert OTHER not in shown


# -- numbers and hours -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("6015550142", OWN),
        ("+16015550142", OWN),
        ("16015550142", OWN),
        ("8005550142", "8005550142"),
        ("9005550142", None),
        ("+4416015550142", None),
        ("2425550142", None),
        ("601555014", None),
        ("anonymous", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers_in_the_united_states_have_ten_digits(
    written: str | None, digits: str | None
) -> None:
    assert national_digits(written) == digits


def at(text: str) -> time:
    return time.fromisoformat(text)


@pytest.mark.parametrize(
    ("opens", "closes", "choices"),
    [
        ("08:00", "17:30", ["morning", "afternoon", "any"]),
        ("11:59", "12:01", ["morning", "afternoon", "any"]),
        ("08:00", "12:00", ["any"]),
        ("12:00", "17:30", ["any"]),
        ("13:00", "17:30", ["any"]),
    ],
)
def test_the_choice_of_time_comes_from_the_office_hours(
    opens: str, closes: str, choices: list[str]
) -> None:
    hours = Hours(opens=at(opens), closes=at(closes))
    assert list(windows(hours)) == choices
    played = resumed(YES, YES, ANY, settings=Settings(hours=hours))
    assert ("call_back_time.ask" in played.said()) is (len(choices) > 1)
    assert [(one.earliest, one.latest) for one in played.promises] == [(opens, closes)]


def test_every_question_has_an_existing_grammar() -> None:
    played = resumed(YES, NO, heard(OTHER), ANY)
    assert {collect.grammars[0] for collect in played.collects} == {
        "yesno.grxml",
        "telephone_number.grxml?length=10",
        "time_of_day.grxml",
    }
