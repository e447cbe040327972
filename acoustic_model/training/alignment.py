"""Frame labels from an earlier model: the unit of each frame.

The earlier model aligns the words that it knows; a stretch of others is one ``[unk]`` to it. A
single unknown word is divided evenly over its units. Several are ``[unk]`` to the new model too, or
are left without labels if the new model should distinguish them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acoustic_model.kaldi.nnet3_forward import Runner
from acoustic_model.kaldi.vosk_model import read_vosk_files
from acoustic_model.lexicon.lexicon import UNKNOWN, Lexicon
from acoustic_model.lexicon.spelling import spell
from acoustic_model.training.graphs import batch, numerator
from acoustic_model.training.lfmmi import numerator_occupation, state_path

Labels = NDArray[np.int64]
NO_LABEL = -100
"""Label of frames that the cross-entropy ignores."""


class Aligner:
    """Labels batches of features for `target`, using the model in `folder`."""

    def __init__(self, folder: Path, target: Lexicon) -> None:
        files = read_vosk_files(folder)
        self._run = Runner(files.net, torch.bfloat16)
        self._own, self._target = files.lexicon, target

    def labels(
        self,
        features: Tensor,
        words: Sequence[Sequence[str]],
        lengths: list[int],
        *,
        spelled: Sequence[bool] | NDArray[np.bool_],
    ) -> Labels:
        """Pdf of every output frame, shape (T, B); NO_LABEL if the transcript does not fit.

        `features` may be on any device; the earlier model runs on the CPU.
        """
        scores = self._run(features.cpu())
        graphs = [numerator(self._own, self._known(said)) for said in words]
        occupation = numerator_occupation(scores, batch(graphs), lengths)
        paths = state_path(scores, batch(graphs), lengths)
        labels = np.full((len(scores), len(words)), NO_LABEL, np.int64)
        for row, (said, graph, length) in enumerate(zip(words, graphs, lengths, strict=True)):
            if occupation.possible[row]:
                places = np.asarray(graph.words)[paths[:length, row]]
                path = paths[:length, row]
                labels[:length, row] = self._label(said, places, path, bool(spelled[row]))
        return labels

    def _known(self, said: Sequence[str]) -> list[str]:
        return [word if word in self._own.pronunciations else UNKNOWN for word in said]

    def _label(self, said: Sequence[str], places: Labels, path: Labels, spelled: bool) -> Labels:
        """Labels of one utterance, from the word of each frame."""
        labels = np.zeros(len(places), np.int64)
        labels[places < 0] = 1
        starts = np.flatnonzero(np.diff(places, prepend=-2) != 0)
        labels[[start for start in starts if places[start] < 0]] = 0
        for place, stretch in enumerate(self._stretches(said)):
            frames = np.flatnonzero(places == place)
            if not len(frames):
                continue
            units = self._units(stretch, spelled)
            if units is None:
                labels[frames] = NO_LABEL
                continue
            states = path[frames]
            if len(stretch) == 1 and len(set(states)) == len(units):
                owner = np.searchsorted(np.unique(states), states)
            else:
                owner = np.arange(len(frames)) * len(units) // len(frames)
            entered = np.diff(owner, prepend=-1) != 0
            labels[frames] = 2 * np.asarray(units)[owner] + ~entered
        return labels

    def _stretches(self, said: Sequence[str]) -> list[list[str]]:
        """The transcript for the aligning model: known words, and stretches of unknown words."""
        stretches: list[list[str]] = []
        inside = False
        for word in said:
            known = word in self._own.pronunciations and word != UNKNOWN
            if known or not inside:
                stretches.append([word])
            else:
                stretches[-1].append(word)
            inside = not known
        return stretches

    def _units(self, stretch: Sequence[str], spelled: bool) -> list[int] | None:
        """Units to divide a stretch over; None if the division would be a guess.

        It would be for several words if at least one has its own units.
        """
        unknown = list(self._target.pronunciations[UNKNOWN][0].units)
        known = any(word in self._target.pronunciations and word != UNKNOWN for word in stretch)
        if len(stretch) > 1:
            return None if spelled or known else unknown
        ways = self._target.pronunciations.get(stretch[0])
        spelling = spell(self._target, stretch[0]) if spelled and not ways else None
        return list(ways[0].units) if ways else list(spelling or unknown)
