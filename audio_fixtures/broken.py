"""Files with one defect each, for the tests of bad input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from bot.audio.files import Samples, resample


def write(folder: Path, speech: Path) -> Iterator[tuple[str, str, int]]:
    """Write each file; yield its name, its defect, and its declared sample rate (or 0)."""
    spoken, rate = soundfile.read(speech, dtype="int16")
    narrow = resample(spoken, rate, 8_000)
    whole = _wav_bytes(folder / "whole.wav", narrow, 8_000)
    raw = {
        "empty.wav": (b"", "no bytes at all", 0),
        "no_samples.wav": (whole[:40] + bytes(4), "a header without samples", 8_000),
        "truncated.wav": (whole[: len(whole) // 2], "cut off half way", 8_000),
        "odd_length.wav": (_odd(whole), "an odd number of bytes in 16-bit data", 8_000),
        "header_only.wav": (whole[:20], "cut off inside its header", 0),
        "not_audio.wav": (b"This is a letter, not a recording.\n" * 8, "text", 0),
        "not_audio.flac": (bytes(range(256)) * 2, "bytes without meaning", 0),
        "truncated.flac": (_half(speech), "cut off half way", rate),
    }
    for name, (content, text, declared) in raw.items():
        (folder / name).write_bytes(content)
        yield name, text, declared
    yield from _unusual(folder, spoken, rate)


def _unusual(folder: Path, spoken: Samples, rate: int) -> Iterator[tuple[str, str, int]]:
    """Files that can be read, some with a warning, and unsupported sample rates."""
    clipped = np.clip(spoken.astype(np.int32) * 40, -32_768, 32_767).astype(np.int16)
    cd = resample(spoken, rate, 44_100)
    files = {
        "clipped.flac": (clipped, rate, "yes, 32 dB too loud"),
        "stereo_44100.flac": (np.stack([cd, np.zeros_like(cd)], axis=1), 44_100, "yes, left"),
        "right_only.flac": (np.stack([0 * spoken, spoken], axis=1), rate, "yes, right"),
        "digital_silence.flac": (np.zeros(rate, np.int16), rate, "nothing but zeros"),
        "rate_4000.flac": (resample(spoken, rate, 4_000), 4_000, "a rate below 8 kHz"),
        "rate_96000.flac": (resample(spoken, rate, 96_000), 96_000, "a rate above 48 kHz"),
        "channels_3.flac": (np.stack([spoken] * 3, axis=1), rate, "three channels"),
    }
    for name, (samples, declared, text) in files.items():
        soundfile.write(folder / name, samples, declared, subtype="PCM_16")
        yield name, text, declared


def _wav_bytes(path: Path, samples: Samples, rate: int) -> bytes:
    soundfile.write(path, samples, rate, subtype="PCM_16")
    content = path.read_bytes()
    path.unlink()
    return content


def _odd(whole: bytes) -> bytes:
    """The file with one byte of data less, and a matching header."""
    size = int.from_bytes(whole[40:44], "little") - 1
    return whole[:40] + size.to_bytes(4, "little") + whole[44:-1]


def _half(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: len(content) // 2]
