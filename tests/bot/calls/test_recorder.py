"""The stereo recording of a call: both sides at their time, and nothing of a secret in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.files import Samples, frames, read_audio, to_pcm
from bot.calls.recorder import CallRecorder
from bot.errors import AudioError
from bot.tones.dtmf_detector import Tone, find_tones
from bot.tones.keys_and_tty import FrameTones, LineTones
from bot.types import AudioFrame
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.unit

AROUND_MS = 300
RATE = 8_000
FRAME_MS = 20
NO_TONES = FrameTones()


def frame(start_ms: int, value: int = 1_000, ms: int = FRAME_MS) -> AudioFrame:
    return AudioFrame(to_pcm(np.full(ms * RATE // 1000, value, np.int16)), RATE, start_ms)


def caller_talks(recorder: CallRecorder, start_ms: int, end_ms: int) -> None:
    for at_ms in range(start_ms, end_ms, FRAME_MS):
        recorder.heard(frame(at_ms), NO_TONES)


def written(recorder: CallRecorder, folder: Path) -> tuple[Samples, Samples]:
    """Caller and reply of the file."""
    recorder.write(folder / "call.wav")
    both, rate = soundfile.read(folder / "call.wav", dtype="int16")
    assert rate == RATE
    return both[:, 0], both[:, 1]


def loud_ms(samples: Samples) -> list[tuple[int, int]]:
    """The stretches (start, end) in milliseconds that are not silent."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], samples != 0, [0]]).astype(int)))
    return [(int(a) * 1000 // RATE, int(b) * 1000 // RATE) for a, b in edges.reshape(-1, 2)]


def test_the_caller_is_on_the_left_channel_and_the_reply_on_the_right(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 100)
    recorder.sent(frame(100, ms=60), now_ms=100)
    caller_talks(recorder, 200, 300)
    caller, reply = written(recorder, tmp_path)
    assert loud_ms(caller) == [(0, 100), (200, 300)]
    assert loud_ms(reply) == [(100, 160)]


def test_reply_audio_sent_ahead_is_recorded_one_piece_after_another(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    for value in (1, 2, 3):
        recorder.sent(frame(0, value), now_ms=0)
    caller_talks(recorder, 0, 100)
    reply = written(recorder, tmp_path)[1]
    assert [int(reply[at]) for at in (0, 160, 320, 480)] == [1, 2, 3, 0]


def test_a_flush_cuts_unplayed_audio(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.sent(frame(0, ms=1_000), now_ms=0)
    recorder.flushed(now_ms=300)
    recorder.sent(frame(0, ms=100), now_ms=400)
    caller_talks(recorder, 0, 1_000)
    assert loud_ms(written(recorder, tmp_path)[1]) == [(0, 300), (400, 500)]


def test_a_flush_after_everything_was_played_changes_nothing(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.sent(frame(0, ms=100), now_ms=0)
    recorder.flushed(now_ms=500)
    recorder.sent(frame(0, ms=100), now_ms=500)
    caller_talks(recorder, 0, 1_000)
    assert loud_ms(written(recorder, tmp_path)[1]) == [(0, 100), (500, 600)]


def test_a_secret_entry_is_silence_with_a_margin_on_both_sides(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.begin_secret(1_000)
    caller_talks(recorder, 1_000, 2_000)
    recorder.end_secret(2_000)
    caller_talks(recorder, 2_000, 3_000)
    kept = loud_ms(written(recorder, tmp_path)[0])
    assert kept == [(0, 1_000 - AROUND_MS), (2_000 + AROUND_MS, 3_000)]
    assert recorder.muted == [(700, 2_300)]


def test_a_call_that_ends_during_a_secret_entry_keeps_nothing_of_it(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.begin_secret(400)
    caller_talks(recorder, 0, 2_000)
    assert loud_ms(written(recorder, tmp_path)[0]) == [(0, 100)]


def test_a_span_is_erased_afterward_along_with_its_late_audio(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.forget(200, 600)
    recorder.heard(frame(400), NO_TONES)
    assert loud_ms(written(recorder, tmp_path)[0]) == [(0, 200), (600, 1_000)]
    assert recorder.muted == [(200, 600)]


def test_the_reply_continues_while_the_caller_is_muted(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.begin_secret(0)
    recorder.sent(frame(0, ms=200), now_ms=100)
    caller_talks(recorder, 0, 500)
    assert loud_ms(written(recorder, tmp_path)[1]) == [(100, 300)]


def test_ending_a_secret_that_never_began_does_nothing(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.end_secret(500)
    caller_talks(recorder, 0, 100)
    assert loud_ms(written(recorder, tmp_path)[0]) == [(0, 100)]


@given(
    secrets=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 1_500)), max_size=3),
    order=st.permutations(range(0, 5_000, 100)),
    when=st.lists(st.integers(0, 49), min_size=3, max_size=3),
)
def test_no_sample_of_a_secret_survives_in_whatever_order_audio_arrives(
    tmp_path_factory: pytest.TempPathFactory,
    secrets: list[tuple[int, int]],
    order: list[int],
    when: list[int],
) -> None:
    """Entries begin and end between any two frames, and frames come late or early as they like."""
    recorder = CallRecorder(RATE)
    for position, at_ms in enumerate(order):
        for (start, length), place in zip(secrets, when, strict=False):
            if place == position:
                recorder.begin_secret(start)
                recorder.heard(frame(start), NO_TONES)
                recorder.end_secret(start + length)
        recorder.heard(frame(at_ms, ms=100), NO_TONES)
    caller = written(recorder, tmp_path_factory.mktemp("call"))[0]
    for start, length in secrets:
        inside = caller[max(0, start - AROUND_MS) * 8 : (start + length + AROUND_MS) * 8]
        assert not inside.any()


@pytest.mark.parametrize("name", ["keys_license_a", "keys_fast", "keys_slow", "keys_holes"])
def test_key_tones_are_never_kept(tmp_path: Path, name: str) -> None:
    """A caller may key the PIN before it is asked for."""
    recorder, tones = CallRecorder(RATE), LineTones(RATE)
    for part in frames(read_audio(FIXTURES / "8k" / f"{name}.flac"), RATE):
        recorder.heard(part, tones.accept(part))
    recorder.write(tmp_path / "call.wav")
    assert find_tones(read_audio(tmp_path / "call.wav")) == []


def test_speech_before_and_after_a_key_is_kept(tmp_path: Path) -> None:
    audio = read_audio(FIXTURES / "8k" / "license_a_spoken_and_keyed.flac")
    recorder, tones = CallRecorder(RATE), LineTones(RATE)
    for part in frames(audio, RATE):
        recorder.heard(part, tones.accept(part))
    caller = written(recorder, tmp_path)[0]
    first_key = find_tones(audio)[0].start_ms * 8
    assert np.array_equal(caller[: first_key - 400], audio.samples[: first_key - 400])


def test_an_unwritable_place_is_one_line_of_error(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    with pytest.raises(AudioError, match="cannot be written"):
        recorder.write(tmp_path / "no such folder" / "call.wav")


def test_an_unfinished_file_leaves_nothing_behind(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 100)
    (tmp_path / "call.wav").mkdir()
    with pytest.raises(AudioError):
        recorder.write(tmp_path / "call.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["call.wav"]


def test_only_accepted_entries_of_the_caller_are_kept(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 6_000)
    recorder.keep_only([(4_000, 4_200), (1_000, 2_000), (2_100, 2_400)])
    caller, _ = written(recorder, tmp_path)
    loud = [at_ms for at_ms in range(0, 6_000, 100) if caller[at_ms * RATE // 1000 + 10]]
    assert loud == [*range(700, 2_700, 100), *range(3_700, 4_500, 100)]


def test_a_caller_without_an_accepted_entry_is_not_recorded(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.keep_only([])
    caller, _ = written(recorder, tmp_path)
    assert len(caller) == RATE
    assert not caller.any()


def test_the_read_back_of_a_number_stays_only_if_the_number_is_proven(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.sent(frame(0, ms=100), now_ms=0)
    recorder.sent(frame(0, ms=200), now_ms=0, number="582742")
    recorder.sent(frame(0, ms=100), now_ms=0)
    recorder.sent(frame(0, ms=200), now_ms=500, number="421903")
    recorder.settle(lambda number: number == "421903")
    assert loud_ms(written(recorder, tmp_path)[1]) == [(0, 100), (300, 400), (500, 700)]


def test_replies_after_a_removed_read_back_stay(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.sent(frame(0, ms=800), now_ms=0, number="582742")
    recorder.flushed(now_ms=300)
    recorder.sent(frame(0, ms=100), now_ms=400)
    recorder.settle(lambda number: False)
    assert loud_ms(written(recorder, tmp_path)[1]) == [(400, 500)]


@pytest.mark.parametrize("start_ms", [0, 1, 19, 20, 21])
def test_a_key_at_the_beginning_of_a_call_is_not_kept(tmp_path: Path, start_ms: int) -> None:
    recorder = CallRecorder(RATE)
    for at_ms in range(0, 60, FRAME_MS):
        recorder.heard(frame(at_ms), NO_TONES)
    recorder.heard(frame(60), FrameTones((Tone("5", start_ms),)))
    recorder.heard(frame(80), NO_TONES)
    caller = written(recorder, tmp_path)[0]
    assert loud_ms(caller) == ([(0, 1), (80, 100)] if start_ms == 21 else [(80, 100)])


@pytest.mark.parametrize("later_ms", [1_000, 9_000, 20_000, 600_000])
def test_a_caller_who_speaks_after_a_long_silence_is_kept(tmp_path: Path, later_ms: int) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 100)
    caller_talks(recorder, later_ms, later_ms + 100)
    recorder.sent(frame(later_ms, ms=60), now_ms=later_ms)
    caller, reply = written(recorder, tmp_path)
    assert loud_ms(caller) == [(0, 100), (later_ms, later_ms + 100)]
    assert loud_ms(reply) == [(later_ms, later_ms + 60)]


@pytest.mark.parametrize("at_ms", [0, 100])
def test_a_frame_that_sounds_like_a_key_is_not_kept_and_no_other(
    tmp_path: Path, at_ms: int
) -> None:
    recorder = CallRecorder(RATE)
    for start_ms in range(0, 200, FRAME_MS):
        recorder.heard(frame(start_ms), FrameTones(sounding=start_ms == at_ms))
    kept = loud_ms(written(recorder, tmp_path)[0])
    assert kept == [*([(0, at_ms)] if at_ms else []), (at_ms + FRAME_MS, 200)]


def test_a_span_that_is_forgotten_is_silent_at_once(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.forget(-100, 200)
    recorder.forget(400, 600)
    assert loud_ms(written(recorder, tmp_path)[0]) == [(200, 400), (600, 1_000)]
    assert recorder.muted == [(0, 200), (400, 600)]


def test_a_read_back_is_settled_once(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.sent(frame(0, ms=100), now_ms=0, number="421903")
    recorder.settle(lambda number: True)
    recorder.settle(lambda number: False)
    assert loud_ms(written(recorder, tmp_path)[1]) == [(0, 100)]


def test_a_second_secret_begins_no_later_than_the_first(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    caller_talks(recorder, 0, 1_000)
    recorder.begin_secret(600)
    recorder.begin_secret(900)
    recorder.end_secret(1_000)
    caller_talks(recorder, 1_000, 2_000)
    assert recorder.muted == [(300, 1_300)]
    assert loud_ms(written(recorder, tmp_path)[0]) == [(0, 300), (1_300, 2_000)]


def test_a_call_without_the_caller_is_as_long_as_the_reply(tmp_path: Path) -> None:
    recorder = CallRecorder(RATE)
    recorder.sent(frame(0, ms=100), now_ms=50)
    caller, reply = written(recorder, tmp_path)
    assert (len(caller), loud_ms(reply)) == (1_200, [(50, 150)])
