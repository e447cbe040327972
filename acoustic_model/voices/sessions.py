"""One synthetic session: the voice with its setting, its lines, and the finished speech."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from acoustic_model.audio_types import RATE_HZ, Samples
from acoustic_model.voices.engine import Engine, Setting, Speech
from acoustic_model.voices.scripts import Line, Script

_SHORTEST_S, _LONGEST_S = 0.12, 12.0
_PEAK = 0.6
_MARGIN_S = 0.04
_SPEAK_ENGLISH = ("hibari", "piper", "kokoro")
"""Engines with accents by exchanged sounds; they speak everything that an English voice speaks."""


@dataclass(frozen=True, slots=True)
class Session:
    """One synthetic speaker: its number, its voice, and the voice's setting."""

    number: int
    setting: Setting
    seed: int

    @property
    def speaker(self) -> str:
        """``engine-voice#number``."""
        return f"{self.setting.voice.engine}-{self.setting.voice.name}#{self.number}"

    @property
    def source(self) -> str:
        """``engine-accent``, with the suffix ``-heldout`` if for evaluation only."""
        voice = self.setting.voice
        return f"{voice.engine}-{voice.accent or 'en'}" + ("-heldout" if voice.held_out else "")


def make_session(session: Session, engine: Engine) -> list[tuple[Line, NDArray[np.int16]]]:
    """The session's lines with 8 kHz samples; lines without speech are skipped."""
    made = []
    lines = lines_of(session)
    for line, speech in zip(lines, engine.speak(lines, session.setting), strict=True):
        samples = _finished(speech) if speech else None
        if samples is not None:
            made.append((line, samples))
    return made


def lines_of(session: Session) -> list[Line]:
    """All lines of the session; determined by its seed."""
    script = Script(np.random.default_rng([session.seed, session.number, 1]))
    accent = session.setting.voice.accent
    if not accent or session.setting.voice.engine in _SPEAK_ENGLISH:
        return script.english()
    return [*script.accented(), *script.foreign(accent)]


def _finished(speech: Speech) -> NDArray[np.int16] | None:
    """Resampled, trimmed to 40 ms around the sound, and leveled; None if it is not an utterance."""
    audio: Samples = soxr.resample(speech.samples, speech.rate_hz, RATE_HZ)
    peak = float(np.abs(audio).max(initial=0))
    if not np.isfinite(peak) or peak < 0.005:
        return None
    loud = np.flatnonzero(np.abs(audio) > 0.012 * peak)
    margin = int(_MARGIN_S * RATE_HZ)
    audio = audio[max(0, loud[0] - margin) : loud[-1] + margin]
    if not _SHORTEST_S <= len(audio) / RATE_HZ <= _LONGEST_S:
        return None
    return np.round(audio * (_PEAK / peak) * 32767).astype(np.int16)
