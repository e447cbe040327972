"""Trains a model's spotter with binary cross-entropy for each word.

The model's own layers stay unchanged. The examples are mostly single words, and pieces of sentences
of about that length (sampler.SPOTTING); the words of a sentence that a piece was cut from are
neither positive nor negative for it. A run has its own folder, like a model's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from acoustic_model.errors import TrainingError
from acoustic_model.lexicon.lexicon import UNKNOWN, lexicon
from acoustic_model.spotting.network import SPOTTED, Head, Spotter, highest
from acoustic_model.training.batches import Batch, Load
from acoustic_model.training.loader import Feeder
from acoustic_model.training.network import Network
from acoustic_model.training.run import Progress, read_checkpoint, write_checkpoint
from acoustic_model.training.sampler import SPOTTING, Mix
from acoustic_model.training.warm_start import network_of

_SAVE_EVERY_S = 60.0
_PLACES = {word: place for place, word in enumerate(SPOTTED)}
_HELD_BACK = 1e-2
"""Weight decay."""


@dataclass(frozen=True, slots=True)
class SpottingRecipe:
    """Everything that determines a run's result, apart from its data and its model."""

    seed: int = 9
    rounds: int = 80
    passes: int = 2
    """Passes over each round; the output of the model's layers is computed once."""
    learning_rate: float = 3e-3
    hardness: float = 0.8
    """Hardness of the simulated telephone (0 to 1)."""
    load: Load = field(default_factory=lambda: Load(batch_frames=4_000))
    mix: Mix = field(default_factory=lambda: Mix(SPOTTING, cut=0.85))

    def rate(self, number: int) -> float:
        """Learning rate of a round: falls linearly to a hundredth."""
        return self.learning_rate * max(0.01, 1 - number / max(1, self.rounds))


class SpottingRun:
    """One training run in one folder, for the model in folder `model`."""

    def __init__(self, folder: Path, recipe: SpottingRecipe, model: Path, device: str) -> None:
        self._folder, self._recipe = folder, recipe
        self._device = torch.device(device)
        self.network: Network = network_of(model, lexicon()).to(self._device)
        torch.manual_seed(recipe.seed)
        self.head = Head(self.network.shape.width).to(self._device)
        self._optimizer = torch.optim.AdamW(
            self.head.parameters(), lr=recipe.learning_rate, weight_decay=_HELD_BACK
        )
        self.next_round = 0

    @property
    def checkpoint(self) -> Path:
        """Path of the checkpoint."""
        return self._folder / "checkpoint.pt"

    def resume(self) -> bool:
        """Resumes from the checkpoint; returns False if there is none."""
        if not self.checkpoint.exists():
            return False
        saved = read_checkpoint(self.checkpoint, {"head", "optimiser", "next_round"})
        try:
            self.head.load_state_dict(saved["head"])
        except RuntimeError as error:
            raise TrainingError(
                f"{self.checkpoint} spots other words; delete it and train again"
            ) from error
        self._optimizer.load_state_dict(saved["optimiser"])
        self.next_round = saved["next_round"]
        return True

    def train(self, feeder: Feeder, workers: int, report: Callable[[Progress], None]) -> None:
        """Trains until the recipe's last round; saves about every minute and at the end."""
        recipe = self._recipe
        saved_at = time.monotonic()
        rounds = feeder.rounds(self.next_round, recipe.rounds, lambda _: recipe.hardness, workers)
        for number, batches in rounds:
            started = time.monotonic()
            loss = self._round(number, batches)
            self.next_round = number + 1
            frames = sum(len(each.features) * len(each.lengths) for each in batches)
            took_s = time.monotonic() - started
            report(Progress(number, recipe.rounds, "spotting", loss, frames / 100, took_s))
            if time.monotonic() - saved_at > _SAVE_EVERY_S or self.next_round == recipe.rounds:
                self.save()
                saved_at = time.monotonic()

    def save(self) -> None:
        """Writes the whole checkpoint, or keeps the earlier one."""
        state: dict[str, Any] = {
            "head": self.head.state_dict(),
            "optimiser": self._optimizer.state_dict(),
            "next_round": self.next_round,
            "recipe": asdict(self._recipe),
        }
        write_checkpoint(state, self.checkpoint)

    def spotter(self) -> Spotter:
        """The spotter as trained so far."""
        spotter = Spotter(self.network, self.head)
        spotter.cpu()
        return spotter

    def _round(self, number: int, batches: Sequence[Batch]) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.rate(number)
        self.head.train()
        seen = [self._hidden(each) for each in batches]
        losses: list[float] = []
        for _ in range(self._recipe.passes):
            pairs = zip(batches, seen, strict=True)
            losses = [self._update(each, hidden) for each, hidden in pairs]
        return sum(losses) / max(1, len(losses))

    def _hidden(self, each: Batch) -> Tensor:
        with torch.no_grad():
            features = torch.from_numpy(each.features).float().to(self._device)
            return self.network.hidden(features)

    def _update(self, each: Batch, hidden: Tensor) -> float:
        odds = highest(self.head(hidden), torch.tensor(each.lengths, device=self._device))
        there, known = (one.to(self._device) for one in targets(each.words, each.perhaps))
        every = torch.nn.functional.binary_cross_entropy_with_logits(odds, there, reduction="none")
        loss = (every * known).sum() / len(odds)
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward([loss])
        self._optimizer.step()
        return float(loss.detach())


def targets(
    words: Sequence[Sequence[str]], perhaps: Sequence[Sequence[str]]
) -> tuple[Tensor, Tensor]:
    """Return whether each spotted word occurs in each utterance, and whether that is known; (B,
    words).

    If an utterance has ``[unk]``, other words may occur in it without being transcribed.
    """
    there = np.zeros((len(words), len(_PLACES)), np.float32)
    known = np.ones_like(there)
    for row, (said, may_be) in enumerate(zip(words, perhaps, strict=True)):
        if UNKNOWN in (*said, *may_be):
            known[row] = 0.0
        known[row, [_PLACES[word] for word in may_be if word in _PLACES]] = 0.0
        places = [_PLACES[word] for word in said if word in _PLACES]
        there[row, places], known[row, places] = 1.0, 1.0
    return torch.from_numpy(there), torch.from_numpy(known)
