"""Averages the weights of several runs that started from the same weights.

Such runs, trained on different data, stay so close to each other that their mean is a better
network than each (Wortsman et al. 2022, "Model soups"). A machine with two cores trains two runs in
the time of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from acoustic_model.errors import TrainingError
from acoustic_model.training.run import load_checkpoint, write_checkpoint


def average(checkpoints: Sequence[Path], target: Path) -> None:
    """Writes the mean of the runs' averaged weights as a checkpoint that can be exported.

    Its rounds and updates are the sums of theirs. Raises TrainingError if the shapes differ.
    """
    if not checkpoints:
        raise TrainingError("name at least one run to average")
    runs = [load_checkpoint(path) for path in checkpoints]
    for path, run in zip(checkpoints, runs, strict=True):
        if run["shape"] != runs[0]["shape"] or run["average"].keys() != runs[0]["average"].keys():
            raise TrainingError(
                f"run {path.parent.name} has another shape; only runs of one shape can be averaged"
            )
    mean = {name: _mean([run["average"][name] for run in runs]) for name in runs[0]["average"]}
    state = {
        "network": mean,
        "average": mean,
        "next_round": sum(run["next_round"] for run in runs),
        "updates": sum(run["updates"] for run in runs),
        "shape": runs[0]["shape"],
        "everyone": any(run.get("everyone", False) for run in runs),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(state, target)


def _mean(values: Sequence[torch.Tensor]) -> torch.Tensor:
    if any(value.shape != values[0].shape for value in values):
        raise TrainingError("the runs were trained with different words and cannot be averaged")
    if not values[0].is_floating_point():
        return values[0].clone()
    return torch.stack(list(values)).mean(0)
