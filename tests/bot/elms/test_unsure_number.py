"""A license number that is not sure: read back, in parts, and over several tries."""

from __future__ import annotations

import pytest

from bot.settings import LicenseNumber, Settings
from bot.types import (
    Interpretation,
    Match,
    Mode,
    NoMatch,
)
from tests.support.dialog_driver import (
    LICENSE_NUMBER,
    PIN,
    alternatives,
    heard,
    numbers_spoken,
    play,
    session,
)

pytestmark = pytest.mark.unit


def test_an_uncertain_license_number_is_read_back() -> None:
    call = play([heard(LICENSE_NUMBER, 0.6, "voice"), heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert "license_number.confirm" in call.said()


def test_a_rejected_license_number_is_not_offered_again() -> None:
    unsure = Match(
        (
            Interpretation("", "999999", 0.6, "voice", "license_number"),
            Interpretation("", LICENSE_NUMBER, 0.4, "voice", "license_number"),
        )
    )
    call = play([unsure, heard("no"), unsure, heard("yes"), heard(PIN), heard("goodbye")])
    read_back = [p.values["number"] for p in call.prompts if p.key == "license_number.confirm"]
    assert read_back == ["999999", LICENSE_NUMBER]
    assert call.outcome.license_number == LICENSE_NUMBER


def test_a_confident_license_number_is_not_read_back() -> None:
    call = play([heard(LICENSE_NUMBER, 0.96, "voice"), heard(PIN), heard("goodbye")])
    assert "license_number.confirm" not in call.said()


def test_half_a_license_number_is_kept_when_the_caller_confirms_it() -> None:
    half = NoMatch("voice", (Interpretation("", "42190", 0.5, "voice", "license_number"),))
    call = play([half, heard("yes"), heard("3"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert call.collects[2].grammars[0] == "digits.grxml?length=1"


def test_a_number_of_low_confidence_heard_twice_is_read_back_rather_than_asked_for_again() -> None:
    hardly, better = alternatives(_421903=0.3), alternatives(_421903=0.5, _777777=0.2)
    alone = play([NoMatch(), better])
    assert alone.said()[-1] == "license_number.nomatch"
    call = play([hardly, better, heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == [LICENSE_NUMBER]


def test_two_attempts_that_agree_need_no_read_back() -> None:
    first = alternatives(_777777=0.6, _421903=0.3)
    second = alternatives(_421903=0.94, _555555=0.05)
    call = play([first, heard("no"), second, heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == ["777777"]


def test_an_earlier_part_raises_the_confidence_of_the_second_attempt() -> None:
    part = NoMatch("voice", (Interpretation("", "2190", 0.9, "voice", "license_number"),))
    second = alternatives(_421903=0.55, _777777=0.1)
    assert numbers_spoken(play([NoMatch(), second])) == []
    assert numbers_spoken(play([part, second])) == [LICENSE_NUMBER]


@pytest.mark.parametrize("mode", ["voice", "dtmf"])
def test_one_doubtful_digit_is_asked_for_while_the_others_are_kept(mode: Mode) -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("yes"), heard("1", 0.9, mode), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == ["42?903"]
    assert call.collects[2].grammars[0] == "digits.grxml?length=1"
    assert [p.values["place"] for p in call.prompts if p.key == "license_number_digit.ask"] == [3]


def test_the_configured_alphabet_applies_to_the_number_and_its_parts() -> None:
    settings = Settings(license_number=LicenseNumber(alphabet="9432110"))
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("yes")], begin=session(settings=settings))
    assert [one.grammars[0] for one in call.collects] == [
        "license_number.grxml?length=6&alphabet=012349",
        "yesno.grxml",
        "digits.grxml?length=1&alphabet=012349",
    ]


def test_only_the_missing_digit_is_asked_for() -> None:
    gap = NoMatch("voice", (Interpretation("", "42?903", 0.9, "voice", "license_number"),))
    call = play([gap, heard("yes"), heard("1"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "license_number.gap" in call.said()


def test_evidence_for_the_missing_digit_counts_with_the_second_attempt() -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    unsure = alternatives(_1=0.94, _9=0.06)
    call = play([doubtful, heard("yes"), unsure, heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "license_number_digit.confirm" not in call.said()


def test_rejected_digits_around_a_missing_digit_are_not_offered_again() -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("no"), doubtful, heard(LICENSE_NUMBER), heard(PIN)])
    assert numbers_spoken(call) == ["42?903"]
    assert call.outcome.license_number == LICENSE_NUMBER


@pytest.mark.parametrize("mode", ["dtmf", "mixed"])
@pytest.mark.parametrize("part", ["421", "42190", "42?903"])
def test_a_partial_number_with_keys_in_it_is_asked_for_as_a_whole(mode: Mode, part: str) -> None:
    half = NoMatch(mode, (Interpretation("", part, 1.0, mode, "license_number"),))
    call = play([half, heard(LICENSE_NUMBER), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == []


@pytest.mark.parametrize("sure", [0.3, 0.6, 0.8, 0.9, 0.99])
def test_an_uncertain_number_with_keys_in_it_is_accepted_or_asked_for_again(sure: float) -> None:
    """Never read back: keys may be those of a PIN."""
    mixed = heard(LICENSE_NUMBER, sure, "mixed")
    call = play([mixed, heard(LICENSE_NUMBER), heard(PIN)])
    assert numbers_spoken(call) == []
    assert call.said()[3] == ("pin.ask" if sure > 1 - 20 / 177 else "license_number.nomatch")


@pytest.mark.parametrize(
    ("mode", "sure", "asked_next"),
    [
        ("dtmf", 0.01, "pin"),
        ("voice", 0.01, "license_number"),
        ("mixed", 0.01, "license_number"),
        ("mixed", 0.5, "license_number"),
        ("voice", 0.5, "yesno"),
        ("voice", 0.999, "pin"),
        ("mixed", 0.999, "pin"),
    ],
)
def test_only_entries_of_keys_alone_are_certain(mode: Mode, sure: float, asked_next: str) -> None:
    call = play([heard(LICENSE_NUMBER, sure, mode)])
    assert call.collects[1].field == asked_next


def test_a_note_says_whether_it_concerns_the_last_entry() -> None:
    """The second try is another number, and the first one's is read back."""
    first = heard(LICENSE_NUMBER, 0.34, "voice", "license_number")
    both = Match(
        tuple(
            Interpretation("", value, 0.40, "voice", "license_number")
            for value in ("582722", LICENSE_NUMBER)
        )
    )
    call = play([first, both, heard("yes"), heard(PIN), heard("goodbye")])
    assert numbers_spoken(call)[0] == LICENSE_NUMBER
    decided = [(note.decision, note.of_last) for note in call.notes]
    assert decided[:2] == [("retry", True), ("confirm", False)]


def test_a_caller_with_too_many_digits_is_told_the_right_number_of_digits() -> None:
    call = play([NoMatch(too_long=True), heard(LICENSE_NUMBER), heard(PIN), heard("goodbye")])
    keys = call.said()
    assert keys.index("license_number.too_many") + 1 == keys.index("license_number.nomatch")


def test_the_end_of_a_long_sentence_is_not_an_answer_to_a_yes_or_no_question() -> None:
    sentence = NoMatch("voice", (Interpretation("", "no", 1.0, "voice", "yesno"),))
    unsure = heard(LICENSE_NUMBER, 0.5, "voice")
    call = play([unsure, sentence, heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "yesno.nomatch" in call.said()


def test_the_end_of_an_overlong_number_is_read_back_whatever_its_confidence() -> None:
    long = NoMatch("voice", (Interpretation("", LICENSE_NUMBER, 1.0, "voice", "license_number"),))
    call = play([long, heard("yes"), heard(PIN), heard("goodbye")])
    assert "license_number.confirm" in call.said()
    assert call.outcome.verified
