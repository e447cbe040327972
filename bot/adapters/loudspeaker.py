"""Plays a recording through this computer's loudspeaker."""

from __future__ import annotations

import numpy as np

from bot.adapters.line_microphone import load_sounddevice
from bot.audio.files import Samples
from bot.errors import DeviceError


def play(samples: Samples, rate: int) -> None:
    """Play, and block until the end. Raises DeviceError, which says what is missing."""
    sounddevice = load_sounddevice()
    try:
        sounddevice.play(np.ascontiguousarray(samples), rate, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(f"no usable loudspeaker ({error}); give --out FILE.wav") from None
