"""Both sides of a call as a picture, with muted spans silent."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import soundfile

from bot.errors import AudioError
from bot.reports.waveform import waveform
from tests.support.sample_call import RATE, stereo

pytestmark = pytest.mark.unit


def test_the_caller_is_silent_in_muted_spans_whatever_the_file_contains() -> None:
    loud = np.full(RATE, 9_000, np.int16)
    drawn = waveform(stereo(loud, loud), [(250, 500)])
    packed = base64.b64decode(drawn.audio.partition(",")[2])
    samples, rate = soundfile.read(io.BytesIO(packed), dtype="int16")
    assert rate == RATE
    assert not samples[2_000:4_000, 0].any()
    assert samples[:2_000, 0].all()
    assert samples[4_000:, 0].all()
    assert samples[:, 1].all()


def test_the_caller_is_drawn_above_and_the_reply_below() -> None:
    half = np.zeros(RATE, np.int16)
    half[: RATE // 2] = 8_000
    drawn = waveform(stereo(half, half[::-1].copy()), [])
    assert drawn.columns == 100
    assert drawn.caller.startswith("M0 100L0 4L49 4L50 100")
    assert drawn.reply.endswith("L49 100L50 196L99 196L99 100Z")


def test_an_hour_is_drawn_with_at_most_as_many_columns_as_a_screen_has() -> None:
    silence = np.zeros(RATE * 600, np.int16)
    drawn = waveform(stereo(silence, silence), [])
    assert drawn.columns <= 12_000
    assert len(drawn.caller) < 100


def test_audio_other_than_a_call_is_refused_in_one_line() -> None:
    mono = io.BytesIO()
    soundfile.write(mono, np.zeros(80, np.int16), RATE, format="WAV", subtype="PCM_16")
    for wav in (b"", b"RIFF", mono.getvalue()):
        with pytest.raises(AudioError) as refused:
            waveform(wav, [])
        assert "\n" not in str(refused.value)
