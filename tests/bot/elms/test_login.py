"""Who is calling: number and PIN, a refused PIN, and a number that the caller denies."""

from __future__ import annotations

import pytest

from bot.elms.requests import (
    Verify,
)
from bot.settings import Attempts, Settings
from bot.types import (
    Match,
    Mode,
    NoMatch,
    Result,
)
from tests.support.dialog_driver import (
    LICENSE_NUMBER,
    PIN,
    alternatives,
    event,
    heard,
    numbers_spoken,
    play,
    session,
)

pytestmark = pytest.mark.unit

LOGIN: list[Result] = [heard(LICENSE_NUMBER), heard(PIN)]
SPOKEN = heard(LICENSE_NUMBER, 0.99, "voice")


def test_a_wrong_pin_checks_a_spoken_number_before_the_pin_is_asked_again() -> None:
    call = play([SPOKEN, heard("1111"), heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert "license_number.check" in call.said()
    assert "pin.again" in call.said()


def test_a_caller_who_rejects_the_license_number_is_asked_for_it_again() -> None:
    spoken = heard("999999", 0.99, "voice")
    call = play([spoken, heard(PIN), heard("no"), *LOGIN, heard("goodbye")])
    assert call.outcome.verified
    assert call.outcome.license_number == LICENSE_NUMBER


@pytest.mark.parametrize("mode", ["dtmf", "mixed"])
def test_a_wrong_pin_asks_for_a_keyed_number_again_without_reading_it_aloud(mode: Mode) -> None:
    number = heard(LICENSE_NUMBER, 0.99, mode)
    call = play([number, heard("1111"), number, heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert numbers_spoken(call) == []
    assert call.said()[2:8] == [
        "license_number.ask",
        "pin.ask",
        "login.not_verified",
        "license_number.again",
        "pin.again",
        "status.IN_REVIEW",
    ]


def test_the_same_number_given_twice_is_not_asked_for_a_third_time() -> None:
    number = heard(LICENSE_NUMBER)
    call = play([number, heard("1111"), SPOKEN, heard("2222"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert numbers_spoken(call) == []
    assert [c.field for c in call.collects] == [
        *("license_number", "pin", "license_number", "pin", "pin", "menu"),
    ]


def test_a_keyed_number_without_a_right_pin_is_in_no_outcome_and_no_handover() -> None:
    call = play([heard(LICENSE_NUMBER), event("representative")])
    assert call.outcome.outcome == "transferred"
    assert call.outcome.license_number is None
    assert call.transfers[0].handover.license_number is None
    served = play([*LOGIN, event("representative")])
    assert served.outcome.license_number == LICENSE_NUMBER
    assert served.transfers[0].handover.license_number == LICENSE_NUMBER


def test_three_wrong_pins_lead_to_a_person_with_the_reason() -> None:
    call = play([SPOKEN, heard("1111"), heard("yes"), heard("2222"), heard("3333")])
    assert call.outcome.outcome == "transferred"
    assert len([r for r in call.requests if isinstance(r, Verify)]) == 3
    assert call.transfers[0].handover.failed_field == "pin"
    assert not call.transfers[0].handover.verified


def test_a_rejected_number_is_not_accepted_again() -> None:
    same = alternatives(_785928=0.97, _421903=0.02)
    call = play([same, heard(PIN), heard("no"), same, heard("yes"), heard(PIN)])
    assert call.outcome.verified
    assert numbers_spoken(call) == ["785928", LICENSE_NUMBER]
    assert [r.license_number for r in call.requests if isinstance(r, Verify)] == [
        "785928",
        LICENSE_NUMBER,
    ]


def test_evidence_from_before_a_rejection_counts_with_the_next_attempt() -> None:
    first = alternatives(_421963=0.96, _421903=0.03)
    second = alternatives(_421903=0.9, _421963=0.08)
    pin = heard(PIN)
    assert "license_number.confirm" in play([second, pin]).said()
    call = play([first, pin, heard("no"), second, pin, heard("goodbye")])
    assert call.outcome.verified
    assert "license_number.confirm" not in call.said()


def test_starting_over_forgets_rejected_values() -> None:
    number = heard(LICENSE_NUMBER, 0.97, "voice")
    wrong: list[Result] = [number, heard("1111"), heard("no"), event("startover")]
    call = play([*wrong, number, heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert len([c for c in call.collects if c.field == "license_number"]) == 3


def test_an_uncertain_yes_does_not_confirm_a_refused_number() -> None:
    number, yes = heard("999999", 0.97, "voice"), heard("yes", 0.66, "voice")
    call = play([number, heard(PIN), yes, heard("no"), *LOGIN, heard("goodbye")])
    assert call.outcome.verified
    assert [c.field for c in call.collects][2:4] == ["yesno", "yesno"]


def test_a_yes_confirms_a_likely_number_sooner_than_an_unlikely_one() -> None:
    def asked(number_sure: float) -> int:
        number, yes = heard(LICENSE_NUMBER, number_sure, "voice"), heard("yes", 0.7, "voice")
        call = play([number, yes, heard("yes") if number_sure < 0.5 else heard(PIN)])
        return len([c for c in call.collects if c.field == "yesno"])

    assert (asked(0.9), asked(0.4)) == (1, 2)


@pytest.mark.parametrize(("mode", "times"), [("voice", 2), ("dtmf", 1)])
def test_a_spoken_yes_is_asked_for_again_after_the_next_refused_pin(mode: Mode, times: int) -> None:
    yes = heard("yes", 0.99, mode)
    wrong: list[Result] = [heard("1111"), yes, heard("2222")]
    call = play([SPOKEN, *wrong, *[yes] * (times - 1), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert call.said().count("license_number.check") == times


def test_an_unknown_license_takes_the_same_steps_as_a_wrong_pin() -> None:
    def refused(number: Match) -> list[str]:
        spoken = number.best.mode == "voice"
        check = heard("yes") if spoken else number
        return play([number, heard("1111"), check, heard("2222"), heard("3333")]).said()

    for mode in ("voice", "dtmf"):
        said = refused(heard("999999", 0.99, mode))
        assert said == refused(heard(LICENSE_NUMBER, 0.99, mode))


@pytest.mark.parametrize(("number", "point"), [(0.97, 0.7083), (0.98, 0.6157), (0.99, 0.4659)])
def test_the_yes_to_a_number_has_to_be_the_surer_the_less_sure_the_number_was(
    number: float, point: float
) -> None:
    """A right number's PIN is refused one time in ten, a wrong number's always.

    By hand for 0.97: its odds become 0.097 to 0.03, and a yes that lets it pass has to make them
    157 to 20 (a wrong number costs 177 s, asking again 20 s): its own odds are 2.428, or 0.7083.
    No number counts as surer than 9 to 1 beforehand.
    """
    first, refused = heard(LICENSE_NUMBER, number, "voice"), heard("1111")
    surely = play([first, refused, heard("yes", point + 0.001, "voice")])
    assert surely.said()[-1] == "pin.again"
    hardly = play([first, refused, heard("yes", point - 0.001, "voice")])
    assert hardly.said()[-1] == "yesno.nomatch"


@pytest.mark.parametrize(("sure", "asked"), [(0.901, "pin"), (0.899, "license_number")])
def test_a_confident_number_said_instead_of_no_is_accepted(sure: float, asked: str) -> None:
    other = heard("582722", sure, "voice")
    call = play([SPOKEN, heard("1111"), other])
    assert call.collects[-1].field == asked
    assert call.collects[2].grammars[-1] == "license_number.grxml?length=6"


def test_a_number_keyed_instead_of_no_is_accepted() -> None:
    call = play([heard("999999", 0.99, "voice"), heard(PIN), heard(LICENSE_NUMBER), heard(PIN)])
    assert call.outcome.verified
    assert [one.field for one in call.collects[:4]] == ["license_number", "pin", "yesno", "pin"]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_last_allowed_refused_pin_leads_to_a_person(most: int) -> None:
    settings = Settings(attempts=Attempts(pin=most))
    number = heard(LICENSE_NUMBER)
    refused: list[Result] = [number, heard("1111"), number, heard("2222"), heard("3333")]
    call = play(refused, begin=session(settings=settings))
    assert len([one for one in call.requests if isinstance(one, Verify)]) == most
    assert [one.attempt for one in call.requests if isinstance(one, Verify)] == [1, 2, 3][:most]
    assert call.outcome.outcome == "transferred"
    assert call.said()[-2:] == ["login.refused", "transfer.connecting"]


@pytest.mark.parametrize(("mode", "told"), [("dtmf", False), ("voice", True), ("mixed", True)])
def test_a_spoken_pin_is_acknowledged(mode: Mode, told: bool) -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, 0.999, mode)])
    assert ("pin.heard" in call.said()) is told


@pytest.mark.parametrize("most", [1, 2, 3])
def test_keying_too_many_digits_too_often_leads_to_a_person_who_sees_the_question(
    most: int,
) -> None:
    settings = Settings(attempts=Attempts(field=most))
    too_long: list[Result] = [heard(LICENSE_NUMBER), NoMatch("dtmf", typed_on=True)]
    call = play(too_long * 5, begin=session(settings=settings))
    assert call.outcome.outcome == "transferred"
    assert call.transfers[0].handover.failed_field == "license_number"
    many = [one for one in call.prompts if one.key == "license_number.too_many"]
    assert [dict(one.values) for one in many] == [{"length": 6}] * (most - 1)
