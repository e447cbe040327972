"""Replay scripts: one recorded caller as a YAML file, and what is expected of the call.

docs/replay.md has the format with examples; bot.replay.script_reader reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from bot.types import Decision, Mode, Outcome

HIDDEN_VALUE = "hidden"
"""What a script expects of a secret field; what was entered is never compared."""

SECRET_FIELDS = ("pin",)
"""Of these no value is ever expected but HIDDEN_VALUE."""

KeysAs = Literal["out-of-band", "tones"]
Profile = Literal["plain", "telephone"]
Backend = Literal["seeded", "down", "slow"]
TurnResult = Literal["match", "nomatch", "noinput", "hangup"]

ANSWERED = (*get_args(Decision), "hangup")
"""What becomes of a question: what the dialog decides on its answer, or that the caller leaves."""


@dataclass(frozen=True, slots=True)
class LineSetup:
    """The line: sampling rate in Hz, how keys travel, and whether µ-law is in between."""

    rate: int = 8_000
    keys: KeysAs = "out-of-band"
    profile: Profile = "plain"


@dataclass(frozen=True, slots=True)
class Noise:
    """A recording under the whole call, so many decibels below the caller's speech."""

    file: Path
    snr_db: float


@dataclass(frozen=True, slots=True)
class PlayFile:
    """A recording of a caller."""

    file: Path


@dataclass(frozen=True, slots=True)
class SayText:
    """Text to be synthesized; voice and words a minute are the runner's own where None."""

    text: str = field(repr=False)
    voice: str | None = None
    words_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Keys with a pause between them. ``sent`` is None where the line's own way is meant."""

    keys: str = field(repr=False)
    gap_ms: int = 90
    sent: KeysAs | None = None


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Nothing, for so long."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller leaves."""


Act = PlayFile | SayText | PressKeys | StaySilent | HangUp


@dataclass(frozen=True, slots=True)
class TurnExpectation:
    """What the collect that this turn answers is recorded as; None is not looked at.

    ``prompt`` is searched in the words that were heard before the entry, ``reply_ms`` is the
    longest that the caller may wait for the reply, in audio time.
    """

    field: str | None = None
    result: TurnResult | None = None
    value: str | None = None
    mode: Mode | None = None
    prompt: re.Pattern[str] | None = None
    bargein: bool | None = None
    reply_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ScriptTurn:
    """One thing the caller does.

    It begins ``after_ms`` after the prompt's end, or where one of the others is not None:
    ``during_prompt_ms`` after the prompt's start, ``after_previous_ms`` after the end of the turn
    before. Where ``if_heard`` is not found in the question, the turn is left out.
    """

    line: int
    act: Act
    after_ms: int = 400
    during_prompt_ms: int | None = None
    after_previous_ms: int | None = None
    if_heard: re.Pattern[str] | None = None
    expect: TurnExpectation = TurnExpectation()


@dataclass(frozen=True, slots=True)
class CallExpectation:
    """What has to be true of the ended call; None is not looked at.

    Phrases are compared without regard to case. ``asked`` is every question in order, each as its
    field and what became of the answer.
    """

    outcome: Outcome
    reason: str | None = None
    verified: bool | None = None
    asked: tuple[str, ...] | None = None
    spoken: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()
    not_spoken: tuple[str, ...] = ()
    max_turns: int | None = None
    max_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One call. ``at`` has a time zone; None is a moment within office hours."""

    path: Path
    name: str
    turns: tuple[ScriptTurn, ...]
    expect: CallExpectation
    description: str = ""
    line: LineSetup = LineSetup()
    backend: Backend = "seeded"
    at: datetime | None = None
    noise: Noise | None = None
