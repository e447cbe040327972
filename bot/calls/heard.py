"""Records what the caller heard between two turns.

A sentence with personal details is NOT_KEPT: whoever may read the call need not be allowed to read
the account (S10).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.calls.trace import HIDDEN, TraceEvent
from bot.records import TurnRecord

NOT_KEPT = "[not kept]"
INTERRUPTED = "[interrupted]"
LONGEST = 1_000
"""Most characters of one text; 15 characters are about a second."""
LONGEST_OF_CALL = 16_000
"""Most characters of a call's texts; with its turns they stay below the backend's limit."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said before one turn, and what a barge-in or hangup took back of it."""

    text: str | None = None
    unheard: str | None = None


def with_what_was_heard(
    turns: Sequence[TurnRecord], events: Sequence[TraceEvent]
) -> tuple[tuple[TurnRecord, ...], Heard]:
    """Return the turns, each with what was heard before it, and what was heard after the last
    one.
    """
    room = LONGEST_OF_CALL
    found: list[Heard] = []
    for turn in range(len(turns) + 1):
        sentences = list(_of(events, turn, len(turns)))
        text = joined(list(_texts([one for one in sentences if one.lane == "reply"])))
        unheard = joined(list(_texts([one for one in sentences if one.lane == "unheard"])))
        heard = Heard(_short(text), _short(unheard))
        room -= len(heard.text or "") + len(heard.unheard or "")
        found.append(heard if room >= 0 else Heard())
    kept = tuple(
        replace(turn, heard=one.text, unheard=one.unheard)
        for turn, one in zip(turns, found, strict=False)
    )
    return kept, found[-1]


def joined(texts: Sequence[str]) -> str:
    """Join consecutive sentences to one text; a pause within a sentence becomes a comma."""
    said = " ".join(one if one[-1:] in ".?!,:;]" else f"{one}," for one in texts)
    return said.removesuffix(",")


def _of(events: Sequence[TraceEvent], turn: int, turns: int) -> Iterator[TraceEvent]:
    """Return the sentences before a turn; those of a turn that was taken back go to the next."""
    for event in events:
        if event.lane in {"reply", "unheard"} and min(event.turn, turns) == turn:
            yield event


def _texts(sentences: Sequence[TraceEvent]) -> Iterator[str]:
    """Return each sentence once, even if it was paused and resumed; hidden ones once in a row."""
    before = ""
    for place, one in enumerate(sentences):
        following = sentences[place + 1 : place + 2]
        text = one.text if one.keepable else NOT_KEPT
        if one.cut and following and following[0].text == one.text:
            continue
        if text != before or text not in {NOT_KEPT, HIDDEN}:
            yield text
        if one.cut:
            yield INTERRUPTED
        before = text


def _short(text: str) -> str | None:
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return text or None
