"""The records of a call: one for each collect, one for the whole."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, TypeAdapter, model_serializer, model_validator

from bot.types import CallBack, CallOutcome, Decision, Handover, Mode


@dataclass(frozen=True, slots=True)
class Timing:
    """Times at which one collect began, heard something, and ended, in milliseconds of audio."""

    start_ms: int
    end_ms: int
    prompt_end_ms: int | None = None
    """Time at which the prompt was heard to its end, or stopped."""
    speech_start_ms: int | None = None
    speech_end_ms: int | None = None
    """End of the words in the entry; None if it has none."""
    reply_after_ms: int | None = None
    """From the end of the last word or key to the decision, and once a reply is heard, to its first
    audio; None where there was neither word nor key."""


_TIMES = tuple(one.name for one in fields(Timing))


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One collect, as stored. Of a secret field it has neither words nor value.

    It has many attributes because each is a member of the contract with a backend.
    """

    field: str
    attempt: int
    result: Literal["match", "nomatch", "noinput", "hangup"]
    timing: Timing
    """Stored as fields of the turn itself."""
    mode: Mode | None = None
    confidence: float | None = None
    utterance: str | None = None
    value: str | None = None
    grammar: str | None = None
    bargein: bool = False
    decision: Decision | None = None
    partials: tuple[tuple[int, str], ...] = ()
    heard: str | None = None
    """What the caller heard since the previous turn, without personal details."""
    unheard: str | None = None
    """The part that a barge-in or hangup took back."""

    @model_serializer(mode="wrap")
    def _stored(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        stored: dict[str, Any] = {}
        for name, value in write(self).items():
            stored |= value if name == "timing" else {name: value}
        return stored

    @model_validator(mode="before")
    @classmethod
    def _read(cls, stored: Any) -> Any:
        if not isinstance(stored, dict):
            return stored
        others = {name: value for name, value in stored.items() if name not in _TIMES}
        return others | {"timing": {name: stored[name] for name in _TIMES if name in stored}}


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
    pbx_id: str | None = None
    """The PBX's id of this call."""
    call_back: CallBack | None = None
    """The promise that the caller got."""
    heard: str | None = None
    """What the caller heard after the last turn."""
    unheard: str | None = None


CALL = TypeAdapter(CallRecord)
"""Records of calls as JSON, both ways."""

TURN = TypeAdapter(TurnRecord)
"""Records of turns as JSON."""
