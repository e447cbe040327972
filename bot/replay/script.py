"""Replay scripts: one recorded caller as a YAML file, with the expectations for the call.

docs/replay.md describes the format with examples; bot.replay.script_reader reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from bot.types import Decision, Mode, Outcome

HIDDEN_VALUE = "hidden"
"""The only value that can be expected of a secret field; the actual entry is never compared."""

KeysAs = Literal["out-of-band", "tones"]
Profile = Literal["plain", "telephone"]
Backend = Literal["seeded", "down", "slow"]
TurnResult = Literal["match", "nomatch", "noinput", "hangup"]

ANSWERED = (*get_args(Decision), "hangup")
"""Result of a question: the dialog's decision on the answer, or that the caller leaves."""


@dataclass(frozen=True, slots=True)
class LineSetup:
    """The line: sample rate in Hz, how keys are sent, and whether µ-law is applied."""

    rate: int = 8_000
    keys: KeysAs = "out-of-band"
    profile: Profile = "plain"


@dataclass(frozen=True, slots=True)
class Noise:
    """Background noise for the whole call, ``snr_db`` decibels below the caller's speech."""

    file: Path
    snr_db: float


@dataclass(frozen=True, slots=True)
class PlayFile:
    """A recording of a caller."""

    file: Path


@dataclass(frozen=True, slots=True)
class SayText:
    """Text to synthesize; with None, voice and words per minute are the runner's defaults."""

    text: str = field(repr=False)
    voice: str | None = None
    words_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Keys with a pause between them. ``sent`` is None for the line's default."""

    keys: str = field(repr=False)
    gap_ms: int = 90
    sent: KeysAs | None = None


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Silence for a duration."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hangs up."""


Act = PlayFile | SayText | PressKeys | StaySilent | HangUp


@dataclass(frozen=True, slots=True)
class TurnExpectation:
    """Expected record of the collect that this turn answers; None is not checked.

    ``prompt`` is searched in the words heard before the entry; ``reply_ms`` is the longest wait for
    the reply, in audio time.
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
    """One action of the caller.

    It begins ``after_ms`` after the prompt's end or, if one of these is set, ``during_prompt_ms``
    after the prompt's start or ``after_previous_ms`` after the end of the previous turn. If
    ``if_heard`` is not found in the question, the turn is skipped.
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
    """The expectations for the ended call; None is not checked.

    Phrases are compared without regard to case. ``asked`` lists all questions in order, each as its
    field and the result of the answer.
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
    """One call. ``at`` has a time zone; None is a time within office hours."""

    path: Path
    name: str
    turns: tuple[ScriptTurn, ...]
    expect: CallExpectation
    description: str = ""
    line: LineSetup = LineSetup()
    backend: Backend = "seeded"
    at: datetime | None = None
    noise: Noise | None = None
