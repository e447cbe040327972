"""Writes a spotter as ``spotter.onnx`` beside a model, which the service runs with ONNX Runtime.

Input ``samples``: float32 of shape (n,), 8 kHz, on the 16-bit scale, at least one frame. Output
``log_odds``: float32 of shape (words,). The metadata ``words`` lists them, separated by spaces.
Weights are stored in 16 bits and widened when the file is loaded.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from acoustic_model.artifacts import write_whole
from acoustic_model.errors import ModelFileError
from acoustic_model.spotting.network import SPOTTED, Spotter
from acoustic_model.training.features import FRAME, RATE_HZ

_OPSET = 18
_FEWEST = 1_000
"""Minimum size of a tensor to be stored in 16 bits."""


def write_spotter(path: Path, spotter: Spotter, words: Sequence[str] = SPOTTED) -> None:
    """Writes the whole file; on failure, raises :class:`ModelFileError` and keeps the old one."""
    model = _exported(spotter.eval(), path.name)
    stripped(model.graph)
    narrowed(model.graph)
    helper.set_model_props(model, {"words": " ".join(words)})
    try:
        write_whole(path, model.SerializeToString())
    except OSError as error:
        raise ModelFileError(f"{path} cannot be written: {error.strerror}") from error


def stripped(graph: onnx.GraphProto) -> None:
    """Removes the exporter's notes from the graph; they contain paths of this machine."""
    for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]


def narrowed(graph: onnx.GraphProto) -> None:
    """Stores large tensors in 16 bits, each with a node that widens it."""
    widening = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FEWEST:
            continue
        name = f"{tensor.name}.narrow"
        widening.append(helper.make_node("Cast", [name], [tensor.name], to=onnx.TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name))
    nodes = [*widening, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _exported(spotter: Spotter, name: str) -> onnx.ModelProto:
    samples = torch.export.Dim("samples", min=FRAME)
    example = torch.zeros(2 * RATE_HZ)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            spotter,
            (example,),
            input_names=["samples"],
            output_names=["log_odds"],
            dynamic_shapes=({0: samples},),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
        if program is None:
            raise ModelFileError("the spotter cannot be exported")
        path = Path(scratch) / name
        program.save(str(path))
        return onnx.load(str(path))
