"""A prepared corpus: every utterance's audio in one memory-mapped file, its labels in another.

A corpus folder holds ``audio.s16`` (16-bit little-endian samples at 8 kHz, utterance after
utterance, no header) and ``utterances.jsonl`` (one JSON object per utterance, in the same order).
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, TextIO, cast, get_args

import numpy as np
from numpy.typing import NDArray

from acoustic_model.audio_types import RATE_HZ
from acoustic_model.errors import CorpusError

UNKNOWN = "[unk]"

Kind = Literal["string", "word", "command", "sentence", "nonspeech", "synthetic"]
KINDS: tuple[str, ...] = get_args(Kind)

_AUDIO = "audio.s16"
_INDEX = "utterances.jsonl"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labeled piece of audio."""

    words: tuple[str, ...]
    """Vocabulary words; ``[unk]`` for each stretch outside it; empty if nobody speaks."""
    speaker: str
    """A person, or a synthetic session (one voice with one setting)."""
    source: str
    """Origin; ``an4-train`` and ``an4-dev`` keep the speaker folds apart, and the suffix
    ``-heldout`` marks audio for evaluation only."""
    licence: str
    kind: str
    """One of :data:`KINDS`."""
    start: int
    """First sample in ``audio.s16``."""
    samples: int
    spoken: tuple[str, ...] = ()
    """Every word as transcribed, in the vocabulary or not; empty without a transcript (``words``
    is then ``[unk]``) or if nobody speaks."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples / RATE_HZ


class Corpus:
    """A finished corpus folder, opened for reading without loading its audio."""

    def __init__(self, utterances: tuple[Utterance, ...], samples: NDArray[np.int16]) -> None:
        self.utterances = utterances
        self._samples = samples

    @classmethod
    def open(cls, folder: Path) -> Corpus:
        """Maps `folder`; raises :class:`CorpusError` if it is missing, truncated, or corrupt."""
        index, audio = folder / _INDEX, folder / _AUDIO
        if not index.is_file() or not audio.is_file():
            raise CorpusError(f"{folder} is not a corpus (no {_INDEX}, {_AUDIO}); prepare it first")
        utterances = tuple(_read_index(index))
        expected = sum(utterance.samples for utterance in utterances)
        found = audio.stat().st_size / 2
        if found != expected or not utterances:
            raise CorpusError(
                f"{folder} is corrupt: {_INDEX} lists {expected} samples, {_AUDIO} holds "
                f"{found:g}; delete the folder and prepare it again"
            )
        return cls(utterances, np.memmap(audio, dtype="<i2", mode="r"))

    def audio(self, utterance: Utterance) -> NDArray[np.int16]:
        """The utterance's samples: a read-only view of shape (utterance.samples,)."""
        return self._samples[utterance.start : utterance.start + utterance.samples]


class CorpusWriter:
    """Collects utterances beside `folder` and moves the finished corpus there on :meth:`close`.

    As a context manager, it closes on success and leaves nothing behind on an error. An existing
    corpus in `folder` is replaced only by the finished new one.
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not (folder / _INDEX).is_file() and any(folder.iterdir()):
            raise CorpusError(f"{folder} exists but is not a corpus; choose another folder")
        self._folder = folder
        self._partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir(parents=True)
        self._audio: BinaryIO = (self._partial / _AUDIO).open("wb")
        self._index: TextIO = (self._partial / _INDEX).open("w", encoding="utf-8")
        self._samples = 0

    def add(
        self,
        audio: NDArray[np.int16],
        words: Sequence[str],
        speaker: str,
        source: str,
        licence: str,
        kind: str,
        spoken: Sequence[str] = (),
    ) -> None:
        """Appends one utterance of 8 kHz samples, shape (n,) with n > 0."""
        if kind not in KINDS:
            raise CorpusError(f"unknown kind of utterance {kind!r}; use one of {', '.join(KINDS)}")
        if audio.ndim != 1 or audio.dtype != np.int16 or not audio.size:
            raise CorpusError(
                f"the audio of an utterance of {speaker} must be one channel of 16-bit samples"
            )
        utterance = Utterance(
            *(tuple(words), speaker, source, licence, kind),
            *(self._samples, int(audio.size), tuple(spoken)),
        )
        try:
            self._audio.write(audio.astype("<i2", copy=False).tobytes())
            self._index.write(json.dumps(asdict(utterance), ensure_ascii=False) + "\n")
        except OSError as error:
            raise CorpusError(f"cannot write {self._folder}: {error.strerror}") from error
        self._samples += int(audio.size)

    def close(self) -> None:
        """Replaces an older corpus with the finished one; on failure, raises and keeps the old."""
        if not self._samples:
            self.discard()
            raise CorpusError(f"no utterances for {self._folder}; it was left unchanged")
        try:
            self._audio.close()
            self._index.close()
            if self._folder.exists():
                shutil.rmtree(self._folder)
            self._partial.rename(self._folder)
        except OSError as error:
            self.discard()
            raise CorpusError(f"cannot write {self._folder}: {error.strerror}") from error

    def discard(self) -> None:
        """Removes what was collected; an existing corpus in the folder stays unchanged."""
        for file in (self._audio, self._index):
            with contextlib.suppress(OSError):  # closing flushes, and a full disk fails again
                file.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def __enter__(self) -> CorpusWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def _read_index(index: Path) -> list[Utterance]:
    with index.open(encoding="utf-8") as lines:
        try:
            rows = [cast(dict[str, Any], json.loads(line)) for line in lines]
            return [_utterance(row) for row in rows]
        except (ValueError, TypeError, KeyError) as error:
            raise CorpusError(f"{index} is corrupt ({error}); prepare it again") from error


def _utterance(row: dict[str, Any]) -> Utterance:
    return Utterance(**{**row, "words": tuple(row["words"]), "spoken": tuple(row["spoken"])})
