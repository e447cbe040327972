"""What a question makes of answers that are not sure: take, read back, complete, ask again.

Under default settings a number that is taken wrongly costs 177 s, a choice 40 s, a secret 340 s,
reading back 7 s, a missing digit 6 s more, asking again 20 s by voice and 12 s on the keypad, and
a person 330 s. The probabilities below follow from these by hand.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialog.form import Discretion, Field, Filled
from bot.settings import Attempts
from bot.types import HungUp, Interpretation, Match, NoMatch, Prompt, Result
from tests.support.asking import CHOICE, NUMBER, SECRET, asked, command, part, said, state_of

pytestmark = pytest.mark.unit

YES, NO = said(("yes", 0.99)), said(("no", 0.99))
GAP = said(("421903", 0.5), ("425903", 0.45))
"""Two values that differ in one digit."""
YES_OR_NO = Field("yesno", "yesno.grxml")


class Careful(Discretion):
    """Three digits may be a secret, the end 77 may end one, and keys are never read aloud."""

    def may_be_aloud(self, heard: Interpretation) -> bool:
        return heard.mode == "voice"

    def may_be_secret(self, digits: str) -> bool:
        return len(digits) == 3

    def may_end_secret(self, digits: str) -> bool:
        return digits == "77"


CAREFUL = replace(NUMBER, discretion=Careful())


# -- from which probability an answer is taken ----------------------------------------------------


@pytest.mark.parametrize(
    ("question", "value", "point"),
    [
        (CHOICE, "a", 1 - 20 / 40),
        (CHOICE, "yes", 1 - 20 / 40),
        (SECRET, "5827", 1 - 12 / 340),
        (NUMBER, "421903", 1 - 7 / (177 - 20)),
        (replace(NUMBER, in_parts=False), "421903", 1 - 7 / (177 - 20)),
        (replace(NUMBER, read_back=False), "421903", 1 - 20 / 40),
    ],
)
def test_an_answer_is_taken_from_the_point_where_that_costs_least(
    question: Field, value: str, point: float
) -> None:
    assert asked(question, said((value, point + 0.001))).ended == Filled(
        value, "voice", point + 0.001
    )
    assert asked(question, said((value, point - 0.001))).value is None


@pytest.mark.parametrize(("likely", "point"), [(0.6, 0.8395), (0.5, 0.8870), (0.3, 0.9482)])
def test_a_yes_that_lets_a_number_pass_has_to_be_as_sure_as_the_number(
    likely: float, point: float
) -> None:
    """Taken where the odds of the answer times those of the number are 1 - 20/177 or better."""
    question = replace(YES_OR_NO, likely=likely)
    assert asked(question, said(("yes", point + 0.001))).value == "yes"
    assert asked(question, said(("yes", point - 0.001))).value is None


@pytest.mark.parametrize(("likely", "point"), [(0.6, 0.6), (0.5, 0.5), (0.3, 0.3)])
def test_a_no_to_an_unlikely_number_is_taken_sooner(likely: float, point: float) -> None:
    question = replace(YES_OR_NO, likely=likely)
    assert asked(question, said(("no", point + 0.001))).value == "no"
    assert asked(question, said(("no", point - 0.001))).value is None


@pytest.mark.parametrize(("misses", "tries", "point"), [(0, 3, 0.35), (1, 3, 0.5834)])
def test_a_number_is_read_back_from_the_point_where_that_costs_less_than_asking_again(
    misses: int, tries: int, point: float
) -> None:
    before = [NoMatch()] * misses
    state = state_of(attempts=Attempts(field=tries))
    unsure = asked(NUMBER, *before, said(("421903", point + 0.001)), state=state)
    assert unsure.fields[-1] == "yesno"
    state = state_of(attempts=Attempts(field=tries))
    missed = asked(NUMBER, *before, said(("421903", point - 0.001)), state=state)
    assert missed.fields[-1] == "number"


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_on_the_last_try_a_number_is_read_back_rather_than_given_up(tries: int) -> None:
    state = state_of(attempts=Attempts(field=tries))
    before = [NoMatch()] * (tries - 1)
    assert asked(NUMBER, *before, said(("421903", 0.1)), state=state).fields[-1] == "yesno"


def test_an_answer_that_may_not_be_aloud_is_taken_or_asked_for_again() -> None:
    keyed = said(("421903", 0.8), mode="mixed")
    assert asked(NUMBER, keyed).fields[-1] == "yesno"
    assert asked(CAREFUL, keyed).fields[-1] == "number"


# -- what several tries say together --------------------------------------------------------------


def test_the_tries_at_a_number_count_together_and_those_at_a_choice_do_not() -> None:
    twice = [said(("421903", 0.3)), said(("421903", 0.5), ("777777", 0.2))]
    assert asked(NUMBER, *twice).fields == ["number", "number", "yesno"]
    assert [note.tries for note in asked(NUMBER, *twice).notes] == [1, 2]
    choices = [said(("a", 0.45)), said(("a", 0.45))]
    assert [note.tries for note in asked(CHOICE, *choices).notes] == [1, 1]


def test_a_command_among_the_alternatives_is_no_answer() -> None:
    both = Match(
        (
            Interpretation("", "421903", 0.3, "voice", "own"),
            Interpretation("", "repeat", 0.9, "voice", "universals"),
        )
    )
    call = asked(replace(NUMBER, length=None), both)
    assert (call.notes[0].confidence, call.fields) == (0.3, ["number", "number"])


def test_a_note_has_what_was_decided_and_how_sure_it_was() -> None:
    (note,) = asked(CHOICE, said(("a", 0.8))).notes
    assert (note.decision, note.confidence, note.tries, note.of_last) == ("accept", 0.8, 1, True)
    (nothing,) = asked(CHOICE, NoMatch()).notes
    assert (nothing.decision, nothing.confidence, nothing.tries) == ("retry", None, 0)


def test_a_note_says_whether_it_is_of_what_was_heard_last() -> None:
    first, other = said(("421903", 0.34)), said(("582722", 0.2))
    assert [one.of_last for one in asked(NUMBER, first, first).notes] == [True, True]
    assert [one.of_last for one in asked(NUMBER, first, other).notes] == [True, False]
    assert [one.of_last for one in asked(NUMBER, first, other, NoMatch()).notes][2], (
        "nothing was heard last"
    )


def test_digits_around_a_gap_are_of_the_number_that_was_heard() -> None:
    (note,) = asked(NUMBER, GAP).notes
    assert (note.decision, note.of_last) == ("complete", True)


# -- read back ------------------------------------------------------------------------------------


def test_a_number_is_read_back_and_may_be_corrected_in_its_own_grammar() -> None:
    _, back = asked(NUMBER, said(("421903", 0.6))).collects
    assert back.field == "yesno"
    assert back.prompts == (Prompt("number.confirm", 1, {"number": "421903"}),)
    assert back.grammars == ("yesno.grxml", "universals.grxml", "number.grxml")


def test_a_confirmed_number_is_as_sure_as_the_yes_to_it() -> None:
    call = asked(NUMBER, said(("421903", 0.6)), said(("yes", 0.95)))
    assert call.decided == ["confirm", "accept", "accept"][: len(call.decided)]
    assert call.value == "421903"
    assert isinstance(call.ended, Filled)
    assert call.ended.mode == "voice"
    assert call.ended.confidence == pytest.approx(0.966, abs=0.001), "0.95 with a prior of 0.6"
    keyed = asked(NUMBER, said(("421903", 0.6)), said(("yes", 1.0), mode="dtmf"))
    assert keyed.ended == Filled("421903", "voice", 1.0)


def test_a_denied_number_is_a_miss_and_is_not_offered_again() -> None:
    unsure = said(("421903", 0.6), ("777777", 0.4))
    call = asked(NUMBER, unsure, NO, unsure)
    assert call.said()[2] == (("number.nomatch", 1),)
    assert [dict(one.prompts[0].values) for one in call.collects[1::2]] == [
        {"number": "421903"},
        {"number": "777777"},
    ]


def test_a_number_keyed_instead_of_no_is_accepted() -> None:
    other = said(("582722", 0.02), mode="dtmf", grammar="number")
    assert asked(NUMBER, said(("421903", 0.6)), other).ended == Filled("582722", "dtmf", 0.02)


def test_a_number_said_instead_of_no_is_weighed_with_earlier_attempts() -> None:
    other = said(("582722", 0.97), grammar="number")
    call = asked(NUMBER, said(("421903", 0.6)), other)
    assert call.value == "582722"
    assert (call.decided[-1], call.notes[-1].tries, call.notes[-1].of_last) == ("accept", 2, True)
    unsure = asked(NUMBER, said(("421903", 0.6)), said(("582722", 0.6), grammar="number"))
    assert unsure.fields == ["number", "yesno", "yesno"]
    assert dict(unsure.collects[2].prompts[0].values) == {"number": "582722"}


@pytest.mark.parametrize("unsure", [said(("421903", 0.6)), GAP])
def test_leaving_a_read_back_leaves_the_question(unsure: Result) -> None:
    assert asked(NUMBER, unsure, command("goodbye")).why == "goodbye"
    assert asked(NUMBER, unsure, HungUp()).why == "hangup"


# -- parts of a number ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "length", "read_back"),
    [
        ("42", 6, None),
        ("421", 6, "421"),
        ("42190", 6, "42190"),
        ("42", 5, None),
        ("421", 5, "421"),
        ("4?1903", 6, "4?1903"),
        ("?21903", 6, "?21903"),
        ("4?1?03", 6, None),
        ("4?190", 6, None),
        ("?", 6, None),
        ("4219031", 6, None),
    ],
)
def test_half_of_a_number_is_read_back_or_what_is_around_one_gap(
    value: str, length: int, read_back: str | None
) -> None:
    """A part is worth a third of a try at most, so nothing better can be done with it."""
    call = asked(replace(NUMBER, length=length), part((value, 0.9)))
    number = call.collects[1].prompts[0].values.get("number")
    assert number == read_back
    if read_back is not None:
        event = "number.gap" if "?" in value else "number.partial"
        assert call.collects[1].prompts[0].key == event
        assert call.collects[1].grammars == ("yesno.grxml", "universals.grxml")
        assert call.decided == ["complete"]


def test_only_a_question_in_parts_keeps_half_of_an_answer() -> None:
    whole = replace(NUMBER, in_parts=False)
    assert asked(whole, part(("42190", 0.9))).fields == ["number", "number"]
    assert asked(whole, GAP).fields == ["number", "yesno"]
    assert asked(whole, GAP).decided == ["confirm"]


@pytest.mark.parametrize(
    ("value", "mode", "kept"), [("421", "voice", False), ("4219", "voice", True)]
)
def test_a_possible_secret_is_not_read_back(value: str, mode: str, kept: bool) -> None:
    assert asked(CAREFUL, part((value, 0.9))).fields == ["number", "yesno" if kept else "number"]


def test_a_part_that_may_not_be_aloud_is_asked_for_as_a_whole() -> None:
    assert asked(NUMBER, part(("4219", 0.9), mode="mixed")).fields[1] == "yesno"
    assert asked(CAREFUL, part(("4219", 0.9), mode="mixed")).fields[1] == "number"
    mixed = said(("421903", 0.5), ("425903", 0.45), mode="mixed")
    assert asked(CAREFUL, mixed).fields[1] == "number"


def test_only_the_likeliest_part_is_read_back() -> None:
    assert asked(NUMBER, part(("4", 0.5), ("4219", 0.4))).fields == ["number", "number"]
    commanded = part(("4219", 0.5), grammar="universals")
    assert asked(NUMBER, commanded).fields == ["number", "number"]


def test_a_part_is_read_back_only_where_nothing_better_is_known() -> None:
    """The whole number of the try before is surer."""
    call = asked(NUMBER, said(("421903", 0.34)), part(("42190", 0.9)))
    assert call.decided == ["retry", "confirm"]
    assert dict(call.collects[2].prompts[0].values) == {"number": "421903"}


def test_a_denied_part_is_a_miss_and_no_number_with_it_is_taken() -> None:
    call = asked(NUMBER, part(("421", 0.9)), NO, said(("421903", 0.97)), KEYED)
    assert call.said()[2:] == [(("number.nomatch", 1),), (("number.nomatch", 2),)]
    assert call.value == "999999"
    other = asked(NUMBER, part(("421", 0.9)), NO, said(("521903", 0.97)))
    assert dict(other.collects[3].prompts[0].values) == {"number": "521903"}


def test_the_digits_that_are_missing_at_the_end_are_asked_for() -> None:
    question = replace(CAREFUL, spelled="&spelled=yes")
    call = asked(question, part(("4219", 0.9)), YES, said(("03", 0.97)))
    rest = call.collects[2]
    assert (rest.field, rest.grammars[0]) == ("number_rest", "digits.grxml?length=2&spelled=yes")
    assert rest.prompts == (Prompt("number_rest.ask", 1, {"missing": 2}),)
    assert call.ended == Filled("421903", "voice", 0.97)


@pytest.mark.parametrize(("value", "place"), [("42190", 6), ("4?1903", 2), ("?21903", 1)])
def test_one_digit_is_asked_for_by_its_place(value: str, place: int) -> None:
    call = asked(NUMBER, part((value, 0.9)), YES, said(("7", 0.97)))
    digit = call.collects[2]
    assert (digit.field, digit.grammars[0]) == ("number_digit", "digits.grxml?length=1")
    assert digit.prompts == (Prompt("number_digit.ask", 1, {"place": place}),)
    assert call.value == f"{value[: place - 1]}7{value[place:]}"


def test_a_digit_heard_before_has_more_confidence_than_a_new_one() -> None:
    doubtful = said(("1", 0.93), ("9", 0.07))
    known = asked(NUMBER, GAP, YES, doubtful)
    assert known.value == "421903"
    assert asked(NUMBER, part(("42?903", 0.9)), YES, doubtful).fields[-1] == "yesno"


def test_a_digit_that_is_not_sure_is_read_back() -> None:
    call = asked(NUMBER, part(("42190", 0.9)), YES, said(("3", 0.6)), YES)
    assert call.collects[3].prompts == (Prompt("number_digit.confirm", 1, {"number": "3"}),)
    assert call.value == "421903"


@pytest.mark.parametrize(("mode", "whole"), [("dtmf", "mixed"), ("voice", "voice")])
def test_a_number_is_mixed_if_its_end_is_given_in_another_mode(mode: str, whole: str) -> None:
    end = said(("03", 0.99), mode="dtmf" if mode == "dtmf" else "voice")
    call = asked(NUMBER, part(("4219", 0.9)), YES, end)
    assert isinstance(call.ended, Filled)
    assert (call.ended.value, call.ended.mode) == ("421903", whole)


def test_leaving_at_the_missing_digits_leaves_the_number() -> None:
    call = asked(NUMBER, part(("4219", 0.9)), YES, command("startover"))
    assert call.why == "startover"


def test_the_missing_digits_are_as_discreet_as_the_number() -> None:
    """Keys are not read aloud there either."""
    unsure = said(("03", 0.8), mode="mixed")
    assert asked(NUMBER, part(("4219", 0.9)), YES, unsure).fields[-1] == "yesno"
    assert asked(CAREFUL, part(("4219", 0.9)), YES, unsure).fields[-1] == "number_rest"


# -- the end of an entry that was too long --------------------------------------------------------


def test_the_end_of_too_long_an_entry_is_never_sure() -> None:
    """Worth 0.6 at most: read back, as 0.93 would be, and never taken."""
    call = asked(NUMBER, part(("421903", 1.0)))
    assert call.fields == ["number", "yesno"]
    assert call.notes[0].confidence == 0.6
    assert asked(NUMBER, part(("421903", 0.5))).notes[0].confidence == 0.5


@pytest.mark.parametrize(("end", "counts"), [("77", False), ("78", True)])
def test_the_end_of_a_possible_secret_does_not_count(end: str, counts: bool) -> None:
    call = asked(replace(CAREFUL, length=2), part((end, 1.0)))
    assert call.notes[0].confidence == (0.6 if counts else None)


def test_an_end_without_a_length_is_no_answer() -> None:
    assert asked(CHOICE, part(("a", 1.0))).notes[0].confidence is None


def test_a_part_counts_for_every_number_that_it_fits() -> None:
    """It makes an answer of 0.8 sure enough, and one of 0.8 alone is read back."""
    assert asked(NUMBER, said(("421903", 0.8))).fields == ["number", "yesno"]
    before = part(("21", 0.9))
    assert asked(NUMBER, before, said(("421903", 0.9), ("777777", 0.05))).value == "421903"


KEYED = said(("999999", 1.0), mode="dtmf")
