"""Audio at the edge: what is read, what is refused and how that is said; rates, levels, µ-law."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audio import mulaw
from bot.audio.files import (
    Audio,
    Samples,
    frames,
    level_db,
    read_audio,
    resample,
    to_pcm,
    to_samples,
    write_wav,
)
from bot.audio.resampler import Resampler
from bot.errors import AudioError
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.unit

BROKEN = FIXTURES / "broken"
RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000)


def sine(hz: float, rate: int, seconds: float = 1.0, amplitude: float = 10_000) -> Samples:
    time = np.arange(round(rate * seconds)) / rate
    return np.rint(amplitude * np.sin(2 * np.pi * hz * time)).astype(np.int16)


# -- files that are read ----------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_samples_and_rate_come_back_as_written(tmp_path: Path, rate: int, kind: str) -> None:
    samples = sine(440, rate)
    soundfile.write(tmp_path / f"a.{kind}", samples, rate, subtype="PCM_16")
    audio = read_audio(tmp_path / f"a.{kind}")
    assert audio.rate == rate and audio.duration_ms == 1_000
    assert np.array_equal(audio.samples, samples)
    assert audio.warnings == ()


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"])
def test_other_encodings_are_read_at_the_same_level(tmp_path: Path, subtype: str) -> None:
    samples = sine(440, 8_000)
    soundfile.write(tmp_path / "a.wav", samples / 32_768, 8_000, subtype=subtype)
    assert level_db(read_audio(tmp_path / "a.wav").samples) == pytest.approx(
        level_db(samples), abs=0.2
    )


def test_the_left_of_two_channels_is_the_caller() -> None:
    stereo = read_audio(BROKEN / "stereo_44100.flac")
    assert stereo.rate == 44_100 and level_db(stereo.samples) > -40


def test_a_caller_on_the_right_channel_only_is_warned_about() -> None:
    assert "left channel is silent" in read_audio(BROKEN / "right_only.flac").warnings[0]


def test_clipped_audio_is_read_with_a_warning() -> None:
    assert "clipped" in read_audio(BROKEN / "clipped.flac").warnings[0]


def test_digital_silence_is_read_with_a_warning() -> None:
    assert read_audio(BROKEN / "digital_silence.flac").warnings == ("silent",)


@pytest.mark.parametrize(
    "declared",
    [
        0,
        0x7FFF_F000,
        0x7FFF_FFFF,
        0x8000_0000,
        2_000_000_000,
        0xFFFF_FFDB,
        0xFFFF_FFF0,
        0xFFFF_FFFF,
    ],
)
def test_a_wav_without_a_final_length_is_read_to_its_end(tmp_path: Path, declared: int) -> None:
    path = tmp_path / "pipe.wav"
    write_wav(path, sine(440, 8_000), 8_000)
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", min(declared + 36, 0xFFFF_FFFF))
    content[40:44] = struct.pack("<I", declared)
    path.write_bytes(content)
    found = read_audio(path)
    assert (found.duration_ms, found.warnings) == (1_000, ())


@pytest.mark.parametrize("size", [16_001, 15_999])
def test_a_wav_that_ends_inside_a_sample_is_read_with_a_warning(tmp_path: Path, size: int) -> None:
    path = tmp_path / "odd.wav"
    write_wav(path, sine(440, 8_000), 8_000)
    content = bytearray((path.read_bytes() + bytes(2))[: 44 + size + size % 2])
    content[40:44] = struct.pack("<I", size)
    path.write_bytes(content)
    found = read_audio(path)
    assert len(found.samples) == size // 2
    assert found.warnings == ("ends in the middle of a sample: the last one is left out",)


def test_a_wav_with_an_empty_data_chunk_has_no_samples(tmp_path: Path) -> None:
    path = tmp_path / "list.wav"
    write_wav(path, sine(440, 8_000), 8_000)
    listed = b"LIST" + struct.pack("<I", 20) + b"INFOISFT" + struct.pack("<I", 8) + b"recorder"
    path.write_bytes(path.read_bytes()[:40] + struct.pack("<I", 0) + listed)
    with pytest.raises(AudioError, match="no samples"):
        read_audio(path)


@pytest.mark.parametrize(("codec", "says"), [(0x55, "is MP3 inside WAV"), (0xFF, "is AAC inside")])
def test_another_codec_inside_wav_is_named(tmp_path: Path, codec: int, says: str) -> None:
    path = tmp_path / "wrapped.wav"
    write_wav(path, sine(440, 8_000), 8_000)
    content = bytearray(path.read_bytes())
    content[20:22] = struct.pack("<H", codec)
    path.write_bytes(content[:-1])
    with pytest.raises(AudioError, match=says):
        read_audio(path)


# -- files that are refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.wav", "no such file"),
        ("empty.wav", "empty"),
        ("no_samples.wav", "no samples"),
        ("truncated.wav", "truncated, [0-9]+ bytes are missing"),
        ("truncated.flac", "damaged or truncated"),
        ("header_only.wav", "truncated before its first sample"),
        ("not_audio.wav", "not a readable audio file"),
        ("not_audio.flac", "not a readable audio file"),
        ("rate_4000.flac", "4000 Hz; use 8000 to 48000 Hz"),
        ("rate_96000.flac", "96000 Hz; use 8000 to 48000 Hz"),
        ("channels_3.flac", "3 channels; use one or two"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_in_one_line(name: str, says: str) -> None:
    with pytest.raises(AudioError, match=says) as refused:
        read_audio(BROKEN / name)
    message = str(refused.value)
    assert name in message and "\n" not in message


def test_errors_for_other_formats_name_the_formats_to_convert_to(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", sine(440, 8_000), 8_000)
    with pytest.raises(AudioError, match="is OGG; convert it to WAV or FLAC"):
        read_audio(tmp_path / "a.ogg")


def test_a_recording_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", sine(440, 8_000, seconds=2), 8_000)
    assert read_audio(tmp_path / "a.wav", longest_s=2).duration_ms == 2_000
    with pytest.raises(AudioError, match=r"longer than 1\.5 s"):
        read_audio(tmp_path / "a.wav", longest_s=1.5)


def test_nan_and_infinite_samples_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.0, np.nan]), 8_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="NaN or infinite"):
        read_audio(tmp_path / "a.wav")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is a folder"):
        read_audio(tmp_path)


@settings(max_examples=200, deadline=None)
@given(cut=st.integers(0, 200), changes=st.dictionaries(st.integers(0, 60), st.integers(0, 255)))
def test_any_header_gives_audio_or_one_line_of_error(
    tmp_path_factory: pytest.TempPathFactory, cut: int, changes: dict[int, int]
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.wav"
    write_wav(path, sine(440, 8_000, seconds=0.01), 8_000)
    content = bytearray(path.read_bytes())
    for at, value in changes.items():
        content[at] = value
    path.write_bytes(content[: len(content) - cut])
    try:
        assert len(read_audio(path).samples) > 0
    except AudioError as error:
        assert "\n" not in str(error)


# -- writing ----------------------------------------------------------------------------------


def test_a_stereo_file_is_written_and_replaces_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    both = np.stack([sine(440, 8_000), sine(880, 8_000)], axis=1)
    write_wav(path, both, 8_000)
    back, rate = soundfile.read(path, dtype="int16")
    assert rate == 8_000 and np.array_equal(back, both)
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


# -- rates ------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_hz", RATES)
@pytest.mark.parametrize("to_hz", [8_000, 16_000])
def test_a_stream_in_pieces_equals_the_whole_recording(from_hz: int, to_hz: int) -> None:
    samples = sine(1_000, from_hz)
    stream = Resampler(from_hz, to_hz)
    pieces = [stream.accept(samples[at : at + 137]) for at in range(0, len(samples), 137)]
    streamed = np.concatenate([*pieces, stream.finish()]).astype(int)
    whole = resample(samples, from_hz, to_hz).astype(int)
    assert abs(len(streamed) - len(whole)) <= 1
    middle = slice(200, min(len(streamed), len(whole)) - 200)
    assert np.abs(streamed[middle] - whole[middle]).max() <= 20, "−54 dB of the tone"


@pytest.mark.parametrize("from_hz", [8_000, 16_000, 48_000])
def test_a_resampled_stream_is_three_milliseconds_late(from_hz: int) -> None:
    stream, given = Resampler(from_hz, 8_000 if from_hz > 8_000 else 16_000), 0
    to_hz = 8_000 if from_hz > 8_000 else 16_000
    for count in range(1, 50):
        given += len(stream.accept(np.zeros(from_hz // 50, np.int16)))
        assert count * 20 - given * 1000 / to_hz == pytest.approx(3, abs=0.2)


def test_frequencies_above_the_lower_rate_are_removed() -> None:
    above = Resampler(16_000, 8_000).accept(sine(4_800, 16_000))
    assert level_db(above[200:]) < level_db(sine(4_800, 16_000)) - 60


def test_resampling_no_audio_gives_no_audio() -> None:
    assert len(resample(np.zeros(0, np.int16), 16_000, 8_000)) == 0
    assert len(Resampler(16_000, 8_000).accept(np.zeros(0, np.int16))) == 0


def test_loud_audio_is_limited_and_never_wraps_around_when_resampled() -> None:
    square = np.where(sine(440, 16_000) >= 0, 32_767, -32_768).astype(np.int16)
    for made in (resample(square, 16_000, 8_000), Resampler(16_000, 8_000).accept(square)):
        assert made.dtype == np.int16
        assert abs(level_db(made)) < 1.0


# -- frames and levels ------------------------------------------------------------------------


def test_frames_follow_without_gaps_and_the_last_one_is_padded_with_silence() -> None:
    audio = Audio(np.ones(16_000 // 50 * 2 + 10, np.int16), 16_000)
    cut = list(frames(audio, 16_000))
    assert [(frame.start_ms, frame.duration_ms) for frame in cut] == [(0, 20), (20, 20), (40, 20)]
    assert to_samples(cut[-1].pcm).sum() == 10


@given(st.lists(st.integers(-32_768, 32_767)))
def test_samples_and_bytes_convert_without_loss(values: list[int]) -> None:
    samples = np.array(values, np.int16)
    assert np.array_equal(to_samples(to_pcm(samples)), samples)


def test_levels_are_relative_to_a_full_scale_square_wave() -> None:
    assert level_db(np.full(100, -32_768, np.int16)) == pytest.approx(0.0)
    assert level_db(np.full(100, 3_277, np.int16)) == pytest.approx(-20.0, abs=0.01)
    assert level_db(np.zeros(100, np.int16)) == level_db(np.zeros(0, np.int16)) == -120.0


# -- µ-law ------------------------------------------------------------------------------------


def reference_ulaw(value: int) -> int:
    """G.711 one sample at a time, with integers alone (14 bits, bias 33, eight segments)."""
    biased = min(abs(value >> 2), 8_159) + 33
    if biased > 0x1FFF:
        return 0x00 if value < 0 else 0x80
    segment = biased.bit_length() - 6
    code = (segment << 4) | ((biased >> (segment + 1)) & 0xF)
    return (code ^ 0x7F) if value < 0 else (code ^ 0xFF)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (0x80, 32_124),
        (0x00, -32_124),
        (0xFF, 0),
        (0x7F, 0),
        (0x8F, 16_764),
        (0x9F, 8_316),
        (0xEF, 132),
        (0xFE, 8),
        (0x7E, -8),
    ],
)
def test_mu_law_has_the_values_of_the_standard(code: int, value: int) -> None:
    assert mulaw.decode(bytes([code])).tolist() == [value]


def test_every_sample_is_encoded_as_the_standard_says() -> None:
    values = np.arange(-32_768, 32_768)
    coded = mulaw.encode(values.astype(np.int16))
    assert list(coded) == [reference_ulaw(int(value)) for value in values]


def test_decoded_samples_are_encoded_to_the_same_byte() -> None:
    every = bytes(range(256))
    again = mulaw.encode(mulaw.decode(every))
    assert again == every.replace(b"\x7f", b"\xff"), "minus zero is zero"
