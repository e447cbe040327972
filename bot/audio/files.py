"""Audio at the edge: files in and out, whole recordings at another rate, levels.

Samples are numpy int16 arrays, mono unless said otherwise; levels are dBFS RMS, where 0 dB is a
square wave at full scale. Streams at another rate are in ``resampler``, µ-law in ``mulaw``.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from bot.audio.wav_header import check_wav
from bot.errors import AudioError
from bot.types import AudioFrame

Samples = npt.NDArray[np.int16]

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 48_000
LONGEST_S = 3_600.0
SILENCE_DB = -120.0
"""What level_db says of digital silence."""

_FULL_SCALE = 32_768.0
_CLIPPED_SHARE = 1e-3
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Audio:
    """One channel of a file. ``warnings`` are one-line remarks on audio that can still be used."""

    samples: Samples
    rate: int
    warnings: tuple[str, ...] = ()

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds."""
        return len(self.samples) * 1000 // self.rate


def read_audio(path: Path, longest_s: float = LONGEST_S) -> Audio:
    """Read a WAV or FLAC file, 8 to 48 kHz, one or two channels.

    Of two channels the left one is taken: call recordings keep the caller there, and a mix would
    lay our own prompts over the caller. Raises AudioError, one line that says what to do.
    """
    try:
        if path.is_dir():
            raise AudioError(f"{path}: is a folder; give the files in it")
        if not path.is_file():
            raise AudioError(f"{path}: there is no such file")
        if path.stat().st_size == 0:
            raise AudioError(f"{path}: the file is empty; record or copy it again")
        check_wav(path)
        with _open(path) as file:
            _check_format(path, file)
            blocks = _read_blocks(path, file, longest_s)
            rate, declared = file.samplerate, file.frames
    except soundfile.LibsndfileError:
        raise AudioError(f"{path}: is damaged or cut off; copy it again") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be opened ({error.strerror})") from None
    read = sum(len(block) for block in blocks)
    if read == 0:
        raise AudioError(f"{path}: holds no samples; record it again")
    if read < declared:
        raise AudioError(f"{path}: is cut off after {read / rate:.1f} s; copy it again")
    both = np.concatenate(blocks)
    return Audio(np.ascontiguousarray(both[:, 0]), rate, _warnings(both))


def _open(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        raise AudioError(f"{path}: is no audio that can be read; give WAV or FLAC") from None


def _check_format(path: Path, file: soundfile.SoundFile) -> None:
    if file.format not in ("WAV", "WAVEX", "FLAC"):
        raise AudioError(f"{path}: is {file.format}; convert it to WAV or FLAC")
    if not LOWEST_RATE_HZ <= file.samplerate <= HIGHEST_RATE_HZ:
        raise AudioError(f"{path}: is sampled at {file.samplerate} Hz; give 8000 to 48000 Hz")
    if file.channels > 2:
        raise AudioError(f"{path}: has {file.channels} channels; give one or two")


def _read_blocks(path: Path, file: soundfile.SoundFile, longest_s: float) -> list[Samples]:
    """Whole file as int16 blocks of shape (n, channels), never much more than the limit."""
    blocks: list[Samples] = []
    read = 0
    while True:
        block = file.read(_BLOCK, dtype="float32", always_2d=True)
        if len(block) == 0:
            return blocks
        if not np.isfinite(block).all():
            raise AudioError(f"{path}: holds values that are no numbers; export it again")
        read += len(block)
        if read > longest_s * file.samplerate:
            raise AudioError(f"{path}: is longer than {longest_s:g} s; cut it into parts")
        blocks.append(_to_int16(block * _FULL_SCALE))


def _warnings(both: Samples) -> tuple[str, ...]:
    left = both[:, 0]
    found = []
    loudest = int(np.abs(left.astype(np.int32)).max())
    share = float(np.mean(np.abs(left.astype(np.int32)) >= max(loudest, 32_000)))
    if loudest >= 32_000 and share > _CLIPPED_SHARE:
        found.append(f"clipped: {share:.1%} of the samples are at full scale")
    if loudest == 0:
        other = both.shape[1] == 2 and bool(both[:, 1].any())
        found.append("the left channel is silent, the right one is not" if other else "silent")
    return tuple(found)


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """Write int16 samples, shape (n,) or (n, channels), as 16-bit WAV; whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{path}: cannot be written ({error.error_string})") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be written ({error.strerror})") from None


def to_samples(pcm: bytes) -> Samples:
    """16-bit little-endian bytes as samples (a read-only view)."""
    return np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)


def to_pcm(samples: Samples) -> bytes:
    """Samples as 16-bit little-endian bytes."""
    return samples.astype("<i2", copy=False).tobytes()


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """All of a recording at another rate (soxr, high quality, no dither: silence stays zeros)."""
    if from_hz == to_hz or len(samples) == 0:
        return samples
    return _to_int16(soxr.resample(samples.astype(np.float32), from_hz, to_hz))


def frames(audio: Audio, rate: int, frame_ms: int = 20) -> Iterator[AudioFrame]:
    """Cut a recording into frames at ``rate`` Hz; the last one is filled up with silence."""
    samples = resample(audio.samples, audio.rate, rate)
    size = rate * frame_ms // 1000
    for index, start in enumerate(range(0, len(samples), size)):
        part = samples[start : start + size]
        filled = np.pad(part, (0, size - len(part)))
        yield AudioFrame(to_pcm(filled), rate, index * frame_ms)


def level_db(samples: Samples) -> float:
    """RMS level in dBFS, at least SILENCE_DB."""
    if len(samples) == 0:
        return SILENCE_DB
    scaled = samples.astype(np.float64) / _FULL_SCALE
    power = float(np.dot(scaled, scaled)) / len(samples)
    return max(SILENCE_DB, 10.0 * math.log10(power)) if power > 0 else SILENCE_DB


def _to_int16(values: npt.NDArray[np.float32]) -> Samples:
    limited = np.clip(np.rint(values), -_FULL_SCALE, _FULL_SCALE - 1)
    return limited.astype(np.int16)
