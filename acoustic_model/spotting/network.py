"""The spotter: estimates how likely each vocabulary word occurs anywhere in an utterance.

The hidden layers of a trained model process the audio. Two convolutions over them, and the highest
score over time, tell whether each word occurs (as in Palaz et al. 2016, "Jointly learning to locate
and classify words using convolutional networks"). No grammar takes part, so that a word that a
decoder chose for lack of alternatives is exposed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from acoustic_model.lexicon.lexicon import UNKNOWN, WORDS
from acoustic_model.training.features import BANDS, FRAME, HOP, frame_weights, mel_filters
from acoustic_model.training.network import Network

SPOTTED = tuple(word for word in WORDS if word != UNKNOWN)
"""The words it spots, in the order of its outputs."""

_NARROW = 128
_REACH = 7
"""Width of a convolution in frames of 30 ms; the second one takes every second frame."""
_UNSEEN = -1e4
"""The score of frames after the end of an utterance."""


class Head(nn.Module):
    """Maps hidden frames (T, B, width) to each word's score in each frame, (B, words, T)."""

    def __init__(self, width: int, words: int = len(SPOTTED)) -> None:
        super().__init__()
        self.scores = nn.Sequential(
            nn.BatchNorm1d(width, affine=False),
            nn.Conv1d(width, _NARROW, _REACH, padding=_REACH // 2),
            nn.ReLU(),
            nn.Conv1d(_NARROW, _NARROW, _REACH, padding=_REACH - 1, dilation=2),
            nn.ReLU(),
            nn.Conv1d(_NARROW, words, 1),
        )

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        scores: Tensor = self.scores(hidden.permute(1, 2, 0))
        return scores


def highest(scores: Tensor, lengths: Tensor) -> Tensor:
    """Return each word's highest score, (B, words), over the first `lengths` frames."""
    over = torch.arange(scores.shape[2], device=scores.device) >= lengths[:, None]
    return scores.masked_fill(over[:, None, :], _UNSEEN).amax(2)


class FilterBanks(nn.Module):
    """Converts samples (n,) on the 16-bit scale to filter banks (frames, 1, 40), as features.fbank.

    Everything before the power spectrum is linear, so it is one convolution.
    """

    def __init__(self) -> None:
        super().__init__()
        cosines, sines = frame_weights()
        weights = torch.from_numpy(np.concatenate([cosines, sines])[:, None, :])
        self.spectrum = nn.Conv1d(1, len(weights), FRAME, stride=HOP, bias=False)
        self.spectrum.weight = nn.Parameter(weights, requires_grad=False)
        self.bands = nn.Linear(len(cosines), BANDS, bias=False)
        filters = torch.from_numpy(mel_filters().T.copy())
        self.bands.weight = nn.Parameter(filters, requires_grad=False)

    def forward(self, samples: Tensor) -> Tensor:
        """See the class."""
        real, imaginary = self.spectrum(samples[None, None, :]).chunk(2, 1)
        power = (real.square() + imaginary.square()).permute(2, 0, 1)
        energies: Tensor = self.bands(power).clamp(min=torch.finfo(torch.float32).eps).log()
        return energies


class Spotter(nn.Module):
    """Maps samples (n,) on the 16-bit scale at 8 kHz to each word's log-odds, (words,)."""

    def __init__(self, network: Network, head: Head) -> None:
        super().__init__()
        self.banks, self.network, self.head = FilterBanks(), network, head

    def forward(self, samples: Tensor) -> Tensor:
        """See the class; `samples` must hold at least one frame."""
        scores: Tensor = self.head(self.network.hidden(self.banks(samples)))
        return scores.amax(2)[0]
