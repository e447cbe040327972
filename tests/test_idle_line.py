"""A line on which nobody can be speaking is not listened to; nothing of a word is lost by it."""

from __future__ import annotations

import numpy as np
import pytest

from bot.adapters.idle_line import ONSET_MS, SILENT_DB, SILENT_MS, IdleLine
from bot.audio import Samples

pytestmark = pytest.mark.unit

RATE = 8_000
PIECE_MS = 40
PIECE = RATE * PIECE_MS // 1000


def hum(level_db: float, pieces: int = 1) -> list[Samples]:
    """A square wave, whose level is its height."""
    height = round(32_768 * 10 ** (level_db / 20))
    wave = np.where(np.arange(PIECE) % 80 < 40, height, -height).astype(np.int16)
    return [wave] * pieces


def heard(line: IdleLine, pieces: list[Samples]) -> list[int]:
    """How many samples are to be listened to with each piece."""
    awake = (line.awake(piece) for piece in pieces)
    return [0 if samples is None else len(samples) for samples in awake]


def test_sound_is_listened_to_as_it_comes() -> None:
    assert heard(IdleLine(RATE), hum(SILENT_DB + 1, 50)) == [PIECE] * 50


def test_a_pause_between_words_is_listened_to() -> None:
    pause = SILENT_MS // PIECE_MS
    assert heard(IdleLine(RATE), hum(-30) + hum(-70, pause) + hum(-30)) == [PIECE] * (pause + 2)


def test_a_silent_line_is_idle() -> None:
    line = IdleLine(RATE)
    heard(line, hum(-30) + hum(-70, SILENT_MS // PIECE_MS))
    assert heard(line, hum(-70, 100)) == [0] * 100


def test_what_comes_directly_before_a_sound_belongs_to_it() -> None:
    line = IdleLine(RATE)
    heard(line, hum(-70, 100))
    before, sound = hum(-65, ONSET_MS // PIECE_MS), hum(-30)
    assert heard(line, before) == [0] * len(before)
    awake = line.awake(sound[0])
    assert awake is not None
    assert awake.tolist() == np.concatenate(before + sound).tolist()


def test_after_a_sound_the_line_is_idle_only_as_late_as_before() -> None:
    line = IdleLine(RATE)
    heard(line, hum(-70, 100) + hum(-30))
    assert heard(line, hum(-70, SILENT_MS // PIECE_MS + 2))[-3:] == [PIECE, 0, 0]
