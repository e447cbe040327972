"""How a conversation is shown in the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from bot.calls.trace import HIDDEN, Trace, TraceEvent
from bot.commands.console import Conversation
from bot.commands.mic import _Heard

pytestmark = pytest.mark.unit

READ_BACK = ("I heard", "four", "two", "one", "nine", "zero", "three", "Is that right?")


def shown(*events: TraceEvent, read: bool = True, verbose: bool = False) -> list[str]:
    """What is printed for these events, line by line, with single spaces."""
    out = StringIO()
    conversation = Conversation(
        Console(file=out, width=100), verbose, timed=False, read=read, explain=explained
    )
    for event in events:
        conversation(event)
    conversation.flush()
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def explained(event: TraceEvent) -> list[str]:
    return [f"nothing in {uri}" for uri in event.missed]


def replies(*sentences: str) -> tuple[TraceEvent, ...]:
    return tuple(TraceEvent(0, "reply", sentence) for sentence in sentences)


def test_a_number_that_is_read_back_is_one_line() -> None:
    assert shown(*replies(*READ_BACK)) == [
        "ELMS I heard four two one nine zero three",
        "ELMS Is that right?",
    ]


def test_a_sentence_is_shown_when_it_is_heard() -> None:
    assert len(shown(*replies(*READ_BACK), read=False)) == len(READ_BACK)


def test_an_entry_ends_the_line_of_an_interrupted_sentence() -> None:
    caller = TraceEvent(0, "caller", "yes → yes")
    assert shown(*replies("I heard", "four"), caller) == ["ELMS I heard four", "caller yes → yes"]


def test_whole_sentences_are_shown_at_once() -> None:
    out = StringIO()
    conversation = Conversation(Console(file=out, width=100), timed=False, read=True)
    conversation(TraceEvent(0, "reply", "Goodbye."))
    assert "Goodbye." in out.getvalue()


def test_entries_not_understood_are_explained_below() -> None:
    missed = TraceEvent(0, "caller", "(not understood)", missed=("menu.grxml",))
    assert shown(missed) == ["caller (not understood)", "nothing in menu.grxml"]


def test_partial_words_are_shown_while_the_caller_speaks_and_stored_nowhere() -> None:
    heard, printed = _Heard(), StringIO()
    trace = Trace((heard, Conversation(Console(file=printed))))
    trace.hearing(100, ("four",))
    trace.hearing(200, ("four", "two"))
    assert heard.words == "four two"
    trace.add(300, "caller", "four two")
    assert heard.words == ""
    assert [event.lane for event in trace.events] == ["caller"]
    assert printed.getvalue().count("four two") == 1


def test_partial_words_are_in_no_written_output() -> None:
    told: list[TraceEvent] = []
    Trace((told.append,)).hearing(100, ("four", "two"))
    assert told[0].text == HIDDEN
    assert "four" not in repr(told[0])
