"""What is kept of a turn, and what the trace tells of it.

Here a secret entry loses its words, and so does what may be a PIN where no PIN was asked for:
speech that meant nothing, and what was said or keyed with a command behind it where the question is
for digits. Of a command its name is enough.
"""

from __future__ import annotations

from typing import Literal

from bot.dialog import UNIVERSAL
from bot.records import TurnRecord
from bot.trace import HIDDEN, Trace
from bot.turn import Collected
from bot.types import Collect, HungUp, Interpretation, Match, NoInput, NoMatch, Result

_Name = Literal["match", "nomatch", "noinput", "hangup"]


def may_hold_a_pin(result: Result, *, of_digits: bool) -> bool:
    """Whether a caller may have said or keyed the PIN here, whatever was asked (S2)."""
    if isinstance(result, Match):
        return of_digits and result.best.grammar == UNIVERSAL
    return isinstance(result, NoMatch)


def keep(step: Collect, collected: Collected, *, hidden: bool) -> TurnRecord:
    """The stored record of one collect; of what is hidden outside secret fields, the command."""
    best = _best(collected.result)
    named = best is not None and best.grammar == UNIVERSAL and not step.secret
    return TurnRecord(
        field=step.field,
        attempt=step.attempt,
        result=_name(collected.result),
        start_ms=collected.start_ms,
        end_ms=collected.end_ms,
        prompt_end_ms=collected.prompt_end_ms,
        speech_start_ms=collected.speech_start_ms,
        speech_end_ms=collected.speech_end_ms,
        reply_after_ms=collected.reply_after_ms,
        mode=best.mode if best else _mode(collected.result),
        confidence=_rounded(best) if best else None,
        utterance=best.utterance if best and not hidden else None,
        value=best.value if best and (named or not hidden) else None,
        grammar=best.grammar if best else None,
        bargein=collected.bargein,
        partials=collected.partials if best and not hidden else (),
    )


def heard_as(trace: Trace, collected: Collected, *, hidden: bool) -> None:
    """Tell the trace: partial results, timers, and the entry as it was understood."""
    best = _best(collected.result)
    heard = collected.partials if best is not None and not hidden else ()
    rows = [(at_ms, "partial", words) for at_ms, words in heard]
    rows += [(at_ms, "timer", text) for at_ms, text in collected.timeline]
    for at_ms, lane, text in sorted(rows):
        trace.add(at_ms, "timer" if lane == "timer" else "partial", text)
    began_ms = collected.speech_start_ms
    trace.add(
        collected.end_ms if began_ms is None else began_ms,
        "caller",
        _text(best, hidden, _name(collected.result)),
        collected.end_ms,
        _detail(best, collected),
    )


def _rounded(best: Interpretation) -> float:
    """The confidence as it is stored, so that a page never shows two of one."""
    return round(best.confidence, 3)


def _best(result: Result) -> Interpretation | None:
    return result.best if isinstance(result, Match) else None


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
    return best.value if best.grammar == UNIVERSAL else HIDDEN


def _detail(best: Interpretation | None, collected: Collected) -> str:
    if best is None:
        return ""
    after_ms = collected.reply_after_ms
    after = f", decided after {after_ms} ms" if after_ms is not None else ""
    return f"{best.mode}, confidence {_rounded(best):.2f}{after}"
