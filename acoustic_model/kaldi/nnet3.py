"""A network in Kaldi's nnet3 notation: written and read back without Kaldi.

The file starts with text, one line per node (``component-node name=… component=… input=…``),
followed by the components in binary. Only what a folded network needs is supported:
``FixedAffineComponent``, ``RectifiedLinearComponent``, and the descriptors ``Append``, ``Offset``,
``Sum``, and ``Scale``.
Sources: ``nnet3/nnet-nnet.cc``, ``nnet-simple-component.cc``, ``nnet-descriptor.cc``,
``am-nnet-simple.cc``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from acoustic_model.errors import ModelFileError
from acoustic_model.kaldi import binary as kaldi

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Affine:
    """``outputs = weights @ inputs + bias``."""

    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Relu:
    """``max(0, x)`` for vectors of one size."""

    size: int


@dataclass(frozen=True, slots=True)
class Node:
    """A component applied to a descriptor."""

    name: str
    component: str
    descriptor: str


@dataclass(slots=True)
class Nnet3:
    """Nodes in order of computation; the last node's output is the network's."""

    inputs: int
    nodes: list[Node] = field(default_factory=list)
    components: dict[str, Affine | Relu] = field(default_factory=dict)
    left_context: int = 0
    right_context: int = 0

    def add(self, name: str, component: Affine | Relu, descriptor: str) -> str:
        """Adds a node with its component; returns its name."""
        self.nodes.append(Node(name, name, descriptor))
        self.components[name] = component
        return name


def to_bytes(net: Nnet3) -> bytes:
    """The ``<Nnet3>`` part of ``final.mdl``, up to the (empty) priors."""
    lines = [f"input-node name=input dim={net.inputs}"]
    lines += [
        f"component-node name={node.name} component={node.component} input={node.descriptor}"
        for node in net.nodes
    ]
    lines.append(f"output-node name=output input={net.nodes[-1].name} objective=linear")
    data = [
        kaldi.token("<Nnet3>") + b"\n" + "\n".join(lines).encode() + b"\n\n",
        kaldi.token("<NumComponents>") + kaldi.integer(len(net.components)),
    ]
    for name, component in net.components.items():
        data.append(kaldi.token("<ComponentName>") + kaldi.token(name))
        data.append(_affine(component) if isinstance(component, Affine) else _relu(component))
    data.append(kaldi.token("</Nnet3>"))
    data.append(kaldi.token("<LeftContext>") + kaldi.integer(net.left_context))
    data.append(kaldi.token("<RightContext>") + kaldi.integer(net.right_context))
    data.append(kaldi.token("<Priors>") + kaldi.vector([]))
    return b"".join(data)


def read(reader: kaldi.Reader) -> Nnet3:
    """Reads what :func:`to_bytes` writes."""
    reader.expect(kaldi.token("<Nnet3>") + b"\n")
    text = reader.upto(b"\n\n").decode("ascii", "replace")
    size = re.search(r"^input-node name=input dim=(\d+)$", text, re.MULTILINE)
    if size is None:
        raise ModelFileError("the network has no input-node named input")
    net = Nnet3(int(size[1]))
    pattern = r"^component-node name=(\S+) component=(\S+) input=(.+)$"
    net.nodes = [Node(*found) for found in re.findall(pattern, text, re.MULTILINE)]
    reader.expect(kaldi.token("<NumComponents>"))
    for _ in range(reader.integer()):
        reader.expect(kaldi.token("<ComponentName>"))
        name = reader.token()
        net.components[name] = _component(reader)
    reader.expect(kaldi.token("</Nnet3>") + kaldi.token("<LeftContext>"))
    net.left_context = reader.integer()
    reader.expect(kaldi.token("<RightContext>"))
    net.right_context = reader.integer()
    return net


def _affine(component: Affine) -> bytes:
    return (
        kaldi.token("<FixedAffineComponent>")
        + kaldi.token("<LinearParams>")
        + kaldi.matrix(component.weights)
        + kaldi.token("<BiasParams>")
        + kaldi.vector(component.bias)
        + kaldi.token("</FixedAffineComponent>")
    )


def _relu(component: Relu) -> bytes:
    return (
        kaldi.token("<RectifiedLinearComponent>")
        + kaldi.token("<Dim>")
        + kaldi.integer(component.size)
        + kaldi.token("<ValueAvg>")
        + kaldi.vector([])
        + kaldi.token("<DerivAvg>")
        + kaldi.vector([])
        + kaldi.token("<Count>")
        + kaldi.double(0.0)
        + kaldi.token("</RectifiedLinearComponent>")
    )


def _component(reader: kaldi.Reader) -> Affine | Relu:
    kind = reader.token()
    if kind == "<FixedAffineComponent>":
        reader.expect(kaldi.token("<LinearParams>"))
        weights = reader.matrix()
        reader.expect(kaldi.token("<BiasParams>"))
        bias = reader.vector()
        reader.expect(kaldi.token("</FixedAffineComponent>"))
        return Affine(weights, bias)
    if kind == "<RectifiedLinearComponent>":
        reader.expect(kaldi.token("<Dim>"))
        size = reader.integer()
        reader.upto(kaldi.token("</RectifiedLinearComponent>"))
        return Relu(size)
    raise ModelFileError(f"the network has a component of unknown kind {kind}")
