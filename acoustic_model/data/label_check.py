"""Decodes a corpus with a model known to work: what it cannot understand is suspect.

A set of "English" digits can turn out to be in another language, a voice to be unintelligible, or
a label to be wrong. Decoding each source before training on it finds such errors.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray
from rich.progress import Progress

from acoustic_model.audio_types import RATE_HZ
from acoustic_model.data.caller_phrases import DIGITS
from acoustic_model.data.corpus import Corpus, Utterance
from acoustic_model.errors import AcousticModelError

_SILENCE = np.zeros(RATE_HZ * 3 // 10, np.int16)


@dataclass(frozen=True, slots=True)
class Heard:
    """Recognition results for one group of utterances."""

    group: str
    utterances: int
    words: int
    errors: int
    """Words substituted, deleted, or inserted."""

    @property
    def error_rate(self) -> float:
        """Errors per spoken word."""
        return self.errors / self.words


def listen(
    corpus: Corpus,
    model: Path,
    group: Callable[[Utterance], str],
    limit: int,
    progress: Progress,
    words: tuple[str, ...] = DIGITS,
) -> list[Heard]:
    """Decodes up to `limit` utterances per group that hold only `words`; the worst group first."""
    chosen = _chosen(corpus.utterances, group, limit, frozenset(words))
    vosk.SetLogLevel(-2)
    try:
        engine = vosk.Model(str(model))
    except Exception as error:  # vosk raises nothing more specific
        raise AcousticModelError(f"{model} is not a Vosk model") from error
    results = []
    task = progress.add_task("listening", total=sum(map(len, chosen.values())))
    for name, utterances in chosen.items():
        errors = 0
        for utterance in utterances:
            errors += edits(utterance.words, decoded(engine, corpus.audio(utterance), words))
            progress.advance(task)
        said = sum(len(utterance.words) for utterance in utterances)
        results.append(Heard(name, len(utterances), said, errors))
    return sorted(results, key=lambda heard: -heard.error_rate)


def edits(said: tuple[str, ...], heard: tuple[str, ...]) -> int:
    """Fewest words to substitute, delete, or insert to turn one sequence into the other.

    Levenshtein (1966). Eight lines, where jiwer would bring three packages along.
    """
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        diagonal, row[0] = row[0], at
        for place, other in enumerate(heard, 1):
            best = min(row[place] + 1, row[place - 1] + 1, diagonal + (word != other))
            diagonal, row[place] = row[place], best
    return row[-1]


def _chosen(
    utterances: Iterable[Utterance],
    group: Callable[[Utterance], str],
    limit: int,
    words: frozenset[str],
) -> dict[str, list[Utterance]]:
    chosen: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        if utterance.words and words.issuperset(utterance.words):
            name = group(utterance)
            if len(chosen[name]) < limit:
                chosen[name].append(utterance)
    return chosen


def decoded(
    engine: vosk.Model, audio: NDArray[np.int16], words: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what `engine` recognizes if it may choose only from `words`."""
    recognizer = vosk.KaldiRecognizer(engine, RATE_HZ, json.dumps(list(words)))
    pcm = np.concatenate([_SILENCE, audio, _SILENCE]).tobytes()
    text = ""
    for start in range(0, len(pcm), 3200):
        if recognizer.AcceptWaveform(pcm[start : start + 3200]):
            text += json.loads(recognizer.Result())["text"] + " "
    text += json.loads(recognizer.FinalResult())["text"]
    return tuple(text.split())
