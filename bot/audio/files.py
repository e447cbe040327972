"""Read and write audio files, resample whole recordings, and measure levels.

Samples are numpy int16 arrays, mono unless noted; levels are RMS in dBFS, where 0 dB is a
full-scale square wave. ``resampler`` handles streams, ``mulaw`` µ-law.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from bot.atomic_file import write_whole
from bot.audio.wav_header import open_wav
from bot.errors import AudioError
from bot.types import AudioFrame

Samples = npt.NDArray[np.int16]

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 48_000
LONGEST_S = 3_600.0
SILENCE_DB = -120.0
"""Level of digital silence, and the lowest that level_db returns."""

_FULL_SCALE = 32_768.0
_PCM = np.dtype("<i2")
_CLIPPED_SHARE = 1e-3
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Audio:
    """One channel of a file."""

    samples: Samples
    rate: int
    """Hz."""
    warnings: tuple[str, ...] = ()
    """One line for each flaw of audio that is still usable."""

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds."""
        return len(self.samples) * 1000 // self.rate


def read_audio(path: Path, longest_s: float = LONGEST_S) -> Audio:
    """Read a WAV or FLAC file, 8 to 48 kHz, one or two channels.

    Only the left of two channels is read: call recordings keep the caller there, and a mix would
    play our own prompts over the caller. Raises AudioError with what to do, in one line.
    """
    try:
        if path.is_dir():
            raise AudioError(f"{path}: is a folder; name the files in it")
        if not path.is_file():
            raise AudioError(f"{path}: no such file")
        if path.stat().st_size == 0:
            raise AudioError(f"{path}: the file is empty; record or copy it again")
        wav = open_wav(path)
        with _open(path, wav.source) as file:
            _check_format(path, file)
            blocks = _read_blocks(path, file, longest_s)
            rate, declared = file.samplerate, file.frames
    except soundfile.LibsndfileError:
        raise AudioError(f"{path}: damaged or truncated; copy it again") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be opened ({error.strerror})") from None
    read = sum(len(block) for block in blocks)
    if read == 0:
        raise AudioError(f"{path}: has no samples; record it again")
    if read < declared:
        raise AudioError(f"{path}: truncated after {read / rate:.1f} s; copy it again")
    both = np.concatenate(blocks)
    return Audio(np.ascontiguousarray(both[:, 0]), rate, wav.warnings + _warnings(both))


def _open(path: Path, source: Path | BytesIO) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(source)
    except soundfile.LibsndfileError:
        raise AudioError(f"{path}: not a readable audio file; use WAV or FLAC") from None


def _check_format(path: Path, file: soundfile.SoundFile) -> None:
    if file.format not in ("WAV", "WAVEX", "FLAC"):
        raise AudioError(f"{path}: is {file.format}; convert it to WAV or FLAC")
    if not LOWEST_RATE_HZ <= file.samplerate <= HIGHEST_RATE_HZ:
        raise AudioError(f"{path}: sampled at {file.samplerate} Hz; use 8000 to 48000 Hz")
    if file.channels > 2:
        raise AudioError(f"{path}: has {file.channels} channels; use one or two")


def _read_blocks(path: Path, file: soundfile.SoundFile, longest_s: float) -> list[Samples]:
    """The whole file as int16 blocks of shape (n, channels); stops soon after the limit."""
    blocks: list[Samples] = []
    read = 0
    while True:
        block = file.read(_BLOCK, dtype="float32", always_2d=True)
        if len(block) == 0:
            return blocks
        if not np.isfinite(block).all():
            raise AudioError(f"{path}: contains NaN or infinite samples; export it again")
        read += len(block)
        if read > longest_s * file.samplerate:
            raise AudioError(f"{path}: longer than {longest_s:g} s; split it")
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
    """Write int16 samples, shape (n,) or (n, channels), as 16-bit WAV, whole, for its owner alone.

    The folder has to be there. Raises AudioError.
    """
    wav = BytesIO()
    try:
        path.parent.stat()
        soundfile.write(wav, samples, rate, format="WAV", subtype="PCM_16")
        write_whole(path, wav.getvalue(), private=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{path}: cannot be written ({error.error_string})") from None
    except OSError as error:
        raise AudioError(f"{path}: cannot be written ({error.strerror})") from None


def to_samples(pcm: bytes) -> Samples:
    """16-bit little-endian bytes as samples (a read-only view)."""
    return np.frombuffer(pcm, _PCM)


def to_pcm(samples: Samples) -> bytes:
    """Samples as 16-bit little-endian bytes."""
    return samples.astype("<i2", copy=False).tobytes()


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Resample a whole recording (soxr, high quality; no dither, so silence stays zero)."""
    if from_hz == to_hz or len(samples) == 0:
        return samples
    return _to_int16(soxr.resample(samples.astype(np.float32), from_hz, to_hz))


def frames(audio: Audio, rate: int, frame_ms: int = 20) -> Iterator[AudioFrame]:
    """Cut a recording into frames at ``rate`` Hz, padding the last one with silence."""
    samples = resample(audio.samples, audio.rate, rate)
    size = rate * frame_ms // 1000
    for index, start in enumerate(range(0, len(samples), size)):
        part = samples[start : start + size]
        filled = np.pad(part, (0, size - len(part)))
        yield AudioFrame(to_pcm(filled), rate, index * frame_ms)


def level_db(samples: Samples) -> float:
    """RMS level in dBFS, never below SILENCE_DB."""
    if len(samples) == 0:
        return SILENCE_DB
    values = samples.astype(np.float64)
    return power_db(float(values @ values) / len(samples))


def power_db(mean_square: float) -> float:
    """Level in dBFS of samples with this mean square, never below SILENCE_DB."""
    power = mean_square / _FULL_SCALE**2
    return max(SILENCE_DB, 10.0 * math.log10(power)) if power > 0 else SILENCE_DB


def _to_int16(values: npt.NDArray[np.float32]) -> Samples:
    limited = np.clip(np.rint(values), -_FULL_SCALE, _FULL_SCALE - 1)
    return limited.astype(np.int16)
