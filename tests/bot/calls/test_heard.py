"""What a record has of what the caller heard: in order, once, and nothing of the caller."""

from __future__ import annotations

import pytest

from bot.calls.heard import with_what_was_heard
from bot.calls.trace import Trace
from bot.records import Timing, TurnRecord
from bot.types import Say

pytestmark = pytest.mark.unit

ASK = Say("Please say or key your license number.")


def turns(count: int) -> list[TurnRecord]:
    return [TurnRecord("menu", 1, "match", Timing(0, 0)) for _ in range(count)]


def test_each_turn_has_what_was_heard_before_it_though_all_happened_at_once() -> None:
    """A typed call has no audio, and all its times are zero."""
    trace = Trace()
    for turn, words in enumerate(("Welcome.", "Menu.", "Goodbye.")):
        trace.turns = turn
        trace.said(0, Say(words), 0)
    kept, last = with_what_was_heard(turns(2), trace.events)
    assert [turn.heard for turn in kept] == ["Welcome.", "Menu."]
    assert (last.text, last.unheard) == ("Goodbye.", None)


def test_words_taken_back_by_bargein_are_shown_separately() -> None:
    trace = Trace()
    trace.said(0, ASK, 2_000)
    trace.fell_silent(900)
    trace.unheard(0, Say("If you have none, press pound."))
    (turn,), _ = with_what_was_heard(turns(1), trace.events)
    assert turn.heard == "Please say or key your license number. [interrupted]"
    assert turn.unheard == "If you have none, press pound."


def test_a_sentence_that_was_paused_and_went_on_is_heard_once() -> None:
    trace = Trace()
    trace.said(0, ASK, 2_000)
    trace.fell_silent(900)
    trace.said(1_500, ASK, 2_900)
    (turn,), _ = with_what_was_heard(turns(1), trace.events)
    assert turn.heard == ASK.text


@pytest.mark.parametrize(
    "said",
    [
        Say("Your renewal is in review.", confidential=True),
        Say("I will call you at the number that ends in 0142.", private=True),
        Say("Your renewal is in review.", private=True, confidential=True),
    ],
)
def test_personal_details_of_the_caller_are_not_kept(said: Say) -> None:
    trace = Trace()
    trace.said(0, ASK, 900)
    trace.said(900, said, 1_900)
    trace.said(1_900, said, 2_900)
    (turn,), _ = with_what_was_heard(turns(1), trace.events)
    assert turn.heard == f"{ASK.text} [not kept]"


@pytest.mark.parametrize(
    ("proven", "heard"),
    [(True, "I heard, four, two. Is that right?"), (False, "I heard, ••••, Is that right?")],
)
def test_a_number_is_in_the_record_once_it_is_proven(proven: bool, heard: str) -> None:
    trace = Trace()
    trace.said(0, Say("I heard"), 100)
    trace.said(100, Say("four", True, "42"), 200)
    trace.said(200, Say("two.", True, "42"), 300)
    trace.said(300, Say("Is that right?"), 900)
    trace.settle(lambda number: proven and number == "42")
    (turn,), _ = with_what_was_heard(turns(1), trace.events)
    assert turn.heard == heard


def test_a_long_call_fits_into_what_a_backend_takes() -> None:
    trace = Trace()
    for turn in range(200):
        trace.turns = turn
        for number in range(30):
            trace.said(0, Say(f"A sentence with the number {number} and more words in it."), 0)
    kept, last = with_what_was_heard(turns(200), trace.events)
    assert max(len(turn.heard or "") for turn in kept) == 1_000
    assert sum(len(turn.heard or "") for turn in kept) == 16_000
    assert last.text is None
