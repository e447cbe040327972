"""Turns recordings of any sample rate into a corpus: reads, checks, resamples, labels, cuts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from rich.progress import Progress

from acoustic_model.audio_types import RATE_HZ
from acoustic_model.data.caller_phrases import NUMBERS
from acoustic_model.data.corpus import UNKNOWN, CorpusWriter, Kind
from acoustic_model.data.manifests import Recording, Source, read_source, to_vocabulary
from acoustic_model.errors import SourceError

_LONGEST_S = 60.0
_PIECE_S = (2.5, 5.0)


def prepare_recordings(
    sources: Iterable[Source], vocabulary: frozenset[str], folder: Path, progress: Progress
) -> None:
    """Writes the corpus of all `sources` to `folder`; on failure, raises and leaves it unchanged.

    Duplicate recordings are used once; if their transcripts differ, that is an error.
    """
    recordings = [recording for source in sources for recording in read_source(source)]
    heard: dict[bytes, Recording] = {}
    with CorpusWriter(folder) as writer:
        for recording in progress.track(recordings, description="recordings"):
            audio = _read(recording)
            key = hashlib.sha256(audio.tobytes()).digest()
            if _is_repeated(recording, heard.setdefault(key, recording)):
                progress.console.print(
                    f"{recording.path.name} duplicates {heard[key].path.name}: skipped"
                )
                continue
            transcribed = recording.transcribed
            words = to_vocabulary(recording.words, vocabulary) if transcribed else (UNKNOWN,)
            for piece in [audio] if transcribed else cut(audio):
                writer.add(
                    piece,
                    words,
                    recording.speaker,
                    recording.source,
                    recording.licence,
                    kind_of(words, len(recording.words)),
                    recording.words,
                )


def read_recording(path: Path) -> NDArray[np.int16]:
    """The recording as 8 kHz samples, shape (n,); several channels are averaged.

    Raises :class:`SourceError` if it is not audio, is silent, is longer than a minute, or has a
    sample rate outside 8 to 48 kHz.
    """
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SourceError(f"{path} is not WAV or FLAC audio") from error
    if not RATE_HZ <= rate <= 48000:
        raise SourceError(f"{path} has a sample rate of {rate} Hz, not 8000 to 48000")
    if not 0.05 <= len(audio) / rate <= _LONGEST_S:
        raise SourceError(f"{path} lasts {len(audio) / rate:.2f} s, not 0.05 to {_LONGEST_S:g}")
    mono = audio.mean(axis=1)
    if not np.isfinite(mono).all() or np.abs(mono).max() < 1e-4:
        raise SourceError(f"{path} is silent")
    resampled = soxr.resample(mono, rate, RATE_HZ) if rate != RATE_HZ else mono
    samples: NDArray[np.int16] = np.clip(np.round(resampled * 32768), -32768, 32767).astype("<i2")
    return samples


def kind_of(words: tuple[str, ...], spoken: int) -> Kind:
    """Kind of an utterance with vocabulary `words`, mapped from a count of `spoken` words."""
    if not words:
        return "nonspeech"
    if set(words) <= NUMBERS:
        return "word" if len(words) == 1 else "string"
    if UNKNOWN in words:
        return "word" if spoken == 1 else "sentence"
    return "sentence" if set(words) & NUMBERS else "command"


def cut(audio: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    """Cuts long speech at its quietest points into pieces of 2.5 to 5 s."""
    pieces = []
    first, last = (int(seconds * RATE_HZ) for seconds in _PIECE_S)
    while len(audio) > last + first:
        window = np.abs(audio[first:last].astype(np.float32))
        loudness = np.convolve(window, np.ones(800, np.float32), "same")
        at = first + int(loudness.argmin())
        pieces.append(audio[:at])
        audio = audio[at:]
    return [*pieces, audio]


def _read(recording: Recording) -> NDArray[np.int16]:
    try:
        return read_recording(recording.path)
    except SourceError as error:
        raise SourceError(f"{recording.where}: {error}") from error


def _is_repeated(recording: Recording, first: Recording) -> bool:
    if recording is first:
        return False
    if recording.words != first.words:
        raise SourceError(
            f"{recording.where}: {recording.path} and {first.path} are the same recording with "
            "different words"
        )
    return True
