"""Finds the tones in a line's audio: telephone keys and text telephones."""

from __future__ import annotations

from dataclasses import dataclass

from bot.audio.resampler import FrameResampler
from bot.tones.dtmf_detector import Tone, ToneDetector, silenced
from bot.tones.goertzel import RATE
from bot.tones.tty_detector import TtyDetector
from bot.types import AudioFrame


@dataclass(frozen=True, slots=True)
class FrameTones:
    """The tones found in one frame."""

    keys: tuple[Tone, ...] = ()
    """Tones of keys that began or ended with it."""
    sounding: bool = False
    """True if its end is a key's tone, or resembles one."""
    tty: bool = False
    """True if it confirms a text telephone, for the first time."""

    @property
    def pressed(self) -> tuple[Tone, ...]:
        """Tones that began."""
        return tuple(tone for tone in self.keys if tone.end_ms is None)

    def speech(self, frame: AudioFrame) -> AudioFrame:
        """The frame as the speech detector and the recognizers are to hear it."""
        return silenced(frame) if self.sounding else frame


_NONE = FrameTones()
"""The result for almost all frames."""


class LineTones:
    """Listens to one line for all who ask; a frame is resampled once."""

    def __init__(self, rate: int) -> None:
        """``rate`` in Hz of the frames that will come."""
        self._narrow = FrameResampler(rate, RATE)
        self._keys = ToneDetector()
        self._tty = TtyDetector()

    def accept(self, frame: AudioFrame) -> FrameTones:
        """Take the next frame."""
        narrow = self._narrow.accept(frame)
        keys, tty = self._keys.accept(narrow), self._tty.accept(narrow)
        sounding = self._keys.sounding
        return FrameTones(tuple(keys), sounding, tty) if keys or sounding or tty else _NONE
