"""Worker processes that render rounds ahead of training and deliver them in order."""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

from acoustic_model.data.corpus import Corpus
from acoustic_model.errors import TrainingError
from acoustic_model.training.batches import Batch, Load, render_round
from acoustic_model.training.sampler import Mix, Mixer

Hardness = Callable[[int], float]
_AHEAD = 3
"""Rounds that a worker renders ahead."""


class Feeder:
    """Renders rounds of batches, in worker processes or in this one."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        without_sources: frozenset[str],
        seed: int,
        load: Load,
        mix: Mix | None = None,
    ) -> None:
        self._folders, self._without = folders, without_sources
        self._seed, self._load, self._mix = seed, load, mix

    def rounds(
        self, first: int, last: int, hardness: Hardness, workers: int
    ) -> Iterator[tuple[int, list[Batch]]]:
        """Rounds `first` to `last` (exclusive); with 0 workers, rendered in this process."""
        if workers == 0:
            mixer = self.mixer()
            for number in range(first, last):
                yield number, render_round(mixer, self._seed, number, hardness(number), self._load)
            return
        context = multiprocessing.get_context("spawn")
        levels = [(number, hardness(number)) for number in range(first, last)]
        queues = [context.Queue(_AHEAD) for _ in range(workers)]
        processes = [
            context.Process(target=self._work, args=(queues[n], levels[n::workers]), daemon=True)
            for n in range(workers)
        ]
        for process in processes:
            process.start()
        try:
            for place, (number, _) in enumerate(levels):
                yield number, _receive(queues[place % workers], processes[place % workers])
        finally:
            for process in processes:
                process.terminate()

    def mixer(self) -> Mixer:
        """The mixer over the corpora."""
        corpora = [Corpus.open(folder) for folder in self._folders]
        return Mixer(corpora, self._without, self._mix)

    def _work(
        self, results: multiprocessing.Queue[list[Batch]], levels: list[tuple[int, float]]
    ) -> None:
        mixer = self.mixer()
        parent = os.getppid()
        for number, hardness in levels:
            batches = render_round(mixer, self._seed, number, hardness, self._load)
            while not _delivered(results, batches):
                if os.getppid() != parent:
                    return


def _delivered(results: multiprocessing.Queue[list[Batch]], batches: list[Batch]) -> bool:
    try:
        results.put(batches, timeout=5)
    except queue.Full:
        return False
    return True


def _receive(
    results: multiprocessing.Queue[list[Batch]], process: multiprocessing.process.BaseProcess
) -> list[Batch]:
    while True:
        try:
            return results.get(timeout=5)
        except queue.Empty:
            if not process.is_alive():
                raise TrainingError(
                    "a worker that renders features ended unexpectedly; train again to resume"
                ) from None
