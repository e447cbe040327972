"""Runs an nnet3 network over whole utterances, computing each node only where it is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acoustic_model.errors import ModelFileError
from acoustic_model.kaldi.nnet3 import Affine, Nnet3, Relu

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a descriptor: a node, its offset in time, and its weight."""

    node: str
    offset: int
    weight: float


def parse(descriptor: str) -> list[list[Term]]:
    """Parses a descriptor into parts to append, each a list of terms to sum.

    Handles a node, ``Offset(node, n)``, ``Scale(w, …)``, ``Sum(…, …)``, and ``Append(…, …)``.
    """
    text = descriptor.strip()
    call = re.fullmatch(r"(\w+)\((.*)\)", text)
    if call is None:
        return [[Term(text, 0, 1.0)]]
    name, arguments = call[1], _split(call[2])
    if name == "Append":
        return [part for argument in arguments for part in parse(argument)]
    if name == "Sum":
        return [[term for argument in arguments for term in parse(argument)[0]]]
    if name == "Offset":
        ((term,),) = parse(arguments[0])
        return [[Term(term.node, term.offset + int(arguments[1]), term.weight)]]
    if name == "Scale":
        ((term,),) = parse(arguments[1])
        return [[Term(term.node, term.offset, term.weight * float(arguments[0]))]]
    raise ModelFileError(f"the network has a descriptor of unknown kind {name}")


class Runner:
    """A network that is ready to run."""

    def __init__(self, net: Nnet3, dtype: torch.dtype = torch.float32) -> None:
        self._dtype = dtype
        self._steps = [(node.name, parse(node.descriptor)) for node in net.nodes]
        self._layers: dict[str, tuple[Tensor, Tensor] | None] = {}
        for node in net.nodes:
            component = net.components[node.component]
            if isinstance(component, Affine):
                weights = torch.from_numpy(component.weights.copy()).to(dtype)
                bias = torch.from_numpy(component.bias.copy()).to(dtype)
                self._layers[node.name] = (weights, bias)
            elif isinstance(component, Relu):
                self._layers[node.name] = None

    def __call__(self, features: Tensor, subsampling: int = 3) -> Tensor:
        """Features (T, B, inputs) to scores (ceil(T / subsampling), B, outputs).

        The first and last frames are repeated as context beyond the edges.
        """
        wanted = self._wanted(np.arange(0, len(features), subsampling, dtype=np.int64))
        kept = torch.from_numpy(wanted["input"].clip(0, len(features) - 1))
        values = {"input": features.detach()[kept].to(self._dtype)}
        for name, parts in self._steps:
            inputs = torch.cat([self._sum(part, wanted[name], wanted, values) for part in parts], 2)
            layer = self._layers[name]
            values[name] = torch.relu(inputs) if layer is None else _apply(layer, inputs)
        return values[self._steps[-1][0]].float()

    def _wanted(self, outputs: Times) -> dict[str, Times]:
        wanted: dict[str, Times] = {self._steps[-1][0]: outputs}
        for name, parts in reversed(self._steps):
            for term in (term for part in parts for term in part):
                times = wanted[name] + term.offset
                before = wanted.get(term.node)
                wanted[term.node] = np.unique(times if before is None else [*before, *times])
        return wanted

    def _sum(
        self, part: list[Term], times: Times, wanted: dict[str, Times], values: dict[str, Tensor]
    ) -> Tensor:
        total: Tensor | None = None
        for term in part:
            rows = np.searchsorted(wanted[term.node], times + term.offset)
            value = values[term.node][torch.from_numpy(rows)]
            value = value if term.weight == 1.0 else value * term.weight
            total = value if total is None else total + value
        if total is None:
            raise ModelFileError("the network has an empty descriptor")
        return total


def _apply(layer: tuple[Tensor, Tensor], inputs: Tensor) -> Tensor:
    return torch.nn.functional.linear(inputs, *layer)


def _split(arguments: str) -> list[str]:
    """Splits at the commas outside parentheses."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(arguments):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(arguments[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, arguments[start:]]]
