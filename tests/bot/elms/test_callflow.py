"""The ELMS call as a conversation, without audio."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dialog.decision import points, ways
from bot.dialog.evidence import AnswerEvidence
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
    Verify,
)
from bot.errors import BackendError
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Attempts, Costs, Hours, LicenseNumber, Settings
from bot.types import (
    Collect,
    HungUp,
    Interpretation,
    Match,
    Mode,
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
    Played,
    backend,
    event,
    heard,
    play,
    session,
)

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
LOGIN: list[Result] = [heard(LICENSE_NUMBER), heard(PIN)]
SPOKEN = heard(LICENSE_NUMBER, 0.99, "voice")


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


def test_the_first_pin_prompt_says_that_others_may_hear_it_and_no_other_does() -> None:
    first, again = (template_text("pin.ask", count) for count in (1, 2))
    assert "If others can hear you, use the keypad." in first
    assert "others" not in again


@pytest.mark.parametrize("verified", [False, True])
def test_only_who_told_something_need_not_repeat_it(verified: bool) -> None:
    call = play([*(LOGIN if verified else []), event("representative")])
    assert call.outcome.outcome == "transferred"
    assert ("transfer.told" in call.said()) == verified


def test_the_pin_is_collected_as_a_secret_and_never_put_into_a_prompt() -> None:
    call = play([*LOGIN, heard("goodbye")])
    assert [collect.field for collect in call.collects if collect.secret] == ["pin"]
    assert PIN not in str([(p.key, dict(p.values)) for p in call.prompts])


def test_a_wrong_pin_checks_a_spoken_number_before_the_pin_is_asked_again() -> None:
    call = play([SPOKEN, heard("1111"), heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert "license_number.check" in call.said()
    assert "pin.again" in call.said()


def test_a_caller_who_denies_the_license_number_is_asked_for_it_again() -> None:
    spoken = heard("999999", 0.99, "voice")
    call = play([spoken, heard(PIN), heard("no"), *LOGIN, heard("goodbye")])
    assert call.outcome.verified
    assert call.outcome.license_number == LICENSE_NUMBER


@pytest.mark.parametrize("mode", ["dtmf", "mixed"])
def test_a_wrong_pin_asks_for_a_keyed_number_again_and_reads_none_aloud(mode: Mode) -> None:
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


def test_a_number_that_was_given_twice_alike_is_not_asked_for_a_third_time() -> None:
    number = heard(LICENSE_NUMBER)
    call = play([number, heard("1111"), SPOKEN, heard("2222"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert numbers_spoken(call) == []
    assert [c.field for c in call.collects] == [
        *("license_number", "pin", "license_number", "pin", "pin", "menu"),
    ]


def test_a_keyed_number_without_a_right_pin_is_in_no_outcome_and_no_hand_over() -> None:
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


def test_a_number_that_was_denied_is_not_taken_again() -> None:
    same = alternatives(_785928=0.97, _421903=0.02)
    call = play([same, heard(PIN), heard("no"), same, heard("yes"), heard(PIN)])
    assert call.outcome.verified
    assert numbers_spoken(call) == ["785928", LICENSE_NUMBER]
    assert [r.license_number for r in call.requests if isinstance(r, Verify)] == [
        "785928",
        LICENSE_NUMBER,
    ]


def test_what_was_heard_before_a_number_was_denied_counts_beside_the_next_try() -> None:
    first = alternatives(_421963=0.96, _421903=0.03)
    second = alternatives(_421903=0.9, _421963=0.08)
    pin = heard(PIN)
    assert "license_number.confirm" in play([second, pin]).said()
    call = play([first, pin, heard("no"), second, pin, heard("goodbye")])
    assert call.outcome.verified
    assert "license_number.confirm" not in call.said()


def test_starting_over_forgets_what_was_denied() -> None:
    number = heard(LICENSE_NUMBER, 0.97, "voice")
    wrong: list[Result] = [number, heard("1111"), heard("no"), event("startover")]
    call = play([*wrong, number, heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert len([c for c in call.collects if c.field == "license_number"]) == 3


def test_a_yes_that_is_not_sure_lets_no_refused_number_pass() -> None:
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
def test_a_caller_who_asks_for_the_same_for_ever_is_asked_so_often_and_no_more(
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
def test_out_of_hours_the_request_for_a_person_tells_the_hours_and_goes_on(
    before: list[Result],
) -> None:
    call = play([*before, event("representative")], is_open=False)
    assert call.outcome.outcome == "hangup"
    assert call.said()[-3:-1] == ["office.closed", "office.instead"]


def test_a_closed_office_can_be_set_to_tell_only_the_hours() -> None:
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


def test_a_slow_caller_is_not_given_up_within_three_minutes_of_silence() -> None:
    call = play([event("slower"), *[NoInput()] * 20])
    waited = sum(c.properties.timeout_ms for c in call.collects[1:])
    assert waited >= 180_000


def test_start_over_asks_for_the_license_number_again() -> None:
    call = play([heard("999999"), event("startover"), *LOGIN, heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER


def test_silence_is_tapered_and_ends_at_goodbye() -> None:
    call = play([NoInput(), NoInput(), NoInput()])
    assert call.outcome.outcome == "gave-up"
    assert call.said()[-1] == "goodbye.goodbye"
    retries = [p for p in call.prompts if p.key == "license_number.noinput"]
    assert [p.count for p in retries] == [1, 2]


def test_what_is_not_understood_is_tapered_and_ends_at_a_person() -> None:
    call = play([NoMatch(), NoMatch(), NoMatch()])
    assert call.outcome.outcome == "transferred"
    assert [p.count for p in call.prompts if p.key == "license_number.nomatch"] == [1, 2]


def test_an_unsure_license_number_is_read_back() -> None:
    call = play([heard(LICENSE_NUMBER, 0.6, "voice"), heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert "license_number.confirm" in call.said()


def test_a_denied_license_number_is_not_offered_again() -> None:
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


def test_a_sure_license_number_is_not_read_back() -> None:
    call = play([heard(LICENSE_NUMBER, 0.96, "voice"), heard(PIN), heard("goodbye")])
    assert "license_number.confirm" not in call.said()


def test_an_unsure_pin_is_neither_read_back_nor_spent() -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, 0.5, "voice"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert len([r for r in call.requests if isinstance(r, Verify)]) == 1


def test_half_a_license_number_is_kept_when_the_caller_confirms_it() -> None:
    half = NoMatch("voice", (Interpretation("", "42190", 0.5, "voice", "license_number"),))
    call = play([half, heard("yes"), heard("3"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert call.collects[2].grammars[0] == "digits.grxml?length=1"


def alternatives(**shares: float) -> Match:
    """What a recognizer heard: values (behind an underscore) and their probabilities."""
    return Match(
        tuple(
            Interpretation("", value.lstrip("_"), share, "voice", "field")
            for value, share in shares.items()
        )
    )


def numbers_spoken(call: Played) -> list[str]:
    """Every number that was read back, with its blanks."""
    return [str(prompt.values["number"]) for prompt in call.prompts if "number" in prompt.values]


def test_a_number_that_is_hardly_heard_twice_is_read_back_rather_than_asked_for_again() -> None:
    hardly, better = alternatives(_421903=0.3), alternatives(_421903=0.5, _777777=0.2)
    alone = play([NoMatch(), better])
    assert alone.said()[-1] == "license_number.nomatch"
    call = play([hardly, better, heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == [LICENSE_NUMBER]


def test_two_tries_that_agree_need_no_read_back() -> None:
    first = alternatives(_777777=0.6, _421903=0.3)
    second = alternatives(_421903=0.94, _555555=0.05)
    call = play([first, heard("no"), second, heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == ["777777"]


def test_a_part_that_was_heard_first_makes_the_second_try_surer() -> None:
    part = NoMatch("voice", (Interpretation("", "2190", 0.9, "voice", "license_number"),))
    second = alternatives(_421903=0.55, _777777=0.1)
    assert numbers_spoken(play([NoMatch(), second])) == []
    assert numbers_spoken(play([part, second])) == [LICENSE_NUMBER]


@pytest.mark.parametrize("mode", ["voice", "dtmf"])
def test_one_doubtful_digit_is_asked_for_and_the_others_are_kept(mode: Mode) -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("yes"), heard("1", 0.9, mode), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == ["42?903"]
    assert call.collects[2].grammars[0] == "digits.grxml?length=1"
    assert [p.values["place"] for p in call.prompts if p.key == "license_number_digit.ask"] == [3]


def test_an_alphabet_of_the_settings_holds_for_the_number_and_for_its_parts() -> None:
    settings = Settings(license_number=LicenseNumber(alphabet="9432110"))
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("yes")], begin=session(settings=settings))
    assert [one.grammars[0] for one in call.collects] == [
        "license_number.grxml?length=6&alphabet=012349",
        "yesno.grxml",
        "digits.grxml?length=1&alphabet=012349",
    ]


def test_a_digit_that_nobody_understood_is_asked_for_alone() -> None:
    gap = NoMatch("voice", (Interpretation("", "42?903", 0.9, "voice", "license_number"),))
    call = play([gap, heard("yes"), heard("1"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "license_number.gap" in call.said()


def test_what_the_first_try_heard_of_the_missing_digit_counts_beside_the_second() -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    unsure = alternatives(_1=0.94, _9=0.06)
    call = play([doubtful, heard("yes"), unsure, heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "license_number_digit.confirm" not in call.said()


def test_digits_around_a_blank_that_are_denied_are_not_offered_again() -> None:
    doubtful = alternatives(_421903=0.5, _425903=0.45)
    call = play([doubtful, heard("no"), doubtful, heard(LICENSE_NUMBER), heard(PIN)])
    assert numbers_spoken(call) == ["42?903"]
    assert call.outcome.license_number == LICENSE_NUMBER


@pytest.mark.parametrize("mode", ["dtmf", "mixed"])
@pytest.mark.parametrize("part", ["421", "42190", "42?903"])
def test_a_part_of_a_number_with_keys_in_it_is_asked_for_as_a_whole(mode: Mode, part: str) -> None:
    half = NoMatch(mode, (Interpretation("", part, 1.0, mode, "license_number"),))
    call = play([half, heard(LICENSE_NUMBER), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert numbers_spoken(call) == []


@pytest.mark.parametrize("sure", [0.3, 0.6, 0.8, 0.9, 0.99])
def test_an_unsure_number_with_keys_in_it_is_taken_or_asked_for_again(sure: float) -> None:
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
def test_only_keys_alone_are_certain(mode: Mode, sure: float, asked_next: str) -> None:
    call = play([heard(LICENSE_NUMBER, sure, mode)])
    assert call.collects[1].field == asked_next


# -- a PIN that is not sure -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "sure", "spent"),
    [
        ("dtmf", 0.01, True),
        ("voice", 0.01, False),
        ("mixed", 0.01, False),
        ("mixed", 0.9, False),
        ("voice", 0.9, False),
        ("mixed", 0.999, True),
        ("voice", 0.999, True),
    ],
)
def test_an_attempt_at_the_pin_is_spent_on_keys_or_on_what_is_sure(
    mode: Mode, sure: float, spent: bool
) -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, sure, mode)])
    assert len([one for one in call.requests if isinstance(one, Verify)]) == spent


def test_a_pin_that_two_tries_make_sure_is_spent_once() -> None:
    unsure = alternatives(_5827=0.8, _5927=0.1)
    call = play([heard(LICENSE_NUMBER), unsure, unsure, heard("goodbye")])
    assert call.outcome.verified
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == [PIN]


def test_an_unsure_pin_of_which_one_digit_is_missing_is_keyed_as_a_whole() -> None:
    gap = NoMatch("voice", (Interpretation("", "58?7", 0.9, "voice", "pin"),))
    call = play([heard(LICENSE_NUMBER), gap, alternatives(_5827=0.5, _5927=0.45), heard(PIN)])
    assert [collect.field for collect in call.collects][1:4] == ["pin", "pin", "pin"]
    assert numbers_spoken(call) == []
    assert call.outcome.verified


def test_a_refused_pin_that_is_heard_again_is_not_spent_again_but_keyed() -> None:
    misheard = alternatives(_5927=0.97, _5827=0.02)
    call = play([SPOKEN, misheard, heard("yes"), misheard, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]
    assert call.outcome.verified


def test_a_refused_pin_that_is_keyed_is_spent_for_the_caller_wants_it() -> None:
    call = play([SPOKEN, heard("5927"), heard("yes"), heard("5927")])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", "5927"]


def test_with_another_number_a_refused_pin_may_be_right() -> None:
    spoken = alternatives(_5827=0.97)
    call = play([heard("999999"), spoken, heard(LICENSE_NUMBER), spoken])
    assert call.outcome.verified


def test_with_the_same_number_keyed_again_a_refused_pin_is_not_spent_again() -> None:
    number, spoken = heard(LICENSE_NUMBER), alternatives(_5927=0.97)
    call = play([number, spoken, number, spoken, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]


_pin = st.text("0123456789", min_size=4, max_size=4) | st.just(PIN)


@given(st.lists(st.lists(st.tuples(_pin, st.floats(0, 1)), min_size=1, max_size=3), max_size=6))
@example([[(PIN, 0.95)]])
def test_no_pin_is_spent_that_all_tries_together_leave_unsure(
    tries: list[list[tuple[str, float]]],
) -> None:
    spoken: list[Result] = [
        Match(tuple(Interpretation("", pin, share, "voice", "pin") for pin, share in one))
        for one in tries
    ]
    point = points(ways(Settings().costs, "secret")).accept
    call = play([heard(LICENSE_NUMBER), *spoken])
    spent = [r.pin for r in call.requests if isinstance(r, Verify)][:1]
    together, expected = AnswerEvidence(4), []
    for one in spoken[: Settings().attempts.field]:
        assert isinstance(one, Match)
        together.add(one.nbest)
        best = together.ranked()[0]
        if best.confidence >= point:
            expected = [best.value]
            break
    assert spent == expected
    assert set(numbers_spoken(call)) <= {LICENSE_NUMBER}


def test_a_pin_said_in_place_of_the_license_number_is_not_read_back() -> None:
    misplaced = NoMatch("voice", (Interpretation("", PIN, 0.5, "voice", "license_number"),))
    call = play([misplaced, *LOGIN, heard("goodbye")])
    assert "license_number.partial" not in call.said()
    assert PIN not in str([dict(prompt.values) for prompt in call.prompts])


def test_a_pin_with_the_key_for_a_person_behind_it_is_not_read_back_either() -> None:
    misplaced = NoMatch("dtmf", (Interpretation("", f"{PIN}0", 1.0, "dtmf", "license_number"),))
    call = play([misplaced, *LOGIN, heard("goodbye")])
    assert "license_number.partial" not in call.said()
    assert PIN not in str([dict(prompt.values) for prompt in call.prompts])


def test_the_end_of_a_pin_is_not_read_back_where_the_last_digits_were_asked_for() -> None:
    half = NoMatch("voice", (Interpretation("", "421", 0.5, "voice", "license_number"),))
    misplaced = NoMatch("voice", (Interpretation("", PIN[1:], 1.0, "voice", "digits"),))
    call = play([half, heard("yes"), misplaced, heard("903"), heard(PIN), heard("goodbye")])
    assert PIN[1:] not in str([dict(prompt.values) for prompt in call.prompts])
    assert call.outcome.license_number == LICENSE_NUMBER


def test_a_note_says_whether_it_is_about_what_was_heard_last() -> None:
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


def test_a_menu_choice_that_was_not_taken_is_not_taken_for_a_cough_after_it() -> None:
    patient = session(settings=Settings(costs=Costs(again=15, keypad=25)))
    unsure = heard("goodbye", 0.5, "voice", "menu")
    call = play([*LOGIN, unsure, NoMatch(), heard("activity")], begin=patient)
    assert "activity.first" in call.said()
    assert call.outcome.outcome == "hangup"


def test_a_backend_fault_is_apologized_for_and_tried_once_more() -> None:
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


# -- any caller at all ------------------------------------------------------------------------

_numbers = st.text("0123456789", min_size=6, max_size=6) | st.just(LICENSE_NUMBER)
_halves = st.text("0123456789", min_size=1, max_size=5) | st.sampled_from(["42?903", "?21903"])
_pins = st.sampled_from([PIN, "1111", "2222"])
_choices = {
    "yesno": st.sampled_from(["yes", "no"]),
    "menu": st.sampled_from(["status", "activity", "renewal", "representative", "goodbye"]),
    "pin": _pins,
    "license_number_rest": _halves,
    "license_number_digit": st.sampled_from("0123456789"),
}
_universals = st.sampled_from(["repeat", "slower", "faster", "help", "representative", "startover"])


def _interpretations(values: st.SearchStrategy[str]) -> st.SearchStrategy[Interpretation]:
    modes: st.SearchStrategy[Mode] = st.sampled_from(["voice", "dtmf", "mixed"])
    return st.builds(Interpretation, st.just(""), values, st.floats(0, 1), modes, st.just("field"))


def _results(question: str) -> st.SearchStrategy[Result]:
    """Whatever a turn can bring for a question."""
    values = _choices.get(question, _numbers)
    halves = _interpretations(_halves)
    return st.one_of(
        st.lists(_interpretations(values), min_size=1, max_size=3).map(lambda n: Match(tuple(n))),
        st.builds(event, _universals),
        st.just(NoInput()),
        st.just(NoMatch()),
        halves.map(lambda one: NoMatch("voice", (one,))),
    )


@given(st.data(), st.booleans())
def test_no_caller_who_stays_on_finds_a_dead_end_or_an_endless_call(
    data: st.DataObject, is_open: bool
) -> None:
    def any_answer(step: Collect) -> Result:
        return data.draw(_results(step.field))

    def any_backend(request: Request) -> BackendAnswer:
        if data.draw(st.integers(0, 9)) == 0:
            raise BackendError("down")
        return backend(request)

    call = play(any_answer, is_open=is_open, ask_backend=any_backend)
    assert call.outcome.outcome in {"completed", "transferred", "closed", "gave-up", "failed"}
    assert len(call.collects) <= Settings().attempts.turns
    for prompt in call.prompts:
        assert PROMPTS.segments(prompt), prompt.key
        if not prompt.key.startswith("status."):
            assert set(prompt.values) == set(SAID[prompt.key]), prompt.key
    spoken = str([(p.key, sorted(p.values.items())) for p in call.prompts if "pin" in p.key])
    assert PIN not in spoken


@given(st.data(), st.integers(0, 12))
def test_a_hangup_at_any_moment_has_an_outcome(data: st.DataObject, stays_for: int) -> None:
    def any_answer(step: Collect) -> Result:
        gone = len(steps) >= stays_for
        steps.append(step)
        return HungUp() if gone else data.draw(_results(step.field))

    steps: list[Collect] = []
    call = play(any_answer)
    assert call.outcome.outcome in {"hangup", "transferred", "completed", "gave-up"}


MENU = [heard(LICENSE_NUMBER), heard(PIN)]


def test_three_misses_at_the_menu_end_at_a_person_and_three_silences_at_goodbye() -> None:
    missed = play([*MENU, NoMatch(), NoMatch(), NoMatch()])
    assert missed.outcome.outcome == "transferred"
    assert missed.outcome.reason == "could not understand menu"
    assert "goodbye.goodbye" not in missed.said()
    silent = play([*MENU, NoInput(), NoInput(), NoInput()])
    assert (silent.outcome.outcome, silent.outcome.reason) == ("completed", "no further question")


def test_three_misses_at_night_end_with_the_hours_and_what_to_do() -> None:
    call = play([*MENU, NoMatch(), NoMatch(), NoMatch()], is_open=False)
    assert call.outcome.outcome == "gave-up"
    assert call.said()[-3:] == ["office.closed", "office.instead", "goodbye.goodbye"]


@pytest.mark.parametrize("field", ["license_number", "pin", "menu"])
def test_goodbye_ends_the_call_in_every_state(field: str) -> None:
    before = {"license_number": [], "pin": MENU[:1], "menu": MENU}[field]
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
    call = play([*MENU, heard("activity"), again, heard("goodbye")])
    said = call.said()
    first = said.index("activity.first")
    assert said[first + 1 :].count("activity.first") == 1
    assert said[said.index("activity.first", first + 1) :].count("menu.ask") == 1


def test_a_number_with_too_many_digits_is_told_how_many_it_has() -> None:
    call = play([NoMatch(too_long=True), heard(LICENSE_NUMBER), heard(PIN), heard("goodbye")])
    keys = call.said()
    assert keys.index("license_number.too_many") + 1 == keys.index("license_number.nomatch")


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


def test_the_list_of_what_is_said_is_the_prompt_files_own() -> None:
    PROMPTS.check(SAID)
    assert set(PROMPTS) == set(SAID)


def test_the_account_is_what_was_spoken() -> None:
    assert ACCOUNT.application is not None
    call = play([*LOGIN, heard("activity"), heard("renewal"), heard("status"), heard("goodbye")])
    keys = call.said()
    assert "activity.transcript_received" in keys
    assert keys[keys.index("license.valid") + 1] == "renewal.class_a"
    assert keys.count("status.IN_REVIEW") == 2


@pytest.mark.parametrize("command", ["representative", "startover", "slower", "help"])
def test_a_command_that_was_hardly_heard_is_not_done(command: str) -> None:
    doubtful = heard(command, 0.05, "voice", "universals")
    call = play([doubtful, *LOGIN, heard("goodbye")])
    assert call.outcome.outcome == "completed"
    assert call.said()[2:5] == ["license_number.ask", "license_number.nomatch", "pin.ask"]


def test_the_end_of_a_long_sentence_is_no_answer_to_yes_or_no() -> None:
    sentence = NoMatch("voice", (Interpretation("", "no", 1.0, "voice", "yesno"),))
    unsure = heard(LICENSE_NUMBER, 0.5, "voice")
    call = play([unsure, sentence, heard("yes"), heard(PIN), heard("goodbye")])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert "yesno.nomatch" in call.said()


def test_the_end_of_a_number_that_was_too_long_is_read_back_however_likely_it_is() -> None:
    long = NoMatch("voice", (Interpretation("", LICENSE_NUMBER, 1.0, "voice", "license_number"),))
    call = play([long, heard("yes"), heard(PIN), heard("goodbye")])
    assert "license_number.confirm" in call.said()
    assert call.outcome.verified
