"""One listener for all the tones of a line: what it tells the dialog, it tells the recorder."""

from __future__ import annotations

import numpy as np
import pytest

from audio_fixtures import signals
from bot.audio.files import Audio, Samples, frames, to_pcm
from bot.audio.resampler import FrameResampler, Resampler
from bot.tones.dtmf_detector import ToneDetector
from bot.tones.keys_and_tty import FrameTones, LineTones
from bot.types import AudioFrame

pytestmark = pytest.mark.unit

RATE = 8_000


def pressed(keys: str, rate: int = RATE) -> Samples:
    """Keys of 100 ms, 100 ms apart, after 100 ms of silence."""
    parts = [signals.silence(100, rate)]
    for key in keys:
        parts += [signals.press(key, 100, rate), signals.silence(100, rate)]
    return signals.to_int16(np.concatenate(parts))


def found(samples: Samples, rate: int = RATE) -> list[tuple[AudioFrame, FrameTones]]:
    line = LineTones(rate)
    return [(one, line.accept(one)) for one in frames(Audio(samples, rate), rate)]


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_each_key_is_reported_once_and_again_at_its_end(rate: int) -> None:
    every = [tones for _, tones in found(pressed("421", rate), rate)]
    assert "".join(tone.key for tones in every for tone in tones.pressed) == "421"
    ends = [tone.end_ms for tones in every for tone in tones.keys if tone.end_ms is not None]
    assert ends == [pytest.approx(end_ms, abs=10) for end_ms in (200, 400, 600)]


def test_a_tone_is_silenced_and_other_audio_is_kept() -> None:
    for frame, tones in found(pressed("5")):
        assert tones.speech(frame).start_ms == frame.start_ms
        assert tones.speech(frame).pcm == (bytes(320) if tones.sounding else frame.pcm)
    sounding = [frame.start_ms for frame, tones in found(pressed("5")) if tones.sounding]
    assert sounding[0] <= 120
    assert sounding[-1] >= 180


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_all_listeners_hear_what_their_own_detector_would(rate: int) -> None:
    samples = pressed("0*7#", rate)
    narrow, detector = Resampler(rate, RATE), ToneDetector()
    alone = []
    for frame in frames(Audio(samples, rate), rate):
        own = np.frombuffer(frame.pcm, "<i2")
        own = own if rate == RATE else narrow.accept(own)
        told = detector.accept(AudioFrame(to_pcm(own), RATE, frame.start_ms))
        alone.append((tuple(told), detector.sounding))
    assert [(tones.keys, tones.sounding) for _, tones in found(samples, rate)] == alone


def test_frames_at_another_rate_keep_their_time_and_contain_the_resampled_stream() -> None:
    samples = pressed("9", 16_000)
    stream = FrameResampler(16_000, RATE)
    cut = [stream.accept(frame) for frame in frames(Audio(samples, 16_000), 16_000)]
    assert [frame.start_ms for frame in cut] == list(range(0, 300, 20))
    assert {frame.rate for frame in cut} == {RATE}
    whole = Resampler(16_000, RATE).accept(samples)
    assert b"".join(frame.pcm for frame in cut) == to_pcm(whole)


def test_frames_at_the_same_rate_are_unchanged() -> None:
    frame = AudioFrame(bytes(range(100)), RATE, 40)
    assert FrameResampler(RATE, RATE).accept(frame) is frame


def test_no_repr_shows_a_key() -> None:
    printed = repr([tones for _, tones in found(pressed("777"))])
    assert "key='7'" not in printed
    assert "Tone(start_ms=" in printed
