"""Keeps the turns of a call, and the caller's audio in them, as far as permitted.

A turn is kept once the dialog has decided about it, and its words once the call is over.
"""

from __future__ import annotations

from dataclasses import replace

from bot.calls.heard import Heard, with_what_was_heard
from bot.calls.recorder import CallRecorder
from bot.calls.redaction import FinishedTurn, is_proven
from bot.calls.trace import Trace
from bot.records import TurnRecord
from bot.types import Note


class KeptTurns:
    """``records`` are the turns so far; ``recorder`` deletes audio that must not be kept."""

    def __init__(self, trace: Trace, recorder: CallRecorder | None) -> None:
        self._trace = trace
        self._recorder = recorder
        self._heard: FinishedTurn | None = None
        self._unproven: list[tuple[int, FinishedTurn, Note | None]] = []
        self._audible: list[tuple[int, int]] = []
        self._unanswered = False
        self.records: list[TurnRecord] = []

    def heard(self, turn: FinishedTurn) -> None:
        """Note an answered question; the dialog's decision about it follows."""
        self._heard = turn

    def tell(self, note: Note | None, now_ms: int) -> None:
        """Keep and show the last turn, now that the dialog has decided about it."""
        if self._heard is None:
            return
        turn, self._heard = self._heard, None
        if turn.holds_more(note):
            self.forget(turn.collected.timing.start_ms, now_ms)
        if span := turn.audible(note):
            self._audible.append(span)
        if turn.unproven(note):
            self._unproven.append((len(self.records), turn, note))
        self.records.append(turn.kept(note))
        self._trace.turns = len(self.records)
        self._unanswered = True
        turn.tell(self._trace, note)

    def mark(self) -> tuple[int, ...]:
        """A mark of how much is kept so far."""
        return len(self.records), len(self._unproven), len(self._audible)

    def withdraw(self, mark: tuple[int, ...]) -> None:
        """Keep nothing after this mark: it was taken back."""
        records, unproven, audible = mark
        del self.records[records:], self._unproven[unproven:], self._audible[audible:]
        self._heard = None
        self._trace.turns = len(self.records)

    def decided(self, note: Note, now_ms: int) -> None:
        """Note the dialog's decision about the latest turn."""
        self.records[-1:] = [replace(turn, decision=note.decision) for turn in self.records[-1:]]
        together = note.confidence is not None and note.tries > 1
        detail = f"{note.confidence:.2f} from {note.tries} tries" if together else ""
        self._trace.add(now_ms, "decision", note.decision, detail=detail)

    def replied(self, behind_ms: int) -> str:
        """Note how long after the turn's last event the reply begins; return the caller's wait in
        words, or "" if there was nothing to reply to, or a reply was already heard.
        """
        turn = self.records[-1] if self.records and self._unanswered else None
        self._unanswered = False
        if turn is None or turn.timing.reply_after_ms is None:
            return ""
        waited_ms = turn.timing.reply_after_ms + max(0, behind_ms)
        timing = replace(turn.timing, reply_after_ms=waited_ms)
        self.records[-1] = replace(turn, timing=timing)
        return f"{waited_ms} ms after the caller"

    def forget(self, from_ms: int, to_ms: int) -> None:
        """Note that the caller may have said a secret in between."""
        if self._recorder is not None:
            self._recorder.forget(from_ms, to_ms)

    def settle(self, proven: str) -> tuple[tuple[TurnRecord, ...], Heard]:
        """Keep what belongs to the number with which a secret was right, and nothing of any other.

        Return the turns with what was heard before each, and what was heard after the last.
        """
        for place, turn, note in self._unproven:
            self.records[place] = turn.with_words(self.records[place], note, proven)
            if span := turn.audible(note, proven):
                self._audible.append(span)
            elif turn.withheld(note, proven):
                timing = turn.collected.timing
                self.forget(timing.start_ms, timing.end_ms)
        self._unproven.clear()
        self._trace.settle(lambda number: is_proven(number, proven))
        if self._recorder is not None:
            self._recorder.settle(lambda number: is_proven(number, proven))
            self._recorder.keep_only(self._audible)
        return with_what_was_heard(self.records, self._trace.events)
