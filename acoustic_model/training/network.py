"""A factored time-delay network that the engine can run frame by frame.

It takes filter banks at 100 frames per second and gives scores at a third of that. Every layer is
affine (batch normalization is folded in at export) followed by ReLU, with a weighted skip around
each factored layer (Povey et al. 2018, "Semi-orthogonal low-rank matrix factorization for deep
neural networks"). Context is long on the left and limited to the look-ahead on the right.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional

from acoustic_model.training.features import BANDS, FLOOR

SUBSAMPLING = 3
FRAME_MS = 10
SKIP = 0.66
"""Weight of a factored layer's input in its output."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    front: int = 128
    """Width of the first layer, at the full frame rate."""
    width: int = 448
    """Width of all other layers."""
    bottleneck: int = 144
    """Width between the two factors of a layer."""
    back: tuple[int, ...] = (1, 1, 1, 2, 2, 2, 3, 3, 4, 4)
    """Left context of each factored layer, in output frames of 30 ms."""
    ahead: tuple[int, ...] = (1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    """Right context of each factored layer."""

    @property
    def left_context(self) -> int:
        """Input frames needed before the scored frame."""
        return 3 + SUBSAMPLING * sum(self.back)

    @property
    def right_context(self) -> int:
        """Input frames needed after it."""
        return 3 + SUBSAMPLING * sum(self.ahead)

    @property
    def look_ahead_ms(self) -> int:
        """Delay of a frame's score in ms."""
        return self.right_context * FRAME_MS

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a checkpoint."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


SMALL = Shape(width=320, bottleneck=88)
"""Less than half the size: for a second model beside the first."""


class Factored(nn.Module):
    """One factored layer: narrow, widen, add the skip, ReLU.

    Maps (T, B, width) to (T - back - ahead, B, width).
    """

    def __init__(self, width: int, bottleneck: int, back: int, ahead: int) -> None:
        super().__init__()
        self.back, self.ahead = back, ahead
        self.narrow = nn.Linear(2 * width, bottleneck, bias=False)
        self.widen = nn.Linear((2 if ahead else 1) * bottleneck, width, bias=False)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, inputs: Tensor) -> Tensor:
        """See the class."""
        back, ahead = self.back, self.ahead
        narrow = two_taps(self.narrow, inputs, back)
        wide = two_taps(self.widen, narrow, ahead) if ahead else self.widen(narrow)
        widened = normalized(self.norm, wide)
        skipped = inputs[back : inputs.shape[0] - ahead]
        return torch.relu(torch.add(widened, skipped, alpha=SKIP))


class Network(nn.Module):
    """Scores of all pdfs from filter banks; see :class:`Shape` for its sizes."""

    mean: Tensor
    scale: Tensor

    def __init__(self, pdfs: int, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape or Shape()
        size = self.shape
        self.register_buffer("mean", torch.zeros(BANDS))
        self.register_buffer("scale", torch.ones(BANDS))
        self.first = nn.Linear(5 * BANDS, size.front, bias=False)
        self.first_norm = nn.BatchNorm1d(size.front)
        self.second = nn.Linear(3 * size.front, size.width, bias=False)
        self.second_norm = nn.BatchNorm1d(size.width)
        self.layers = nn.ModuleList(
            Factored(size.width, size.bottleneck, back, ahead)
            for back, ahead in zip(size.back, size.ahead, strict=True)
        )
        self.output = nn.Linear(size.width, pdfs)
        nn.init.normal_(self.output.weight, std=0.01)
        nn.init.zeros_(self.output.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Filter banks (T, B, 40) to scores (ceil(T / 3), B, pdfs)."""
        scores: Tensor = self.output(self.hidden(features))
        return scores

    def hidden(self, features: Tensor) -> Tensor:
        """Filter banks (T, B, 40) to outputs of the last hidden layer, (ceil(T / 3), B, width).

        The edge frames are repeated to fill the context, as in the engine.
        """
        size = self.shape
        inputs = (torch.relu(features - FLOOR) - self.mean) * self.scale
        inputs = torch.cat(
            [
                inputs[:1].expand(size.left_context, -1, -1),
                inputs,
                inputs[-1:].expand(size.right_context, -1, -1),
            ]
        )
        count = inputs.shape[0] - 4
        hidden = torch.cat([inputs[tap : tap + count] for tap in range(5)], 2)
        hidden = torch.relu(normalized(self.first_norm, self.first(hidden)))
        kept = (hidden.shape[0] - 3) // SUBSAMPLING + 1
        batch = hidden.shape[1]
        hidden = hidden[: kept * SUBSAMPLING].view(kept, SUBSAMPLING, batch, size.front)
        hidden = hidden.transpose(1, 2).flatten(2)
        hidden = torch.relu(normalized(self.second_norm, self.second(hidden)))
        for layer in self.layers:
            hidden = layer(hidden)
        return hidden

    def factored(self) -> list[Factored]:
        """The factored layers, first to last."""
        return [layer for layer in self.layers if isinstance(layer, Factored)]

    def parameters_count(self) -> int:
        """Number of trained parameters."""
        return sum(parameter.numel() for parameter in self.parameters())


def two_taps(layer: nn.Linear, values: Tensor, apart: int) -> Tensor:
    """Applies `layer` to each frame spliced with the one `apart` later, without splicing them."""
    earlier, later = layer.weight.chunk(2, 1)
    return functional.linear(values[:-apart], earlier) + functional.linear(values[apart:], later)


def normalized(norm: nn.BatchNorm1d, values: Tensor) -> Tensor:
    """Batch normalization of (T, B, C) over T and B."""
    result: Tensor = norm(values.flatten(0, 1)).view_as(values)
    return result
