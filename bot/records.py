"""What is kept of a call: one record for each collect, one for the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.types import CallOutcome, Decision, Handover, Mode


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One collect, as stored. Of a secret field it has neither words nor value."""

    field: str
    attempt: int
    result: Literal["match", "nomatch", "noinput", "hangup"]
    start_ms: int
    end_ms: int
    prompt_end_ms: int | None = None
    speech_start_ms: int | None = None
    speech_end_ms: int | None = None
    reply_after_ms: int | None = None
    mode: Mode | None = None
    confidence: float | None = None
    utterance: str | None = None
    value: str | None = None
    grammar: str | None = None
    bargein: bool = False
    decision: Decision | None = None
    partials: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, as stored by the backend and drawn on the call page."""

    call_id: str
    started_utc: str
    line: str
    duration_ms: int
    outcome: CallOutcome
    turns: tuple[TurnRecord, ...]
    handover: Handover | None = None
