"""Keys and other computed recordings: file name, description, and the signal at 16 kHz."""

from __future__ import annotations

import numpy as np

from audio_fixtures.signals import (
    Signal,
    cadence,
    dial,
    music,
    pink_noise,
    press,
    silence,
    teletype,
    white_noise,
    with_hole,
)

RATE = 16_000


def _holes() -> Signal:
    """Keys of 120 ms, each with a hole of 20 ms in the middle."""
    parts = [silence(300, RATE)]
    for key in "421903":
        parts += [with_hole(press(key, 120), 50, 20, RATE), silence(110, RATE)]
    return np.concatenate([*parts, silence(200, RATE)])


def _noisy(level_db: float) -> Signal:
    """Keys in noise; a key's two tones together have −13 dBFS."""
    keys = dial("421903")
    return keys + white_noise(1000 * len(keys) / RATE, RATE, level_db, seed=7)


def _twisted() -> Signal:
    """High tone 6 dB below, then 3 dB above the low one: both must be accepted."""
    pause = silence(110, RATE)
    below = [part for key in "421" for part in (press(key, twist_db=-6.0), pause)]
    above = [part for key in "903" for part in (press(key, twist_db=3.0), pause)]
    return np.concatenate([silence(300, RATE), *below, *above, silence(200, RATE)])


TONES: dict[str, tuple[str, Signal]] = {
    "keys_license_a": ("keys 421903", dial("421903")),
    "keys_license_b": ("keys 300715", dial("300715")),
    "keys_second_half_a": ("keys 903", dial("903")),
    "keys_five": ("keys 42190", dial("42190")),
    "keys_all": ("keys 1234567890*#", dial("1234567890*#")),
    "keys_zero": ("keys 0", dial("0")),
    "keys_star": ("keys *", dial("*")),
    "keys_one": ("keys 1", dial("1")),
    "keys_two": ("keys 2", dial("2")),
    "keys_fast": ("keys 421903, 50 ms on, 50 ms off", dial("421903", 50, 50)),
    "keys_slow": ("keys 421903, 400 ms on, 900 ms off", dial("421903", 400, 900)),
    "keys_holes": ("keys 421903, each with a hole of 20 ms", _holes()),
    "keys_off_accept": ("keys 421903, 1.5 % too high", dial("421903", offset_percent=1.5)),
    "keys_off_reject": ("no keys: 421903, 3.5 % too high", dial("421903", offset_percent=3.5)),
    "keys_noisy": ("keys 421903 at 15 dB over noise", _noisy(-28.0)),
    "keys_twisted": ("keys 421903, high tone −6 dB, then +3 dB", _twisted()),
    "keys_pin_a": ("keys: the PIN of account A", dial("5827")),
    "keys_pin_b": ("keys: the PIN of account B", dial("9164")),
    "keys_wrong_pin": ("keys: a PIN that is wrong for both", dial("6038")),
    "ringing": ("ringing", cadence((440, 480), 2000, 1000, 1, RATE)),
    "busy": ("busy", cadence((480, 620), 500, 500, 4, RATE)),
    "dial_tone": ("dial tone", cadence((350, 440), 1500, 100, 1, RATE)),
    "teletype": ("text telephone calling, Baudot", teletype(RATE)),
    "music": ("hold music, computed", music(RATE)),
    "noise": ("pink noise", pink_noise(2000, RATE, -30.0, seed=3)),
    "silence": ("a line without a caller", silence(2000, RATE)),
}

WIDE_TONES = frozenset({"keys_license_a", "keys_all", "keys_pin_a", "keys_noisy", "silence"})
"""Recordings to keep at 16 kHz too."""
