"""What the caller heard between two turns, as the record of the call has it.

A sentence that tells of the caller is NOT_KEPT: whoever may read the call need not be allowed to
read the account (S10).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.calls.trace import HIDDEN, TraceEvent
from bot.records import TurnRecord

NOT_KEPT = "[not kept]"
INTERRUPTED = "[interrupted]"
LONGEST = 1_000
"""Characters of one text; 15 of them are a second."""
LONGEST_OF_CALL = 16_000
"""Characters of a call's texts, which with its turns stay below what a backend takes at once."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said before one turn, and what barge-in or a hangup took back of it."""

    text: str | None = None
    unheard: str | None = None


def with_what_was_heard(
    turns: Sequence[TurnRecord], events: Sequence[TraceEvent]
) -> tuple[tuple[TurnRecord, ...], Heard]:
    """The turns, each with what was heard before it, and what was heard after the last one."""
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
    """Consecutive sentences as one text; a pause within a sentence becomes a comma."""
    said = " ".join(one if one[-1:] in ".?!,:;]" else f"{one}," for one in texts)
    return said.removesuffix(",")


def _of(events: Sequence[TraceEvent], turn: int, turns: int) -> Iterator[TraceEvent]:
    """The sentences before a turn; those of a turn that was taken back are before the next."""
    for event in events:
        if event.lane in {"reply", "unheard"} and min(event.turn, turns) == turn:
            yield event


def _texts(sentences: Sequence[TraceEvent]) -> Iterator[str]:
    """Each sentence once, though it was paused and went on, and what is hidden once in a row."""
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
