"""Spoken and keyed parts of one entry: what they mean together, and which of them count."""

from __future__ import annotations

import pytest

from bot.grammar import Answer
from bot.hearing.confidence import Sound
from bot.hearing.result import RecognitionResult
from bot.turn.entry import Entry
from bot.types import Hypothesis, Match, NoMatch
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

NUMBER = active("digits.grxml?length=4", "universals.grxml")
YES_OR_NO = active("yesno.grxml", "universals.grxml")


def heard(*alternatives: str, apart: float = 1.0) -> RecognitionResult:
    """Alternatives, each so much less likely than the one before it."""
    likelihoods = (-apart * place for place in range(len(alternatives)))
    pairs = zip(alternatives, likelihoods, strict=True)
    return RecognitionResult(tuple(Hypothesis(tuple(one.split()), at) for one, at in pairs))


def entered(parts: str, entry: Entry | None = None) -> Entry:
    """Parts apart by commas: keys as figures, and words as words."""
    entry = entry or Entry(NUMBER, 10)
    for part in filter(None, parts.split(",")):
        if part.isdecimal():
            for key in part:
                entry.add_key(key)
        else:
            entry.add_spoken(heard(part))
    return entry


def values(result: Match | NoMatch) -> list[str]:
    nbest = result.nbest if isinstance(result, Match) else result.partial
    return [one.value for one in nbest]


@pytest.mark.parametrize(
    ("parts", "mode"),
    [
        ("", "voice"),
        ("four", "voice"),
        ("4", "dtmf"),
        ("42", "dtmf"),
        ("four,2", "mixed"),
        ("4,two", "mixed"),
        ("4,two,1", "mixed"),
    ],
)
def test_an_entry_can_be_spoken_keyed_or_both(parts: str, mode: str) -> None:
    entry = entered(parts)
    assert entry.mode == mode
    assert entry.empty is (parts == "")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ("4,four,2,two", True),
        ("four,4,two,2", True),
        ("four,4,two", True),  # one key
        ("4,four,2,nine", True),  # a half of the keys has its word
        ("4,four,21,nine", False),  # a third of them
        ("4,nine,2,one", False),
        ("4,four", False),  # no turns
        ("four,4", False),
        ("four two,4", False),
        ("42", False),
        ("four two", False),
        ("", False),
    ],
)
def test_saying_digits_while_keying_them_is_detected(parts: str, said: bool) -> None:
    assert entered(parts).said_while_keyed is said


def test_only_digits_can_be_said_while_they_are_keyed() -> None:
    assert not entered("1,one,2,two", Entry(YES_OR_NO, 10)).said_while_keyed


def test_the_keys_of_a_number_spoken_while_keyed_are_the_entry() -> None:
    found = entered("4,four,2,nine,1,one,9,nine").result(Sound())
    assert isinstance(found, Match)
    assert (values(found), found.best.mode, found.best.confidence) == (["4219"], "dtmf", 1.0)


@pytest.mark.parametrize(
    ("parts", "spoken_now", "answer"),
    [
        ("421", "", Answer.POTENTIAL),
        ("4219", "", Answer.MAX),
        ("four two", "one", Answer.POTENTIAL),
        ("four two", "one nine", Answer.MAX),
        ("four two,1", "", Answer.POTENTIAL),
        ("four two,1", "nine", Answer.MAX),
        ("four two,4219", "", Answer.MAX),  # too long together: the keys alone
        ("four two,42", "one nine", Answer.POTENTIAL),  # the words alone
        ("four two,4219", "representative", Answer.MAX),
        ("4", "representative", Answer.MAX),
        ("4,four,2,two", "", Answer.POTENTIAL),
        ("4,four,2,two,1,one,9", "", Answer.MAX),
    ],
)
def test_how_complete_an_entry_is(parts: str, spoken_now: str, answer: Answer) -> None:
    assert entered(parts).answer(spoken_now.split()) is answer


@pytest.mark.parametrize(
    ("parts", "mode", "found", "left_out"),
    [
        ("four two,19", "mixed", ["4219"], False),
        ("42,one nine", "mixed", ["4219"], False),
        ("four,2,one,9", "mixed", ["4219"], False),
        ("four two one,4219", "dtmf", ["4219"], True),
        ("421,representative", "mixed", ["representative"], False),
        ("421,four two one nine", "voice", ["4219"], True),
        ("blue,4219", "dtmf", ["4219"], True),  # noise, as nothing begins with it
    ],
)
def test_if_parts_do_not_combine_the_keys_count_or_else_the_last_words(
    parts: str, mode: str, found: list[str], left_out: bool
) -> None:
    entry = entered(parts)
    result = entry.result(Sound())
    assert isinstance(result, Match)
    assert (result.best.mode, values(result), entry.left_out) == (mode, found, left_out)


@pytest.mark.parametrize("keys", ["4", "421"])
def test_too_few_keys_keep_their_digits_under_the_name_of_the_field(keys: str) -> None:
    result = entered(keys).result(Sound())
    assert isinstance(result, NoMatch)
    (partial,) = result.partial
    assert (partial.value, partial.grammar, partial.mode) == (keys, "digits", "dtmf")
    assert partial.confidence == 1.0


def test_a_guess_is_the_least_likely_alternative() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(heard("four two one nine", "four two one five", apart=7.5))
    result = entry.result(Sound(), ["four", "two", "one", "three"])
    assert values(result) == ["4219", "4215", "4213"]
    assert values(entry.result(Sound(), ["four", "two", "one", "five"])) == ["4219", "4215"]


def test_a_partial_result_ranks_eight_points_below_the_last_alternative() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(heard("four two one nine", "four two one five", apart=7.5))
    guessed = entry.result(Sound(), ["four", "two", "one", "three"])
    other = Entry(NUMBER, 10)
    words = ("four two one nine", 0.0), ("four two one five", -7.5), ("four two one three", -15.5)
    other.add_spoken(RecognitionResult(tuple(Hypothesis(tuple(w.split()), at) for w, at in words)))
    assert isinstance(guessed, Match)
    assert guessed == other.result(Sound())


def test_no_guess_is_made_for_two_parts() -> None:
    entry = entered("four two")
    entry.add_spoken(heard("one"))
    assert values(entry.result(Sound(), ["four", "two", "one", "nine"])) == ["421"]


@pytest.mark.parametrize(
    ("words", "begins"), [("four", True), ("representative", True), ("blue", False), ("", False)]
)
def test_speech_that_cannot_start_an_entry_is_noise_once_a_key_follows(
    words: str, begins: bool
) -> None:
    entry = Entry(NUMBER, 10)
    assert entry.add_spoken(heard(words)) is (words != "")
    entry.add_key("4")
    assert entry.left_out is (words == "blue")
    assert entry.mode == ("mixed" if begins else "dtmf")


def test_only_the_first_speech_can_be_noise_and_only_if_no_word_of_it_starts_an_entry() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(heard("blue", "four"))
    entry.add_key("2")
    assert not entry.left_out
    later = entered("4,blue,2")
    assert not later.left_out


@pytest.mark.parametrize(
    ("parts", "doubtful"),
    [
        ("four two,1", True),
        ("four two,4219", False),  # the keys are whole
        ("421", False),
        ("four two one", False),
        ("4,four,2,two,1,one,9,nine", True),  # the last key may be said yet
    ],
)
def test_speech_can_have_been_noise_if_keys_start_an_entry(parts: str, doubtful: bool) -> None:
    assert entered(parts).doubtful is doubtful


def test_the_fifty_likeliest_combinations_of_two_parts_are_considered() -> None:
    entry = Entry(NUMBER, 100)
    tens = [f"{one} {other}" for one in DIGITS for other in DIGITS]
    entry.add_spoken(heard(*tens[:8], apart=0.1))
    entry.add_spoken(heard(*tens[:8], apart=0.1))
    assert len(values(entry.result(Sound()))) == 50


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def test_only_the_likeliest_words_say_how_complete_an_entry_is() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(heard("four two", "four two one nine"))
    assert entry.answer() is Answer.POTENTIAL
    assert entry.answer(["one", "nine"]) is Answer.MAX


def test_only_the_likeliest_words_can_be_those_of_the_keys() -> None:
    def turns(*alternatives: str) -> Entry:
        entry = Entry(NUMBER, 10)
        for key in "42":
            entry.add_key(key)
            entry.add_spoken(heard(*alternatives))
        return entry

    assert turns("four two", "nine").said_while_keyed
    assert not turns("nine", "four two").said_while_keyed


@pytest.mark.parametrize("guess", ["four two one nine", "four two one five"])
def test_a_partial_result_that_is_already_an_alternative_changes_nothing(guess: str) -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(heard("four two one nine", "four two one five", apart=0.5))
    assert entry.result(Sound(), guess.split()) == entry.result(Sound())


@pytest.mark.parametrize(
    ("words", "goes_on"),
    [("", False), ("four two", True), ("representative", False)],
)
def test_only_digits_go_on_with_an_entry(words: str, goes_on: bool) -> None:
    assert entered(words and f"four,{words}").takes_back is goes_on


@pytest.mark.parametrize(
    ("text", "mode", "empty"),
    [
        ("4 2 1 9", "dtmf", False),
        ("four two", "voice", False),
        ("4 two", "voice", False),
        ("[unk]", "voice", True),
    ],
)
def test_text_is_keys_if_it_has_nothing_else(text: str, mode: str, empty: bool) -> None:
    entry = Entry(NUMBER, 10)
    assert entry.add_text(text.split()) is not empty
    assert (entry.mode, entry.empty) == (mode, empty)


def test_alternatives_are_tried_without_being_added() -> None:
    entry = entered("four two")
    best = entry.best(heard("one nine"), Sound(), ())
    assert best is not None
    assert best.value == "4219"
    assert entry.best(heard("one"), Sound(), ()) is None
    assert values(entry.result(Sound())) == ["42"]


@pytest.mark.parametrize(("parts", "most"), [("4219", 1), ("four two one nine", 1)])
def test_the_number_of_meanings_is_limited(parts: str, most: int) -> None:
    assert len(values(entered(parts, Entry(NUMBER, most)).result(Sound()))) == most


@pytest.mark.parametrize(
    ("parts", "too_long"),
    [
        ("four two one", False),
        ("four two one nine oh three", True),
        ("four two one nine oh three five", True),
        ("four two one nine oh three five seven eight", False),
    ],
)
def test_more_digits_than_any_number_has_are_told(parts: str, too_long: bool) -> None:
    result = entered(parts).result(Sound())
    assert isinstance(result, NoMatch)
    assert result.too_long is too_long
