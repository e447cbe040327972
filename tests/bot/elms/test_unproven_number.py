"""A number that may hold a PIN: never read aloud if keyed, and kept only once it is proven.

Six digits that begin with a PIN look like a license number. The number is proven when the backend
says that the PIN given with it is right; until then nothing that is written has it (S2, S14).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.elms.call_page_wording import WORDING
from bot.elms.requests import FetchAccount, Verify
from bot.lines.simulated_caller import CallerAction
from bot.records import CALL
from bot.reports import call_page
from tests.bot.calls.test_calls import Scene, Talked, talk
from tests.support.dialog_driver import LICENSE_NUMBER, PIN
from tests.support.fakes import RATE, spoken

pytestmark = pytest.mark.call

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def in_words(digits: str) -> str:
    return " ".join(WORDS[int(digit)] for digit in digits)


def called(*actions: CallerAction) -> Talked:
    """The caller does this, then waits for whatever is said, and is silent."""
    return talk(Scene(list(actions)))


def keyed(*entries: str) -> Talked:
    return called(*(CallerAction(keys=keys) for keys in entries))


def texts_kept(talked: Talked) -> Iterator[str]:
    """What a call leaves behind, but for times and sizes: record, hand-over, trace."""
    record = talked.record
    for turn in record.turns:
        yield from (turn.utterance or "", turn.value or "")
        yield from (words for _, words in turn.partials)
    for handover in (record.handover, talked.line.transferred):
        yield repr(handover)
    yield repr(record.outcome)
    yield from (f"{event.text} {event.detail}" for event in talked.trace.events)


def digits_kept(talked: Talked) -> str:
    """Digits that were kept: spelled ones as figures, nothing between those of one text."""
    text = "|".join(texts_kept(talked)).lower()
    for value, word in enumerate(WORDS):
        text = text.replace(word, str(value))
    return text.replace(" ", "").replace(",", "")


def page(talked: Talked) -> str:
    """The call page, and the record as it is stored."""
    stored = CALL.dump_json(talked.record).decode()
    return call_page.render(talked.record, talked.trace.events, None, WORDING) + stored


def aloud(talked: Talked) -> str:
    """Every digit that was said, in order, whatever was said between them."""
    said = talked.voice.text.lower().replace(".", " ").replace(",", " ").split()
    return "".join(str(WORDS.index(word)) for word in said if word in WORDS)


# -- keys -------------------------------------------------------------------------------------

MISPLACED = {
    "the PIN, then the number": ["5827421903"],
    "the PIN and two digits": ["582742"],
    "the PIN and zero twice": ["582700"],
    "the PIN and one digit": ["58274"],
    "the PIN and one digit, then silence and the rest": ["58271", "42190"],
    "two digits and the PIN": ["425827"],
    "the PIN within": ["158270"],
    "the PIN and three digits": ["5827421"],
    "the PIN and seven digits": ["58274219035"],
    "the PIN twice": ["58275827"],
    "the PIN three times": ["582758275827"],
    "the PIN, hash, the number": ["5827#421903#"],
    "the PIN and two digits, hash": ["582742#"],
    "half of the PIN": ["582"],
    "half of the PIN, and the rest": ["582", "7"],
    "the PIN and two digits, and a wrong PIN": ["582742", "1112"],
    "the PIN and two digits, twice": ["582742", "1112", "582742", "1113"],
    "the PIN and two digits, asked to check": ["582742", "1112", "1", "1113", "1114"],
    "the PIN and two digits, and a person": ["582742", "0"],
}


@pytest.mark.parametrize("entries", MISPLACED.values(), ids=MISPLACED.keys())
@pytest.mark.parametrize("gap_ms", [90, 1_500])
def test_a_pin_keyed_in_place_of_the_number_is_neither_spoken_nor_kept(
    entries: list[str], gap_ms: int
) -> None:
    talked = called(*(CallerAction(keys=keys, gap_ms=gap_ms) for keys in entries))
    assert talked.record.turns
    assert "582" not in aloud(talked)
    assert "582" not in digits_kept(talked)
    for entry in entries:
        assert not any(entry[at : at + 6] in page(talked) for at in range(len(entry) - 5))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.text("0123456789", max_size=7), st.text("0123456789#*", max_size=7)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([90, 900, 1_500]),
)
def test_no_reply_and_no_record_has_a_pin_whatever_is_keyed_around_it(
    around: list[tuple[str, str]], gap_ms: int
) -> None:
    entries = [f"{before}{PIN}{behind}" for before, behind in around]
    talked = called(*(CallerAction(keys=keys, gap_ms=gap_ms) for keys in entries))
    if talked.record.outcome.verified:
        return
    assert PIN not in aloud(talked)
    assert PIN not in digits_kept(talked)


def test_a_number_and_a_pin_keyed_in_one_go_are_accepted() -> None:
    talked = keyed(f"{LICENSE_NUMBER}{PIN}", "4")
    assert talked.record.outcome.verified
    assert [turn.field for turn in talked.record.turns] == ["license_number", "pin", "menu"]
    assert talked.record.turns[0].value == LICENSE_NUMBER


@pytest.mark.parametrize("too_many", ["4219035", "42190358", "421903582"])
def test_extra_keys_are_neither_a_number_nor_a_pin(too_many: str) -> None:
    talked = keyed(too_many, LICENSE_NUMBER, PIN, "4")
    assert "more than the six digits" in talked.voice.text
    assert talked.record.outcome.verified
    assert _pins(talked) == [PIN]


def test_a_caller_who_keeps_keying_too_many_digits_reaches_a_person() -> None:
    talked = keyed("4219035", "4219035", "4219035")
    assert talked.record.outcome.outcome == "transferred"
    assert _pins(talked) == []


@pytest.mark.parametrize("rest", ["1", "12", "2222"])
def test_keys_after_number_and_pin_answer_no_question(rest: str) -> None:
    """The last keys of too long an entry: neither a yes to the check nor a choice of the menu."""
    right = keyed(f"{LICENSE_NUMBER}{PIN}{rest}", "4")
    assert [turn.field for turn in right.record.turns] == ["license_number", "pin", "menu"]
    assert right.record.turns[-1].value == "goodbye"
    wrong = keyed(f"{LICENSE_NUMBER}1112{rest}", LICENSE_NUMBER, PIN, "4")
    assert wrong.record.outcome.verified
    assert [turn.field for turn in wrong.record.turns][2:] == ["license_number", "pin", "menu"]


def test_the_key_for_a_person_works_after_a_full_entry() -> None:
    talked = keyed(f"{LICENSE_NUMBER}{PIN}0")
    assert talked.record.outcome.outcome == "transferred"


def test_a_keyed_number_is_keyed_again_and_not_read_aloud_after_a_refused_pin() -> None:
    talked = keyed(LICENSE_NUMBER, "1112", LICENSE_NUMBER, "1113", PIN, "4")
    fields = [turn.field for turn in talked.record.turns]
    assert fields == ["license_number", "pin", "license_number", "pin", "pin", "menu"]
    assert talked.record.outcome.verified
    assert LICENSE_NUMBER not in aloud(talked)


def test_another_number_keyed_after_a_refusal_is_asked_for_again_after_the_next_refusal() -> None:
    talked = keyed("999999", PIN, "888888", PIN, LICENSE_NUMBER, PIN, "4")
    assert [turn.field for turn in talked.record.turns][:6] == ["license_number", "pin"] * 3
    assert talked.record.outcome.verified


# -- what is kept ------------------------------------------------------------------------------


def test_a_number_is_kept_once_a_pin_was_right_with_it() -> None:
    talked = keyed(LICENSE_NUMBER, PIN, "4")
    assert talked.record.outcome.license_number == LICENSE_NUMBER
    assert talked.record.turns[0].value == LICENSE_NUMBER
    assert LICENSE_NUMBER in page(talked)
    assert f"{LICENSE_NUMBER} → {LICENSE_NUMBER}" in [
        event.text.replace(" ", "").replace("→", " → ") for event in talked.trace.events
    ]


def test_neither_record_nor_handover_has_a_digit_of_an_unproven_number() -> None:
    talked = keyed(LICENSE_NUMBER, "0")
    assert talked.record.outcome.outcome == "transferred"
    assert talked.line.transferred is not None
    assert talked.line.transferred.license_number is None
    assert LICENSE_NUMBER not in digits_kept(talked)
    assert LICENSE_NUMBER not in page(talked)


@pytest.mark.parametrize("number", ["582742", "582700", "425827"])
def test_a_pin_spoken_in_place_of_the_number_is_stored_nowhere(number: str) -> None:
    talked = called(
        CallerAction(pcm=spoken(in_words(number))),
        CallerAction(keys="1112"),
        CallerAction(pcm=spoken("yes")),
    )
    assert talked.record.turns[0].result == "match"
    assert number in aloud(talked), "a spoken number is read back: it may have been misheard"
    assert PIN not in digits_kept(talked)


def test_a_withdrawn_number_is_not_kept_with_the_proven_one() -> None:
    talked = called(
        CallerAction(pcm=spoken(in_words("582742"))),
        CallerAction(keys="1112"),
        CallerAction(pcm=spoken("no")),
        CallerAction(pcm=spoken("four two one nine oh three")),
        CallerAction(keys=PIN),
        CallerAction(keys="4"),
    )
    assert talked.record.outcome.license_number == LICENSE_NUMBER
    assert LICENSE_NUMBER in digits_kept(talked)
    assert PIN not in digits_kept(talked)


def sounds_of_a_read_back(number: str, pin: str, folder: Path) -> int:
    """How many runs of sound the recording has of “I heard …, is that right?”."""
    talked = talk(
        Scene(
            [
                CallerAction(pcm=spoken(in_words(number))),
                CallerAction(pcm=spoken("yes")),
                CallerAction(keys=pin),
                CallerAction(keys="4"),
            ],
            alternatives=[(in_words(number), in_words(f"{number[:3]}5{number[4:]}"), -2.5)],
            voice_is_loud=True,
        )
    )
    assert "I heard" in talked.voice.text
    talked.recorder.write(folder / "call.wav")
    reply = soundfile.read(folder / "call.wav", dtype="int16")[0][:, 1]
    given, asking = (turn.timing for turn in talked.record.turns[:2])
    assert asking.prompt_end_ms is not None
    asked = reply[given.end_ms * RATE // 1000 : asking.prompt_end_ms * RATE // 1000]
    return int(np.count_nonzero(np.diff(np.concatenate([[0], asked])) > 0))


def test_the_read_back_of_a_number_is_recorded_only_once_the_number_is_proven(
    tmp_path: Path,
) -> None:
    assert sounds_of_a_read_back(LICENSE_NUMBER, PIN, tmp_path) == 2 + 6
    assert sounds_of_a_read_back("582742", "1112", tmp_path) == 2


def _pins(talked: Talked) -> list[str]:
    """The PINs that were spent."""
    assert all(isinstance(one, Verify | FetchAccount) for one in talked.backend.requests)
    return [one.pin for one in talked.backend.requests if isinstance(one, Verify)]
