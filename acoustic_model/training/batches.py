"""Training batches: features of examples passed through a telephone, batched by similar length.

Everything drawn depends only on the seed and the number of the round, so that a resumed run
continues with the same data.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from acoustic_model.telephone.channel import through_telephone
from acoustic_model.training.features import BANDS, Floats, fbank, mel_filters
from acoustic_model.training.network import SUBSAMPLING
from acoustic_model.training.sampler import Mixer

_WARPS = tuple(mel_filters(float(warp)) for warp in np.linspace(0.84, 1.2, 19))
_PLAIN = mel_filters()
_FEWEST_FRAMES = 15


@dataclass(frozen=True, slots=True)
class Load:
    """The amount of audio in a round and in a batch."""

    round_frames: int = 144_000
    """Frames (10 ms) rendered per round."""
    batch_frames: int = 8_000
    """Maximum frames per batch, padding included."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Utterances of similar length."""

    features: NDArray[np.float16]
    """(T, B, 40); shorter utterances repeat their last frame."""
    lengths: list[int]
    """Output frames of each utterance."""
    words: list[tuple[str, ...]]
    perhaps: list[tuple[str, ...]] = field(default_factory=list)
    """Words that each may also contain (sampler.Piece)."""


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance's features (n, 40) with its words."""

    features: Floats
    words: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


def render_round(mixer: Mixer, seed: int, number: int, hardness: float, load: Load) -> list[Batch]:
    """The batches of round `number`, with examples no harder than `hardness` (0 to 1)."""
    rng = np.random.default_rng([seed, number])
    examples: list[Example] = []
    frames = 0
    while frames < load.round_frames:
        example = render(mixer, rng, hardness)
        frames += len(example.features)
        if len(example.features) >= _FEWEST_FRAMES:
            examples.append(example)
    examples.sort(key=lambda example: len(example.features))
    batches = _cut(examples, load.batch_frames)
    order = rng.permutation(len(batches))
    return [_batch(batches[place]) for place in order]


def render(mixer: Mixer, rng: np.random.Generator, hardness: float) -> Example:
    """Draws one example and passes it through a telephone of at most `hardness`."""
    piece = mixer.draw(rng)
    how_hard = hardness * float(np.sqrt(rng.random()))
    audio = through_telephone(piece.audio, rng, how_hard, mixer.noises)
    samples = np.round(audio * np.float32(32767))
    if rng.random() < 0.5:
        samples += rng.standard_normal(len(samples), dtype=np.float32)
    warped = rng.random() < 0.75
    features = fbank(samples, _WARPS[int(rng.integers(len(_WARPS)))] if warped else _PLAIN)
    if len(features) > _FEWEST_FRAMES and rng.random() < 0.3:
        features = stretched(features, float(np.exp(rng.uniform(np.log(0.8), np.log(1.35)))))
    if len(features) > _FEWEST_FRAMES and rng.random() < 0.6 * hardness:
        masked(features, rng)
    return Example(features, piece.words, piece.perhaps)


def stretched(features: Floats, factor: float) -> Floats:
    """The same speech, `factor` times as long, with its pitch unchanged."""
    count = max(2, int(len(features) * factor))
    places = np.linspace(0, len(features) - 1.001, count)
    before = places.astype(np.int64)
    share = (places - before)[:, None].astype(np.float32)
    result: Floats = features[before] * (1 - share) + features[before + 1] * share
    return result


def masked(features: Floats, rng: np.random.Generator) -> None:
    """Masks two bands and a time span with the mean, in place (Park et al. 2019, "SpecAugment")."""
    mean = features.mean()
    for _ in range(2):
        width = int(rng.integers(1, 7))
        low = int(rng.integers(BANDS - width))
        features[:, low : low + width] = mean
    width = int(rng.integers(1, 8))
    start = int(rng.integers(len(features) - width))
    features[start : start + width] = mean


def _cut(examples: list[Example], frames: int) -> list[list[Example]]:
    """Splits examples sorted by length into batches of at most `frames`, padding included."""
    batches: list[list[Example]] = [[]]
    for example in examples:
        if batches[-1] and (len(batches[-1]) + 1) * len(example.features) > frames:
            batches.append([])
        batches[-1].append(example)
    return batches


def _batch(examples: list[Example]) -> Batch:
    longest = max(len(example.features) for example in examples)
    features = np.empty((longest, len(examples), BANDS), np.float16)
    for row, example in enumerate(examples):
        count = len(example.features)
        features[:count, row] = example.features
        features[count:, row] = example.features[-1]
    lengths = [-(-len(example.features) // SUBSAMPLING) for example in examples]
    words, perhaps = ([each.words for each in examples], [each.perhaps for each in examples])
    return Batch(features, lengths, words, perhaps)
