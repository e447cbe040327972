"""One call as a self-contained page: sound, timeline, and conversation, to open from disk.

The page needs no network, and its policy forbids it. It shows only what record and trace contain;
both are written without secrets.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from markupsafe import Markup

from bot.atomic_file import write_whole
from bot.calls.trace import TraceEvent
from bot.records import CallRecord
from bot.reports import timeline, transcript
from bot.reports.labels import OUTCOMES, clock, length, moment
from bot.reports.templates import part, template
from bot.reports.waveform import HALF_HEIGHT, Span, waveform
from bot.reports.wording import Wording


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: name, value, and an explanation."""

    name: str
    value: str
    note: str = ""


def render(
    record: CallRecord,
    events: Sequence[TraceEvent],
    wav: bytes | None,
    wording: Wording,
    muted: Sequence[Span] = (),
) -> str:
    """The page as HTML. ``wav`` is stereo, 16-bit, caller left; ``muted`` are the caller's spans.

    Raises AudioError if ``wav`` is anything else.
    """
    drawn = waveform(wav, muted) if wav is not None else None
    last = max(
        (event.end_ms or event.at_ms for event in events if event.lane != "reply"), default=0
    )
    duration_ms = max(1, record.duration_ms, last, drawn.duration_ms if drawn else 0)
    style, script = part("call.css"), part("call.js")
    return template("call.html.j2").render(
        record=record,
        outcome=OUTCOMES[record.outcome.outcome],
        moment=moment(record.started_utc),
        figures=_figures(record, wording),
        handover=wording.handover(record.handover) if record.handover else (),
        wording=wording,
        duration_ms=duration_ms,
        duration=clock(duration_ms),
        wave=drawn,
        half=HALF_HEIGHT,
        wave_share=100 * drawn.duration_ms / duration_ms if drawn else 0,
        muted=timeline.muted(muted, duration_ms),
        ticks=timeline.ticks(duration_ms),
        rows=timeline.rows(record, events, duration_ms, wording),
        lines=transcript.conversation(record, events, wording),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        script_hash=_hash(script),
    )


def write(
    path: Path,
    record: CallRecord,
    events: Sequence[TraceEvent],
    wav: bytes | None,
    wording: Wording,
    muted: Sequence[Span] = (),
) -> None:
    """Write the whole page or nothing, readable only by its owner."""
    page = render(record, events, wav, wording, muted)
    write_whole(path, page.encode(), private=True)


def _figures(record: CallRecord, wording: Wording) -> tuple[Figure, ...]:
    turns = record.turns
    modes = [turn.mode for turn in turns if turn.result == "match"]
    spoken, keyed = modes.count("voice"), modes.count("dtmf")
    mixed = f", {modes.count('mixed')} mixed" if "mixed" in modes else ""
    missed = sum(turn.result in {"nomatch", "noinput"} for turn in turns)
    waits = (turn.timing.reply_after_ms for turn in turns)
    after = [wait_ms for wait_ms in waits if wait_ms is not None]
    figures = [
        Figure("Length", length(record.duration_ms)),
        *(Figure(name, value) for name, value in wording.figures(record)),
        Figure("Turns", str(len(turns)), f"{spoken} spoken, {keyed} keyed{mixed}"),
        Figure("Asked again", str(missed), "not understood, or nothing heard"),
    ]
    if after:
        spread = f"{min(after)} to {max(after)} ms, from the last word or key"
        figures.append(Figure("Reply after", f"{round(median(after))} ms", spread))
    return tuple(figures)


def _hash(text: str) -> str:
    """The source expression for a content security policy that allows only this script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
