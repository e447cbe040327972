"""Writes a trained network as a model directory that the engine loads.

==============================  ====================================================================
``am/final.mdl``                transition model and network (Kaldi binary)
``conf/fbank.conf``             the features, as ``training.features`` computes them
``conf/model.conf``             beams and endpoint rules
``graph/HCLr.fst``              transition-ids to words: what the engine composes with a grammar
``graph/Gr.fst``                words, with their symbol table; any word after any other
``graph/words.txt``             the same symbol table as text
``graph/disambig_tid.int``      the first label after all transition-ids
``graph/phones/word_boundary.int``  position of each phone in its word, for word times
``graph/fillers.txt``           phrases of fillers, for out-of-grammar speech, one per line
``about.json``                  how it was trained and its costs, for the model card (not shipped)
==============================  ====================================================================
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from acoustic_model.errors import ModelFileError
from acoustic_model.kaldi import binary as kaldi
from acoustic_model.kaldi import nnet3, openfst, transition_model
from acoustic_model.kaldi.nnet3 import Affine, Nnet3, Relu
from acoustic_model.kaldi.openfst import Fst
from acoustic_model.lexicon.lexicon import UNKNOWN, Lexicon, word_positions
from acoustic_model.training.features import BANDS, FLOOR, HIGH_HZ, LOW_HZ, RATE_HZ
from acoustic_model.training.graphs import SILENCE_PROBABILITY
from acoustic_model.training.network import SKIP, SUBSAMPLING, Factored, Network

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs that decoding adds to each word, fitted by ``evaluation.decoding_costs``."""

    word: float = -2.0
    """For each vocabulary word; negative makes words likelier, to avoid deletions."""
    unknown: float = -1.0
    """For ``[unk]``."""
    filler: float = 0.0
    """For each filler word."""

    def of(self, word: str, words: Lexicon) -> float:
        """The cost of one word."""
        if word == UNKNOWN:
            return self.unknown
        return self.filler if word in words.fillers else self.word


def write_model(
    folder: Path,
    net: Nnet3,
    words: Lexicon,
    costs: Costs,
    fillers: Sequence[str] = (),
    about: Mapping[str, object] | None = None,
) -> None:
    """Writes a whole model directory; an existing one is replaced at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write(partial, net, words, costs, fillers)
        if about:
            text = f"{json.dumps(dict(about), indent=1)}\n"
            (partial / "about.json").write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        partial.chmod(0o755)
        partial.rename(folder)
    except OSError as error:
        raise ModelFileError(f"the model cannot be written: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_graph(folder: Path, words: Lexicon, costs: Costs) -> None:
    """Writes only ``graph/HCLr.fst``, for other costs with the same network."""
    data = openfst.to_bytes(decoding_graph(words, costs), acceptor=False)
    (folder / "graph" / "HCLr.fst").write_bytes(data)


def symbol_table(words: Lexicon) -> dict[str, int]:
    """Numbers of all words, with epsilon and the backoff symbol."""
    names = ["<eps>", *words.pronunciations, "#0"]
    return {name: number for number, name in enumerate(names)}


def decoding_graph(words: Lexicon, costs: Costs) -> Fst:
    """Any word after any other, with optional silence between: transition-ids to words."""
    symbols = symbol_table(words)
    silence_cost = -math.log(SILENCE_PROBABILITY)
    fst = Fst()
    after_word, word_start, silence = fst.state(), fst.state(0.0), fst.state()
    fst.arc(after_word, word_start, labels=(0, 0), cost=silence_cost)
    enter, stay = transition_model.forward_id(1), transition_model.self_loop_id(1)
    fst.arc(after_word, silence, labels=(enter, 0), cost=silence_cost)
    fst.arc(silence, silence, labels=(stay, 0))
    fst.arc(silence, word_start, labels=(0, 0))
    for word, ways in words.pronunciations.items():
        for way in ways:
            state, output, cost = word_start, symbols[word], costs.of(word, words)
            for phone in way.phones:
                following = fst.state()
                label = transition_model.forward_id(phone)
                fst.arc(state, following, labels=(label, output), cost=cost)
                fst.arc(following, following, labels=(transition_model.self_loop_id(phone), 0))
                state, output, cost = following, 0, 0.0
            fst.arc(state, after_word, labels=(0, 0))
    return fst


def to_nnet3(network: Network) -> Nnet3:
    """The network with batch normalization, mean, and scale folded into its affine layers."""
    network.eval()
    size = network.shape
    net = Nnet3(BANDS, left_context=size.left_context, right_context=size.right_context)
    identity = np.eye(BANDS, dtype=np.float32)
    floor = net.add("floor.affine", Affine(identity, np.full(BANDS, -FLOOR, np.float32)), "input")
    before = net.add("floor.relu", Relu(BANDS), floor)
    weights = _array(network.first.weight)
    scale, mean = np.tile(_array(network.scale), 5), np.tile(_array(network.mean), 5)
    folded = _folded(weights * scale, -weights @ (mean * scale), network.first_norm)
    before = _layer(net, "first", folded, _append(before, (-2, -1, 0, 1, 2)), before=None)
    folded = _folded(_array(network.second.weight), 0.0, network.second_norm)
    before = _layer(net, "second", folded, _append(before, (-1, 0, 1)), before=None)
    for place, layer in enumerate(network.factored()):
        before = _factored(net, f"layer{place}", layer, before)
    output = Affine(_single(network.output.weight), _single(network.output.bias))
    net.add("output.affine", output, before)
    return net


def _factored(net: Nnet3, name: str, layer: Factored, before: str) -> str:
    weights = _single(layer.narrow.weight)
    narrow = Affine(weights, np.zeros(len(weights), np.float32))
    behind = _append(before, (-SUBSAMPLING * layer.back, 0))
    narrowed = net.add(f"{name}.narrow", narrow, behind)
    taps = (0, SUBSAMPLING * layer.ahead) if layer.ahead else (0,)
    folded = _folded(_array(layer.widen.weight), 0.0, layer.norm)
    return _layer(net, name, folded, _append(narrowed, taps), before=before)


def _layer(net: Nnet3, name: str, affine: Affine, descriptor: str, *, before: str | None) -> str:
    """Adds an affine layer and its ReLU, with a skip from `before`."""
    added = net.add(f"{name}.affine", affine, descriptor)
    skipped = f"Sum({added}, Scale({SKIP}, {before}))" if before else added
    return net.add(f"{name}.relu", Relu(len(affine.bias)), skipped)


def _append(node: str, offsets: tuple[int, ...]) -> str:
    parts = [node if offset == 0 else f"Offset({node}, {offset})" for offset in offsets]
    return f"Append({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _folded(weights: Doubles, bias: Doubles | float, norm: nn.BatchNorm1d) -> Affine:
    """``norm(weights @ x + bias)`` as one affine layer."""
    state = {name: _array(value) for name, value in norm.state_dict().items()}
    gain = state["weight"] / np.sqrt(state["running_var"] + norm.eps)
    shifted = (bias - state["running_mean"]) * gain + state["bias"]
    return Affine((weights * gain[:, None]).astype(np.float32), shifted.astype(np.float32))


def _array(values: torch.Tensor) -> Doubles:
    array: Doubles = values.detach().cpu().double().numpy()
    return array


def _single(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().cpu().float().numpy()
    return array


def _write(folder: Path, net: Nnet3, words: Lexicon, costs: Costs, fillers: Sequence[str]) -> None:
    for name in ("am", "conf", "graph/phones"):
        (folder / name).mkdir(parents=True)
    model = transition_model.to_bytes(words.phone_units) + nnet3.to_bytes(net)
    (folder / "am" / "final.mdl").write_bytes(kaldi.HEADER + model)
    (folder / "conf" / "fbank.conf").write_text(_FBANK_CONF, encoding="utf-8")
    (folder / "conf" / "model.conf").write_text(_MODEL_CONF, encoding="utf-8")
    write_graph(folder, words, costs)
    symbols = symbol_table(words)
    loop = Fst()
    state = loop.state(0.0)
    cost = math.log(len(words.pronunciations))
    for word in words.pronunciations:
        loop.arc(state, state, labels=(symbols[word], symbols[word]), cost=cost)
    grammar = openfst.to_bytes(loop, acceptor=True, symbols=symbols)
    (folder / "graph" / "Gr.fst").write_bytes(grammar)
    listed = "".join(f"{phrase}\n" for phrase in fillers)
    (folder / "graph" / "fillers.txt").write_text(listed, encoding="utf-8")
    listed = "".join(f"{word} {number}\n" for word, number in symbols.items())
    (folder / "graph" / "words.txt").write_text(listed, encoding="utf-8")
    first = transition_model.disambiguation_id(len(words.phone_units))
    (folder / "graph" / "disambig_tid.int").write_text(f"{first}\n", encoding="utf-8")
    kinds = "".join(f"{phone} {kind}\n" for phone, kind in enumerate(word_positions(words), 1))
    (folder / "graph" / "phones" / "word_boundary.int").write_text(kinds, encoding="utf-8")


_FBANK_CONF = f"""--sample-frequency={RATE_HZ}
--num-mel-bins={BANDS}
--low-freq={LOW_HZ:g}
--high-freq={HIGH_HZ:g}
--dither=0
--use-energy=false
--allow-downsample=true
"""

_MODEL_CONF = f"""--min-active=20
--max-active=300
--beam=10.0
--lattice-beam=2.0
--acoustic-scale=1.0
--frame-subsampling-factor={SUBSAMPLING}
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""
