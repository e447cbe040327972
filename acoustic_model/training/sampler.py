"""Draws training examples: utterances by kind and source, and strings spliced of single words."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from acoustic_model.audio_types import RATE_HZ
from acoustic_model.data.caller_phrases import NUMBERS
from acoustic_model.data.corpus import Corpus, Utterance
from acoustic_model.errors import TrainingError
from acoustic_model.lexicon.lexicon import WORDS
from acoustic_model.telephone.noises import Noises, stationary

Samples = NDArray[np.float32]
T = TypeVar("T")

LONGEST_S = 8.0
_FLUENT_S = 1.5
_WORD_S = (0.3, 1.5)
"""Length of a piece of a sentence that takes the place of a word."""
_VOICES_FOR_SPLICING = 6
"""Minimum of different words to splice strings of one speaker only."""

WEIGHTS: dict[str, float] = {
    "numbers": 0.15,
    "word": 0.10,
    "other word": 0.06,
    "sentence": 0.12,
    "splice": 0.14,
    "synthetic numbers": 0.20,
    "synthetic word": 0.07,
    "synthetic sentence": 0.10,
    "nonspeech": 0.03,
}
"""Probability of each group in the training of a model."""

SPOTTING: dict[str, float] = {
    "word": 0.17,
    "other word": 0.12,
    "sentence": 0.20,
    "numbers": 0.02,
    "splice": 0.02,
    "synthetic numbers": 0.03,
    "synthetic word": 0.33,
    "synthetic sentence": 0.10,
    "nonspeech": 0.01,
}
"""Probability of each group in the training of a spotter: mostly single words and similar sounds.
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Audio of one training example before the telephone: full scale ±1 at 8 kHz."""

    audio: Samples
    words: tuple[str, ...]
    """As spoken, including words outside the vocabulary."""
    perhaps: tuple[str, ...] = ()
    """Words that it may also contain, as it was cut from a sentence with them."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Relative frequencies of the kinds of examples."""

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    """By group; the share of groups that a corpus lacks goes to the others."""
    cut: float = 0.0
    """Share of recorded sentences that are cut to the length of a word or two."""


class Mixer:
    """Draws training examples from corpora, leaving out the sources of a fold."""

    def __init__(
        self,
        corpora: Sequence[Corpus],
        without_sources: frozenset[str] = frozenset(),
        mix: Mix | None = None,
    ) -> None:
        mix = mix or Mix()
        self._cut = mix.cut
        self._groups: dict[str, list[tuple[Corpus, Utterance]]] = defaultdict(list)
        fluent = []
        for corpus in corpora:
            for utterance in corpus.utterances:
                source = utterance.source
                if source in without_sources or source.endswith("-heldout"):
                    continue
                if is_calibration(utterance):
                    continue
                if utterance.duration_s <= LONGEST_S:
                    self._groups[group_of(utterance)].append((corpus, utterance))
                if group_of(utterance) == "sentence" and utterance.duration_s >= _FLUENT_S:
                    fluent.append(corpus.audio(utterance))
        self.noises = Noises(fluent or self._anything())
        self._splices = self._voices()
        present = {name for name, members in self._groups.items() if members} | {"nonspeech"}
        present |= {"splice"} if self._splices else set()
        self._names = [name for name in mix.weights if name in present]
        weights = np.array([mix.weights[name] for name in self._names])
        self._weights = weights / weights.sum()

    @property
    def counts(self) -> dict[str, int]:
        """Number of utterances in each group."""
        return {name: len(members) for name, members in sorted(self._groups.items())}

    def draw(self, rng: np.random.Generator) -> Piece:
        """One example."""
        name = self._names[int(rng.choice(len(self._names), p=self._weights))]
        if name == "splice":
            return self._splice(rng)
        if name == "nonspeech" and (not self._groups[name] or rng.random() < 0.5):
            samples = int(RATE_HZ * rng.uniform(0.8, 4))
            noise = stationary(samples, rng)
            return Piece((noise / (np.abs(noise).max() + 1e-9) * 0.3).astype(np.float32), ())
        corpus, utterance = _pick(self._groups[name], rng)
        piece = Piece(_floats(corpus, utterance), utterance.spoken or utterance.words)
        if name == "sentence" and self._cut and rng.random() < self._cut:
            return _cut_out(piece, rng)
        return piece

    def _splice(self, rng: np.random.Generator) -> Piece:
        """A string of single words of one speaker (or one source), with gaps between them."""
        voice = _pick(self._splices, rng)
        chosen = sorted(voice)
        gap_s = float(rng.choice([0.0, 0.03, 0.1, 0.25, 0.6]))
        pieces: list[Samples] = []
        words: list[str] = []
        for _ in range(int(rng.choice([1, 2, 3, 4, 4, 5, 6]))):
            repeat = bool(words) and rng.random() < 0.2
            word = words[-1] if repeat else _pick(chosen, rng)
            pieces.append(_faded(_floats(*_pick(voice[word], rng)), rng))
            pieces.append(np.zeros(int(RATE_HZ * gap_s * rng.uniform(0.3, 1.5)), np.float32))
            words.append(word)
        return Piece(np.concatenate(pieces), tuple(words))

    def _voices(self) -> list[dict[str, list[tuple[Corpus, Utterance]]]]:
        """Single words to splice, by speaker if the speaker has enough, otherwise by source."""
        by_speaker: dict[str, dict[str, list[tuple[Corpus, Utterance]]]] = {}
        for name in ("word", "synthetic word"):
            for corpus, utterance in self._groups[name]:
                word = utterance.words[0]
                if word in NUMBERS:
                    speaker = by_speaker.setdefault(utterance.speaker, defaultdict(list))
                    speaker[word].append((corpus, utterance))
        voices = []
        by_source: dict[str, dict[str, list[tuple[Corpus, Utterance]]]] = {}
        for speaker in by_speaker.values():
            if len(speaker) >= _VOICES_FOR_SPLICING:
                voices.append(speaker)
                continue
            for word, members in speaker.items():
                source = by_source.setdefault(members[0][1].source, defaultdict(list))
                source[word] += members
        wide = [source for source in by_source.values() if len(source) >= _VOICES_FOR_SPLICING]
        return voices + wide * max(1, len(voices) // 3)

    def _anything(self) -> list[NDArray[np.int16]]:
        if not any(self._groups.values()):
            raise TrainingError("the corpora have nothing to train on")
        return [corpus.audio(each) for group in self._groups.values() for corpus, each in group]


def is_calibration(utterance: Utterance) -> bool:
    """Return True if the speaker is held out to fit decoding costs on: one in fourteen."""
    return utterance.kind != "synthetic" and zlib.crc32(utterance.speaker.encode()) % 14 == 0


def group_of(utterance: Utterance) -> str:
    """The group of :data:`WEIGHTS` that an utterance belongs to."""
    words = utterance.words
    if not words:
        return "nonspeech"
    synthetic = "synthetic " if utterance.kind == "synthetic" else ""
    if len(words) == 1 and len(utterance.spoken) <= 1 and utterance.duration_s < _FLUENT_S:
        known = words[0] in WORDS[:-1]
        return synthetic + "word" if known or synthetic else "other word"
    numbers = len(words) > 1 and set(words) <= NUMBERS
    return synthetic + ("numbers" if numbers else "sentence")


def _cut_out(piece: Piece, rng: np.random.Generator) -> Piece:
    """A piece from anywhere in a sentence, as long as a word or two."""
    samples = int(RATE_HZ * rng.uniform(*_WORD_S))
    start = int(rng.integers(max(1, len(piece.audio) - samples)))
    return Piece(piece.audio[start : start + samples], (), piece.words)


def _floats(corpus: Corpus, utterance: Utterance) -> Samples:
    return corpus.audio(utterance).astype(np.float32) / np.float32(32768)


def _faded(audio: Samples, rng: np.random.Generator) -> Samples:
    """Trims quiet ends (to a random depth), levels, and adds short fades."""
    step = RATE_HZ // 100
    count = len(audio) // step
    if count > 12:
        levels = 10 * np.log10(np.square(audio[: count * step].reshape(count, step)).mean(1) + 1e-9)
        loud = np.flatnonzero(levels > levels.max() - rng.uniform(20, 40))
        audio = audio[max(0, loud[0] - 1) * step : (loud[-1] + 2) * step].copy()
    audio = audio * np.float32(0.1 * 10 ** (rng.uniform(-4, 4) / 20) / (_rms(audio) + 1e-4))
    fade = min(40, len(audio) // 4)
    audio[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    audio[len(audio) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return audio


def _rms(audio: Samples) -> float:
    return float(np.sqrt(np.square(audio).mean()))


def _pick(items: Sequence[T], rng: np.random.Generator) -> T:
    return items[int(rng.integers(len(items)))]
