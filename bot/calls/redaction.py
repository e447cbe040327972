"""Decides what is kept of a turn, and what goes to the trace.

A secret entry loses its words here, and so does whatever may be a secret given at another question
(S2): anything not understood or broken off; and at a question for digits, anything the dialog did
not accept, or that is followed by a command. Accepted digits are withheld until they are proven:
part of the number with which a secret was right. For a command, its name is enough. Words spoken
but not part of the entry are not kept anywhere. Caller audio is kept only for accepted answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.calls.trace import HIDDEN, Trace
from bot.dialog.evidence import fits
from bot.records import TurnRecord
from bot.turn.collect import Collected
from bot.types import (
    Collect,
    HungUp,
    Interpretation,
    Match,
    NoInput,
    NoMatch,
    Note,
    Result,
    is_command,
)

_Name = Literal["match", "nomatch", "noinput", "hangup"]


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """One question and its entry; ``of_digits`` is True for a question for digits.

    ``note`` is the dialog's immediate decision, None if there was none.
    """

    step: Collect
    collected: Collected
    of_digits: bool

    def holds_more(self, note: Note | None) -> bool:
        """True if the caller may have said something that must not be kept, in a field that is not
        secret: the recording shows it as muted.
        """
        return self.collected.left_out or self._may_be_secret(note)

    def unproven(self, note: Note | None) -> str:
        """The digits accepted as a number, or as part of one; empty for anything else."""
        if self._best is None or not self._of_digits or self._hidden(note):
            return ""
        return self._best.value

    def withheld(self, note: Note | None, proven: str = "") -> bool:
        """Return True if the words must not be kept: never, or not unless more is proven."""
        number = self.unproven(note)
        return self._hidden(note) or bool(number and not is_proven(number, proven))

    def audible(self, note: Note | None, proven: str = "") -> tuple[int, int] | None:
        """Return the time span in which the recording may contain the caller (ms): an accepted
        answer.
        """
        timing = self.collected.timing
        start_ms, end_ms = timing.speech_start_ms, timing.speech_end_ms
        if start_ms is None or end_ms is None or not _is_taken(note):
            return None
        if self.withheld(note, proven) or self.collected.left_out:
            return None
        return start_ms, end_ms

    def kept(self, note: Note | None, proven: str = "") -> TurnRecord:
        """Return the stored record; of entries hidden outside secret fields, only a command's name.

        ``proven`` is the number with which a secret was right, once there is one.
        """
        step, collected, best = self.step, self.collected, self._best
        hidden = self.withheld(note, proven)
        named = best is not None and is_command(best.grammar) and not step.secret
        return TurnRecord(
            field=step.field,
            attempt=step.attempt,
            result=_name(collected.result),
            timing=collected.timing,
            mode=best.mode if best else _mode(collected.result),
            confidence=_rounded(best) if best else None,
            utterance=best.utterance if best and not hidden else None,
            value=best.value if best and (named or not hidden) else None,
            grammar=best.grammar if best else None,
            bargein=collected.bargein,
            partials=() if hidden else self._partials(note),
        )

    def with_words(self, record: TurnRecord, note: Note | None, proven: str) -> TurnRecord:
        """Return this turn's kept record, with its words if they are proven."""
        kept = self.kept(note, proven)
        return replace(record, utterance=kept.utterance, value=kept.value, partials=kept.partials)

    def tell(self, trace: Trace, note: Note | None) -> None:
        """Add to the trace: partial results, timers, and the entry as it was understood."""
        collected, number = self.collected, self.unproven(note)
        rows = [(at_ms, "partial", words) for at_ms, words in self._partials(note)]
        rows += [(at_ms, "timer", text) for at_ms, text in collected.timeline]
        for at_ms, lane, text in sorted(rows):
            if lane == "timer":
                trace.add(at_ms, "timer", text)
            else:
                trace.add(at_ms, "partial", text, number=number)
        began_ms, end_ms = collected.timing.speech_start_ms, collected.timing.end_ms
        trace.add(
            end_ms if began_ms is None else began_ms,
            "caller",
            _text(self._best, self._hidden(note), _name(collected.result)),
            end_ms,
            _detail(self._best, collected),
            number,
            self._missed,
        )

    @property
    def _of_digits(self) -> bool:
        """Return True at a read-back as well: digits may be given there instead of "no"."""
        return self.of_digits or (self._best is not None and self._best.value.isdigit())

    @property
    def _best(self) -> Interpretation | None:
        result = self.collected.result
        return result.best if isinstance(result, Match) else None

    @property
    def _missed(self) -> tuple[str, ...]:
        missed = isinstance(self.collected.result, NoMatch) and not self.step.secret
        return self.step.grammars if missed else ()

    def _hidden(self, note: Note | None) -> bool:
        return self.step.secret or self._may_be_secret(note)

    def _may_be_secret(self, note: Note | None) -> bool:
        result = self.collected.result
        if isinstance(result, Match):
            refused = not _is_taken(note)
            return self._of_digits and (refused or is_command(result.best.grammar))
        return isinstance(result, NoMatch | HungUp)

    def _partials(self, note: Note | None) -> tuple[tuple[int, str], ...]:
        shown = self._best is not None and not self._hidden(note)
        return self.collected.partials if shown and not self.collected.left_out else ()


def is_proven(number: str, proven: str) -> bool:
    """Return True if these digits, or those around a gap, belong to the proven number."""
    return fits(number, proven) if len(number) == len(proven) else number in proven


def _is_taken(note: Note | None) -> bool:
    """Return True if the dialog uses this turn's entry: accepts it, reads it back, or obeys it."""
    return note is not None and note.of_last and note.decision in _TAKEN


_TAKEN = frozenset({"accept", "confirm", "complete", "event"})


def _rounded(best: Interpretation) -> float:
    """Return the confidence as it is stored, so that a page never shows two values of it."""
    return round(best.confidence, 3)


def _mode(result: Result) -> Literal["voice", "dtmf", "mixed"] | None:
    return result.mode if isinstance(result, NoMatch) else None


def _name(result: Result) -> _Name:
    names: dict[type, _Name] = {
        Match: "match",
        NoMatch: "nomatch",
        NoInput: "noinput",
        HungUp: "hangup",
    }
    return names[type(result)]


def _text(best: Interpretation | None, hidden: bool, name: _Name) -> str:
    if best is None:
        return {"nomatch": "(not understood)", "noinput": "(silence)"}.get(name, "(hung up)")
    if not hidden:
        return f"{best.utterance} → {best.value}"
    return best.value if is_command(best.grammar) else HIDDEN


def _detail(best: Interpretation | None, collected: Collected) -> str:
    if best is None:
        return ""
    after_ms = collected.timing.reply_after_ms
    after = f", decided after {after_ms} ms" if after_ms is not None else ""
    return f"{best.mode}, confidence {_rounded(best):.2f}{after}"
