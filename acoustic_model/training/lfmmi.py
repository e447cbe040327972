"""Lattice-free MMI: forward-backward over numerator and denominator, in the probability domain.

Values are scaled per frame (Rabiner 1989, section V.A), so that the recursion needs no logarithms.
Tensors are time-major: scores have shape (T, B, pdfs), with pdf 2u for entering unit u and
2u + 1 for staying in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acoustic_model.training.graphs import Denominator, NumeratorBatch

_TINY = 1e-37
_HUGE = 1e30


@dataclass(frozen=True, slots=True)
class Occupation:
    """Result of a forward-backward pass."""

    log_likelihood: Tensor
    """(B,); over all paths through the graph"""
    posteriors: Tensor
    """(T, B, pdfs)"""
    possible: Tensor
    """(B,) bool; False if no path fits"""


def _scaled(scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Exponentials for entering and for staying, (T, B, U) each, and the log scale (T, B)."""
    top = scores.amax(2, keepdim=True)
    pairs = (scores - top).exp_().view(*scores.shape[:2], -1, 2)
    return pairs[..., 0].contiguous(), pairs[..., 1].contiguous(), top.squeeze(2)


class Recursion:
    """Forward and backward steps shared by both graphs; subclasses know the arcs."""

    def arrive(self, mass: Tensor) -> Tensor:
        """Sums `mass` (B, S) along the arcs into each state."""
        raise NotImplementedError

    def depart(self, mass: Tensor) -> Tensor:
        """Sums `mass` (B, S) over the successors of each state."""
        raise NotImplementedError

    def emissions(self, by_unit: Tensor) -> Tensor:
        """Expands (T, B, U) by unit to (T, B, S) by state."""
        raise NotImplementedError

    def collect(self, by_state: Tensor, into: Tensor) -> None:
        """Adds (B, S) by state to `into`, (B, U) by unit."""
        raise NotImplementedError

    def run(self, scores: Tensor, lengths: list[int], initial: Tensor, final: Tensor) -> Occupation:
        """Occupation of every pdf; utterance b has ``lengths[b]`` frames."""
        enter_units, stay_units, scale = _scaled(scores)
        enter, stay = self.emissions(enter_units), self.emissions(stay_units)
        steps, batch = scores.shape[:2]
        alphas, arrivals = torch.empty_like(enter), torch.empty_like(enter)
        norms = scores.new_empty(steps, batch)
        alpha = initial * enter[0]
        arrivals[0] = initial
        for t in range(steps):
            if t:
                torch.mul(arrivals_t := self.arrive(alpha), enter[t], out=alphas[t])
                arrivals[t] = arrivals_t
                alpha = alphas[t].addcmul_(alpha, stay[t])
            norm = alpha.sum(1).clamp_(min=_TINY)
            norms[t] = norm
            alpha = torch.div(alpha, norm.unsqueeze(1), out=alphas[t])
        ends = torch.tensor([length - 1 for length in lengths], device=scores.device)
        reached = (alphas[ends, torch.arange(batch, device=scores.device)] * final).sum(1)
        possible = reached > 1e-30
        reached = reached.clamp(min=1e-30)
        inside = torch.arange(steps, device=scores.device).unsqueeze(1) <= ends
        likelihood = reached.log() + ((norms.log() + scale) * inside).sum(0)
        last = final / reached.unsqueeze(1)
        posteriors = self._backward(
            (alphas, arrivals, norms), (enter, stay), last, lengths, enter_units
        )
        return Occupation(likelihood, posteriors, possible)

    def _backward(
        self,
        forward: tuple[Tensor, Tensor, Tensor],
        emissions: tuple[Tensor, Tensor],
        last: Tensor,
        lengths: list[int],
        by_unit: Tensor,
    ) -> Tensor:
        alphas, arrivals, norms = forward
        enter, stay = emissions
        steps = len(enter)
        ending: dict[int, list[int]] = {}
        for row, length in enumerate(lengths):
            ending.setdefault(length - 1, []).append(row)
        inverse = norms.reciprocal().unsqueeze(2)
        found = torch.zeros((steps, *by_unit.shape[1:], 2), dtype=enter.dtype, device=enter.device)
        beta = torch.zeros_like(last)
        for t in range(steps - 1, -1, -1):
            for row in ending.get(t, ()):
                beta[row] = last[row]
            weight = beta.mul_(inverse[t]).clamp_(max=_HUGE)
            entered = weight * enter[t]
            self.collect(entered * arrivals[t], found[t, :, :, 0])
            if t:
                stayed = weight.mul_(stay[t])
                self.collect(stayed * alphas[t - 1], found[t, :, :, 1])
                beta = stayed.add_(self.depart(entered))
        return found.flatten(2)


class NumeratorRecursion(Recursion):
    """Steps over a batch of transcripts' graphs, by predecessor lists."""

    def __init__(self, graphs: NumeratorBatch, device: torch.device) -> None:
        count, states, fan = graphs.predecessors.shape
        self._shape = (count, states, fan)
        self._from = torch.from_numpy(graphs.predecessors).view(count, -1).to(device)
        self._weights = torch.from_numpy(graphs.weights).to(device)
        self._units = torch.from_numpy(graphs.units).to(device)
        self.initial = torch.from_numpy(graphs.initial).to(device)
        self.final = torch.from_numpy(graphs.final).to(device)

    def arrive(self, mass: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        return (mass.gather(1, self._from).view(self._shape) * self._weights).sum(2)

    def depart(self, mass: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        spread = (mass.unsqueeze(2) * self._weights).flatten(1)
        return torch.zeros_like(mass).scatter_add_(1, self._from, spread)

    def emissions(self, by_unit: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        return by_unit.gather(2, self._units.expand(len(by_unit), -1, -1))

    def collect(self, by_state: Tensor, into: Tensor) -> None:
        """See :class:`Recursion`."""
        into.scatter_add_(1, self._units, by_state)


class DenominatorRecursion(Recursion):
    """Steps over the word loop, along words and through junctions."""

    def __init__(self, graph: Denominator, units: int, device: torch.device) -> None:
        def on_device(values: object) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float32, device=device)

        self._units = torch.as_tensor(graph.units, device=device)
        self._inner = on_device(graph.inner[1:])
        self._leave, self._enter = on_device(graph.leave), on_device(graph.enter)
        self._leave_back = self._leave.t().contiguous()
        self._enter_back = self._enter.t().contiguous()
        self._membership = torch.nn.functional.one_hot(self._units, units).float()
        self.initial, self.final = on_device(graph.initial), on_device(graph.final)

    def arrive(self, mass: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        arrived = (mass @ self._leave) @ self._enter
        arrived[:, 1:].addcmul_(mass[:, :-1], self._inner)
        return arrived

    def depart(self, mass: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        departed = (mass @ self._enter_back) @ self._leave_back
        departed[:, :-1].addcmul_(mass[:, 1:], self._inner)
        return departed

    def emissions(self, by_unit: Tensor) -> Tensor:
        """See :class:`Recursion`."""
        return by_unit.index_select(2, self._units)

    def collect(self, by_state: Tensor, into: Tensor) -> None:
        """See :class:`Recursion`."""
        into.addmm_(by_state, self._membership) if into.is_contiguous() else into.add_(
            by_state @ self._membership
        )


def numerator_occupation(scores: Tensor, graphs: NumeratorBatch, lengths: list[int]) -> Occupation:
    """Occupation given the transcript; in double precision, so that a bad frame cannot zero it."""
    with torch.no_grad():
        recursion = NumeratorRecursion(graphs, scores.device)
        return recursion.run(scores.double(), lengths, recursion.initial, recursion.final)


def state_path(scores: Tensor, graphs: NumeratorBatch, lengths: list[int]) -> NDArray[np.int64]:
    """The best (Viterbi) path through each numerator: the state in every frame, (T, B)."""
    log_enter, log_stay = _log_emissions(scores.detach(), graphs)
    weights = torch.from_numpy(graphs.weights).log().float()
    sources = torch.from_numpy(graphs.predecessors)
    count, states, fan = sources.shape
    best = torch.from_numpy(graphs.initial).log().float() + log_enter[0]
    steps = len(scores)
    came = torch.zeros((steps, count, states), dtype=torch.int64)
    own = torch.arange(states).expand(count, -1)
    history = [best]
    for t in range(1, steps):
        from_others = best.gather(1, sources.view(count, -1)).view(count, states, fan) + weights
        top, which = from_others.max(2)
        entered, stayed = top + log_enter[t], best + log_stay[t]
        origin = sources.gather(2, which.unsqueeze(2)).squeeze(2)
        came[t] = torch.where(stayed >= entered, own, origin)
        best = torch.maximum(stayed, entered)
        history.append(best)
    final = torch.from_numpy(graphs.final).log().float()
    path = np.zeros((steps, count), np.int64)
    back = came.numpy()
    for row, length in enumerate(lengths):
        state = int((history[length - 1][row] + final[row]).argmax())
        for t in range(length - 1, -1, -1):
            path[t, row] = state
            state = int(back[t, row, state])
    return path


def _log_emissions(scores: Tensor, graphs: NumeratorBatch) -> tuple[Tensor, Tensor]:
    units = torch.from_numpy(graphs.units)
    pairs = scores.float().reshape(*scores.shape[:2], -1, 2)
    index = units.expand(len(scores), -1, -1)
    return pairs[..., 0].gather(2, index), pairs[..., 1].gather(2, index)


def denominator_occupation(
    scores: Tensor, recursion: DenominatorRecursion, lengths: list[int]
) -> Occupation:
    """Occupation given that anything may have been said."""
    batch = scores.shape[1]
    initial, final = recursion.initial.expand(batch, -1), recursion.final.expand(batch, -1)
    with torch.no_grad():
        return recursion.run(scores.float(), lengths, initial, final)
