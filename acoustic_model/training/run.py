"""Trains the network: on frame labels of an earlier model first, then with lattice-free MMI.

A run has one folder, with ``checkpoint.pt`` (weights, their running average, optimizer, next
round, recipe) and ``log.jsonl`` (one line per round). A stopped run resumes from its last
checkpoint and sees the same data as if it had not been stopped.
"""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from acoustic_model.artifacts import write_whole
from acoustic_model.errors import TrainingError
from acoustic_model.lexicon.lexicon import Lexicon, lexicon
from acoustic_model.training.alignment import NO_LABEL, Aligner
from acoustic_model.training.batches import Batch, Load
from acoustic_model.training.features import FLOOR
from acoustic_model.training.graphs import batch, denominator, least_frames, numerator
from acoustic_model.training.lfmmi import (
    DenominatorRecursion,
    denominator_occupation,
    numerator_occupation,
)
from acoustic_model.training.loader import Feeder
from acoustic_model.training.network import SUBSAMPLING, Network, Shape
from acoustic_model.training.warm_start import start_from

_SAVE_EVERY_S = 60.0
_WARM_UP = 150
_KEPT = {"network", "average", "next_round", "updates", "shape"}
"""Keys of every checkpoint; an average of several has no optimizer."""
_SPELLED = 0.5
"""Share of utterances whose unknown words are spelled in units; in the others they are [unk]."""
_SMALL_SCORES = 3e-4
"""Weight of the squared scores in the loss; keeps them in a range that decodes well."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines a run's result, apart from its data."""

    seed: int = 1
    rounds: int = 850
    align_rounds: int = 40
    """Rounds on frame labels before the sequence loss."""
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    easiest: float = 0.35
    """Initial hardness of the telephone; grows to 1 at the share `hardest_at` of the rounds."""
    hardest_at: float = 0.6
    average: float = 0.998
    """Decay of the running average of the weights; the average is exported."""
    shape: Shape = field(default_factory=Shape)
    load: Load = field(default_factory=Load)
    everyone: bool = False
    """True to train on the test speakers too."""

    def going_on(self) -> Recipe:
        """For a trained network: no labels, full hardness at once, smaller steps."""
        rate = self.learning_rate / 2
        return replace(self, align_rounds=0, easiest=1.0, learning_rate=rate)

    def hardness(self, number: int) -> float:
        """Hardness of the telephone in a round."""
        progress = number / max(1, self.rounds) / self.hardest_at
        return self.easiest + (1 - self.easiest) * min(1.0, progress)

    def rate(self, number: int, updates: int) -> float:
        """Learning rate: warm-up by updates, then a cosine over the rounds."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, number / max(1, self.rounds))))
        return self.learning_rate * min(1.0, (updates + 1) / _WARM_UP) * (0.99 * cosine + 0.01)


@dataclass(frozen=True, slots=True)
class Progress:
    """A run's report after each round."""

    number: int
    rounds: int
    stage: str
    loss: float
    audio_s: float
    """Audio trained on in this round."""
    elapsed_s: float
    """Duration of the round."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Model directories that a run uses."""

    labels: Path | None = None
    """Labels the frames of the first rounds."""
    weights: Path | None = None
    """Initial weights of a new run."""


class Run:
    """One training run in one folder."""

    def __init__(
        self, folder: Path, recipe: Recipe, device: str, earlier: Earlier | None = None
    ) -> None:
        earlier = earlier or Earlier()
        self._folder, self._recipe, self._start = folder, recipe, earlier.weights
        self._device = torch.device(device)
        self._lexicon = lexicon()
        self._aligner = Aligner(earlier.labels, self._lexicon) if earlier.labels else None
        torch.manual_seed(recipe.seed)
        self.network = Network(self._lexicon.pdfs, recipe.shape).to(self._device)
        self._average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            betas=(0.9, 0.98),
        )
        graph = denominator(self._lexicon)
        self._denominator = DenominatorRecursion(graph, len(self._lexicon.units), self._device)
        self.next_round, self._updates = 0, 0

    @property
    def checkpoint(self) -> Path:
        """Path of the checkpoint."""
        return self._folder / "checkpoint.pt"

    def resume(self) -> bool:
        """Resumes from the checkpoint; returns False if there is none."""
        if not self.checkpoint.exists():
            return False
        saved = load_checkpoint(self.checkpoint)
        if saved["shape"] != self._recipe.shape.as_dict():
            raise TrainingError(
                f"{self.checkpoint} contains a network of another shape; choose another --name"
            )
        if "optimiser" not in saved:
            raise TrainingError(
                f"{self.checkpoint} is an average of runs; export it and use --start-from"
            )
        try:
            self.network.load_state_dict(saved["network"])
        except RuntimeError as error:
            raise TrainingError(
                f"{self.checkpoint} was trained with another vocabulary; choose another --name"
            ) from error
        self._average = {n: value.to(self._device) for n, value in saved["average"].items()}
        self._optimizer.load_state_dict(saved["optimiser"])
        self.next_round, self._updates = saved["next_round"], saved["updates"]
        return True

    def train(self, feeder: Feeder, workers: int, report: Callable[[Progress], None]) -> None:
        """Trains until the recipe's last round; saves about every minute and at the end."""
        recipe = self._recipe
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.next_round == 0:
            self._begin(feeder)
        saved_at = time.monotonic()
        rounds = feeder.rounds(self.next_round, recipe.rounds, recipe.hardness, workers)
        for number, batches in rounds:
            started = time.monotonic()
            progress = self._round(number, batches, started)
            self.next_round = number + 1
            self._log(progress)
            report(progress)
            if time.monotonic() - saved_at > _SAVE_EVERY_S or self.next_round == recipe.rounds:
                self.save()
                saved_at = time.monotonic()

    def save(self) -> None:
        """Writes the whole checkpoint, or keeps the earlier one."""
        state = {
            "network": self.network.state_dict(),
            "average": self._average,
            "optimiser": self._optimizer.state_dict(),
            "next_round": self.next_round,
            "updates": self._updates,
            "shape": self._recipe.shape.as_dict(),
            "everyone": self._recipe.everyone,
            "recipe": asdict(self._recipe),
        }
        write_checkpoint(state, self.checkpoint)

    def _begin(self, feeder: Feeder) -> None:
        """Sets the network's mean and scale from training features, or takes a model's weights."""
        batches = next(feeder.rounds(0, 1, self._recipe.hardness, 0))[1]
        if self._start:
            longest = max(batches, key=lambda batch: batch.features.size)
            features = torch.from_numpy(longest.features).float().to(self._device)
            start_from(self.network, self._start, self._lexicon, features)
            self._average = {n: value.clone() for n, value in self.network.state_dict().items()}
            return
        values = np.concatenate(
            [each.features.reshape(-1, each.features.shape[2]) for each in batches]
        )
        values = np.maximum(values.astype(np.float32) - FLOOR, 0)
        self.network.mean.copy_(torch.from_numpy(values.mean(0)))
        self.network.scale.copy_(torch.from_numpy(1 / values.std(0)))

    def _round(self, number: int, batches: list[Batch], started: float) -> Progress:
        recipe = self._recipe
        rng = np.random.default_rng([recipe.seed, number, 1])
        by_frames = number < recipe.align_rounds and self._aligner is not None
        self.network.train()
        losses, frames = 0.0, 0
        for each in batches:
            for group in self._optimizer.param_groups:
                group["lr"] = recipe.rate(number, self._updates)
            loss = self._update(each, by_frames, rng)
            losses, frames = losses + loss * sum(each.lengths), frames + sum(each.lengths)
        loss = losses / max(1, frames)
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss of round {number} is not finite; lower the learning rate"
            )
        stage = "frames" if by_frames else "sequence"
        audio_s = frames * SUBSAMPLING / 100
        return Progress(number, recipe.rounds, stage, loss, audio_s, time.monotonic() - started)

    def _update(self, each: Batch, by_frames: bool, rng: np.random.Generator) -> float:
        features = torch.from_numpy(each.features).float().to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16):
            scores = self.network(features)
        scores = scores.float()
        self._optimizer.zero_grad(set_to_none=True)
        spelled = rng.random(len(each.words)) < _SPELLED
        if by_frames and self._aligner:
            labels = self._aligner.labels(features, each.words, each.lengths, spelled=spelled)
            loss = _frame_loss(scores, torch.from_numpy(labels))
        else:
            loss = self._sequence_loss(scores, each, spelled)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self._updates += 1
        decay = min(self._recipe.average, self._updates / (self._updates + 20))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self._average[name].lerp_(value, 1 - decay)
            else:
                self._average[name].copy_(value)
        return loss

    def _sequence_loss(self, scores: Tensor, each: Batch, spelled: np.ndarray[Any, Any]) -> float:
        """Lattice-free MMI; its gradient is the difference of the two occupations."""
        graphs = [
            numerator(self._lexicon, words, spelled=bool(spell))
            for words, spell in zip(each.words, spelled, strict=True)
        ]
        fits = [least_frames(g) <= length for g, length in zip(graphs, each.lengths, strict=True)]
        detached = scores.detach()
        said = numerator_occupation(detached, batch(graphs), each.lengths)
        all_of = denominator_occupation(detached, self._denominator, each.lengths)
        good = said.possible & all_of.possible & torch.tensor(fits, device=scores.device)
        steps = torch.arange(len(scores), device=scores.device).unsqueeze(1)
        lengths = torch.tensor(each.lengths, device=scores.device)
        counted = ((steps < lengths) & good).unsqueeze(2)
        frames = counted.sum().clamp(min=1)
        difference = all_of.posteriors - said.posteriors.float()
        gradient = torch.where(counted, difference, 0.0) / frames
        size = _SMALL_SCORES * (scores.square() * counted).sum() / frames
        torch.autograd.backward([scores, size], [gradient, torch.ones_like(size)])
        gap = (all_of.log_likelihood - said.log_likelihood).float()
        return float(torch.where(good, gap, 0.0).sum() / frames)

    def _log(self, progress: Progress) -> None:
        path = self._folder / "log.jsonl"
        try:
            with path.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(progress)) + "\n")
        except OSError as error:
            raise TrainingError(f"{path} cannot be written: {error.strerror}") from error


def _frame_loss(scores: Tensor, labels: Tensor) -> float:
    """Backpropagates the cross-entropy of `scores` against the earlier model's alignment."""
    loss = torch.nn.functional.cross_entropy(
        scores.flatten(0, 1),
        labels.to(scores.device).flatten(),
        ignore_index=NO_LABEL,
        label_smoothing=0.02,
    )
    torch.autograd.backward([loss])
    return float(loss.detach())


def write_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Writes the whole checkpoint, or keeps the earlier one."""
    written = io.BytesIO()  # on a full disk, torch would only report an "unexpected pos"
    torch.save(state, written)
    try:
        write_whole(path, written.getvalue())
    except OSError as error:
        raise TrainingError(f"the checkpoint cannot be written: {error.strerror}") from error


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a model's checkpoint; raises :class:`TrainingError` if it is missing or damaged."""
    return read_checkpoint(path, _KEPT)


def read_checkpoint(path: Path, kept: set[str]) -> dict[str, Any]:
    """Reads a checkpoint; raises :class:`TrainingError` unless it has the keys `kept`."""
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"{path} is missing; train first") from error
    except Exception as error:
        raise TrainingError(f"{path} is damaged; delete it and train again") from error
    if not isinstance(saved, dict) or not saved.keys() >= kept:
        raise TrainingError(f"{path} is not a checkpoint of this project")
    return saved


def trained_network(path: Path, words: Lexicon) -> Network:
    """The averaged network of a checkpoint, ready to export."""
    saved = load_checkpoint(path)
    network = Network(words.pdfs, Shape(**saved["shape"]))
    try:
        network.load_state_dict(saved["average"])
    except RuntimeError as error:
        raise TrainingError(f"{path} was trained with another vocabulary; train again") from error
    network.eval()
    return network
