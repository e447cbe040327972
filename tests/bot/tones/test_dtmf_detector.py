"""In-band keys: what ITU-T Q.24 asks of a receiver, and what a call asks beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_fixtures import signals
from bot.audio import mulaw
from bot.audio.files import Audio, Samples, frames, read_audio, resample, to_pcm, to_samples
from bot.tones.dtmf_detector import Tone, ToneDetector, find_tones, silenced
from bot.tones.keys_and_tty import LineTones
from bot.types import KEYS, AudioFrame
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.unit

RATE = 8_000
ALL_KEYS = KEYS * 3


@dataclass(frozen=True)
class Dialing:
    """How keys are pressed; each field is what one row of Q.24 varies."""

    on_ms: float = 50
    off_ms: float = 50
    offset_percent: float = 0.0
    twist_db: float = 0.0
    level_db: float = -16.0
    snr_db: float | None = None
    hole_ms: float = 0.0

    def over_the_line(self, keys: str) -> Samples:
        """The keys through µ-law at 8 kHz."""
        parts = [signals.silence(100, RATE)]
        for key in keys:
            press = signals.press(
                key, self.on_ms, RATE, self.level_db, self.offset_percent, self.twist_db
            )
            if self.hole_ms:
                press = signals.with_hole(
                    press, (self.on_ms - self.hole_ms) / 2, self.hole_ms, RATE
                )
            parts += [press, signals.silence(self.off_ms, RATE)]
        signal = np.concatenate([*parts, signals.silence(100, RATE)])
        if self.snr_db is not None:
            noise_db = self.level_db + 3.0 - self.snr_db
            noise = signals.white_noise(1000 * len(signal) / RATE, RATE, noise_db, seed=1)
            signal = signal + noise
        return mulaw.decode(mulaw.encode(signals.to_int16(signal)))


def found(samples: Samples, rate: int = RATE) -> str:
    return "".join(tone.key for tone in find_tones(Audio(samples, rate)))


def told(samples: Samples, frame_ms: int = 20, rate: int = RATE) -> list[tuple[int, Tone]]:
    """What the detector says, each with the audio time at which it says it."""
    line = LineTones(rate)
    return [
        (frame.end_ms, tone)
        for frame in frames(Audio(samples, rate), rate, frame_ms)
        for tone in line.accept(frame).keys
    ]


ACCEPTED = {
    "plain": Dialing(),
    "40 ms on and off": Dialing(on_ms=40, off_ms=40),
    "1.5 % high": Dialing(offset_percent=1.5),
    "1.5 % low": Dialing(offset_percent=-1.5),
    "high tone 4 dB above": Dialing(twist_db=4.0),
    "high tone 8 dB below": Dialing(twist_db=-8.0),
    "1.5 % high and 8 dB of twist": Dialing(offset_percent=1.5, twist_db=-8.0),
    "15 dB of noise": Dialing(snr_db=15.0),
    "15 dB of noise, 1.5 % low, 4 dB of twist": Dialing(
        offset_percent=-1.5, twist_db=4.0, snr_db=15.0
    ),
    "loud": Dialing(level_db=-6.0),
    "faint": Dialing(level_db=-40.0),
    "held for a second": Dialing(on_ms=1_000, off_ms=200),
    "10 ms hole": Dialing(on_ms=120, off_ms=80, hole_ms=10),
    "20 ms hole": Dialing(on_ms=120, off_ms=80, hole_ms=20),
    "20 ms hole in 15 dB of noise": Dialing(on_ms=120, off_ms=80, hole_ms=20, snr_db=15.0),
}

REFUSED = {
    "3.5 % high": Dialing(on_ms=70, offset_percent=3.5),
    "3.5 % low": Dialing(on_ms=70, offset_percent=-3.5),
    "3.5 % high with twist": Dialing(on_ms=70, offset_percent=3.5, twist_db=-8.0),
    "3.5 % low in noise": Dialing(on_ms=70, offset_percent=-3.5, snr_db=15.0),
    "20 ms only": Dialing(on_ms=20, off_ms=80),
    "high tone 8 dB above": Dialing(twist_db=8.0),
    "high tone 12 dB below": Dialing(twist_db=-12.0),
}


@pytest.mark.parametrize("how", ACCEPTED)
def test_every_key_is_found_once(how: str) -> None:
    assert found(ACCEPTED[how].over_the_line(ALL_KEYS)) == ALL_KEYS


@pytest.mark.parametrize("how", REFUSED)
def test_no_key_is_found(how: str) -> None:
    assert found(REFUSED[how].over_the_line(ALL_KEYS)) == ""


def test_the_same_key_pressed_twice_is_two_keys() -> None:
    assert found(Dialing(off_ms=40).over_the_line("0000")) == "0000"


def test_keys_without_a_pause_between_them_are_told_apart() -> None:
    assert found(Dialing(on_ms=100, off_ms=0).over_the_line("123")) == "123"


def test_keys_a_to_d_are_ignored() -> None:
    both = signals.tone([697, 1633], 200, RATE) + signals.silence(200, RATE)
    assert found(signals.to_int16(both)) == ""


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_any_rate_of_a_line_gives_the_same_keys(rate: int) -> None:
    assert found(resample(Dialing().over_the_line(ALL_KEYS), RATE, rate), rate) == ALL_KEYS


def test_a_press_is_reported_at_once_and_again_at_its_end() -> None:
    start, end = told(Dialing(on_ms=200, off_ms=200).over_the_line("5"))
    assert (start[1].key, start[1].end_ms) == ("5", None)
    assert start[0] <= 100 + 60, "two frames and a half after it began"
    assert end[1].start_ms == start[1].start_ms == pytest.approx(100, abs=10)
    assert end[1].end_ms == pytest.approx(300, abs=10)


def test_a_press_ends_with_the_call() -> None:
    detector = ToneDetector()
    samples = signals.to_int16(signals.press("7", 100, RATE))
    assert [tone.end_ms for tone in detector.accept(AudioFrame(to_pcm(samples), RATE, 0))] == [None]
    assert [tone.end_ms for tone in detector.finish()] == [pytest.approx(100, abs=10)]
    assert detector.finish() == []


def test_times_count_from_the_first_frame() -> None:
    samples = Dialing().over_the_line("3")
    moved = AudioFrame(to_pcm(samples), RATE, 5_000)
    assert ToneDetector().accept(moved)[0].start_ms == pytest.approx(5_100, abs=10)


@settings(max_examples=40, deadline=None)
@given(keys=st.text(KEYS, max_size=6), cuts=st.lists(st.integers(1, 900), min_size=1, max_size=40))
def test_how_the_audio_is_cut_into_frames_changes_nothing(keys: str, cuts: list[int]) -> None:
    samples = Dialing().over_the_line(keys)
    detector, got, at = ToneDetector(), [], 0
    for size in (cuts * len(samples))[: len(samples)]:
        part = samples[at : at + size]
        got += detector.accept(AudioFrame(to_pcm(part), RATE, at * 1000 // RATE))
        at += size
        if at >= len(samples):
            break
    got += detector.finish()
    assert [tone for tone in got if tone.end_ms is not None] == find_tones(Audio(samples, RATE))
    assert "".join(tone.key for tone in got if tone.end_ms is None) == keys


@pytest.mark.parametrize("late", range(0, 20, 3))
def test_at_most_one_frame_of_a_tone_reaches_the_recognizer(late: int) -> None:
    lead = np.zeros(late * RATE // 1000, np.int16)
    samples = np.concatenate([lead, Dialing(on_ms=400, off_ms=400).over_the_line("5")])
    detector, passed = ToneDetector(), 0
    for frame in frames(Audio(samples, RATE), RATE):
        detector.accept(frame)
        passed += 0 if detector.sounding else int(np.count_nonzero(to_samples(frame.pcm)))
    assert passed <= RATE // 50


def test_a_silenced_frame_keeps_its_time_and_length() -> None:
    frame = AudioFrame(to_pcm(np.full(160, 500, np.int16)), RATE, 40)
    assert silenced(frame) == replace(frame, pcm=bytes(320))


def test_the_key_of_a_tone_is_not_in_its_repr() -> None:
    assert repr(Tone("7", 10)) == "Tone(start_ms=10, end_ms=None)"


@pytest.mark.parametrize(
    "name", ["ringing", "busy", "dial_tone", "teletype", "music", "noise", "silence"]
)
def test_other_signals_of_a_line_are_not_keys(name: str) -> None:
    assert find_tones(read_audio(FIXTURES / "8k" / f"{name}.flac")) == []


def test_digital_silence_is_not_a_key() -> None:
    assert found(np.zeros(RATE, np.int16)) == ""


def test_less_audio_than_one_block_is_not_a_key() -> None:
    assert found(np.zeros(7, np.int16)) == ""


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("keys_license_a", "421903"),
        ("keys_license_b", "300715"),
        ("keys_all", "1234567890*#"),
        ("keys_fast", "421903"),
        ("keys_slow", "421903"),
        ("keys_holes", "421903"),
        ("keys_off_accept", "421903"),
        ("keys_off_reject", ""),
        ("keys_noisy", "421903"),
        ("keys_twisted", "421903"),
        ("license_a_spoken_and_keyed", "903"),
        ("license_a", ""),
    ],
)
def test_the_recorded_keys_are_found(name: str, keys: str) -> None:
    audio = read_audio(FIXTURES / "8k" / f"{name}.flac")
    assert "".join(tone.key for tone in find_tones(audio)) == keys


@pytest.mark.parametrize("on_ms", [40, 60, 400])
def test_a_press_is_timed_to_one_detector_step_whenever_it_arrives(on_ms: int) -> None:
    """It looks every 6.25 ms, so a press that begins between two looks is told a little early."""
    for shift_ms in range(0, 20, 3):
        start_ms = 100_000 + shift_ms
        parts = [signals.silence(start_ms, 8_000), signals.press("5", on_ms, 8_000, -16.0)]
        samples = signals.to_int16(np.concatenate([*parts, signals.silence(300, 8_000)]))
        (tone,) = find_tones(Audio(samples, 8_000))
        assert -5 <= tone.start_ms - start_ms <= 1
        assert tone.end_ms is not None
        assert -2 <= tone.end_ms - start_ms - on_ms <= 5


def test_the_detector_is_sounding_only_during_a_key() -> None:
    parts = [signals.silence(200, 8_000), signals.press("5", 200, 8_000, -16.0)]
    samples = signals.to_int16(np.concatenate([*parts * 2, signals.silence(200, 8_000)]))
    detector = ToneDetector()
    sounding: list[int] = []
    assert not detector.sounding
    for part in frames(Audio(samples, 8_000), 8_000):
        detector.accept(part)
        if detector.sounding:
            sounding.append(part.start_ms)
    assert sounding == [*range(200, 440, 20), *range(600, 840, 20)]


@pytest.mark.parametrize("keys", ["12", "123456", "159*"])
def test_keys_that_take_turns_too_quickly_are_not_keys(keys: str) -> None:
    """Each sounds for 18 ms: three blocks in a row are never of one key."""
    samples = Dialing(on_ms=18, off_ms=0).over_the_line(keys * 8)
    assert found(samples) == ""


@pytest.mark.parametrize("silent_ms", [20, 60, 200])
def test_short_bursts_of_one_key_do_not_add_up(silent_ms: int) -> None:
    """Silence between two bursts makes the next one a beginning."""
    line = LineTones(RATE)
    burst = signals.to_int16(signals.press("5", 20, RATE, -16.0))
    samples = np.concatenate([burst, np.zeros(silent_ms * RATE // 1000, np.int16)] * 8)
    for frame in frames(Audio(samples, RATE), RATE, 20):
        assert line.accept(frame).keys == ()
