"""Vosk model directories for tests: the shape of a stock English model, with random weights.

16 kHz MFCC, i-vectors, no ``--allow-upsample``, the words of a small list and ``[unk]``. It
understands nothing, and decodes without an error.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from acoustic_model.kaldi import binary as kaldi
from acoustic_model.kaldi import nnet3, openfst, transition_model
from acoustic_model.kaldi.nnet3 import Affine, Nnet3, Relu
from acoustic_model.kaldi.openfst import Fst

WORDS = ("zero", "one", "two", "three", "yes", "no", "[unk]")
FEATURES, SPLICED, GAUSSIANS, IVECTOR, HIDDEN = 40, 7 * 40, 2, 10, 16
MFCC = """--use-energy=false
--sample-frequency=16000
--num-mel-bins=40
--num-ceps=40
--low-freq=20
--high-freq=7600
"""
MODEL_CONF = """--min-active=200
--max-active=3000
--beam=10.0
--lattice-beam=2.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""

_random = np.random.default_rng(3)


def write_stock_model(folder: Path, *, ivectors: bool = True) -> Path:
    """A complete directory: one phone for silence and one for each word."""
    phones = 1 + len(WORDS)
    for name in ("am", "conf", "graph/phones"):
        (folder / name).mkdir(parents=True)
    network = _network(2 * phones, ivectors)
    (folder / "am/final.mdl").write_bytes(
        kaldi.HEADER + transition_model.to_bytes(range(phones)) + network
    )
    (folder / "conf/mfcc.conf").write_text(MFCC)
    (folder / "conf/model.conf").write_text(MODEL_CONF)
    symbols = {"<eps>": 0, **{word: index for index, word in enumerate(WORDS, 1)}, "#0": phones}
    (folder / "graph/HCLr.fst").write_bytes(openfst.to_bytes(_lexicon(), acceptor=False))
    words = openfst.to_bytes(_any_words(), acceptor=True, symbols=symbols)
    (folder / "graph/Gr.fst").write_bytes(words)
    disambiguation = transition_model.disambiguation_id(phones)
    (folder / "graph/disambig_tid.int").write_text(f"{disambiguation}\n")
    boundaries = ["1 nonword", *(f"{phone} singleton" for phone in range(2, phones + 1))]
    (folder / "graph/phones/word_boundary.int").write_text("\n".join(boundaries) + "\n")
    if ivectors:
        _write_ivectors(folder / "ivector")
    return folder


def _network(pdfs: int, ivectors: bool) -> bytes:
    """Three frames, and the i-vector as a stock model takes it, through one hidden layer."""
    net = Nnet3(FEATURES, left_context=1, right_context=1)
    descriptor = "Append(Offset(input, -1), input, Offset(input, 1)"
    size = 3 * FEATURES
    if ivectors:
        descriptor += ", ReplaceIndex(ivector, t, 0)"
        size += IVECTOR
    hidden = net.add("hidden", _affine(HIDDEN, size), descriptor + ")")
    relu = net.add("relu", Relu(HIDDEN), hidden)
    net.add("out", _affine(pdfs, HIDDEN), relu)
    data = nnet3.to_bytes(net)
    if not ivectors:
        return data
    node = f"input-node name=input dim={FEATURES}\n".encode()
    return data.replace(node, f"input-node name=ivector dim={IVECTOR}\n".encode() + node, 1)


def _affine(outputs: int, inputs: int) -> Affine:
    weights = _random.normal(0, 0.02, (outputs, inputs)).astype(np.float32)
    return Affine(weights, np.zeros(outputs, np.float32))


def _lexicon() -> Fst:
    """HCLr: optional silence, then a word, which is one phone long, and back."""
    graph = Fst()
    between, word_start, silence = graph.state(0.0), graph.state(), graph.state()
    graph.arc(between, word_start, labels=(0, 0), cost=math.log(2))
    graph.arc(between, silence, labels=(transition_model.forward_id(1), 0), cost=math.log(2))
    graph.arc(silence, silence, labels=(transition_model.self_loop_id(1), 0))
    graph.arc(silence, word_start, labels=(0, 0))
    for index in range(1, len(WORDS) + 1):
        phone, inside = index + 1, graph.state()
        graph.arc(word_start, inside, labels=(transition_model.forward_id(phone), index))
        graph.arc(inside, inside, labels=(transition_model.self_loop_id(phone), 0))
        graph.arc(inside, between, labels=(0, 0))
    return graph


def _any_words() -> Fst:
    graph = Fst()
    state = graph.state(0.0)
    for index in range(1, len(WORDS) + 1):
        graph.arc(state, state, labels=(index, index), cost=math.log(len(WORDS)))
    return graph


def _write_ivectors(folder: Path) -> None:
    """What Kaldi's online i-vector extraction reads; the formats are those of
    gmm/diag-gmm.cc, ivector/ivector-extractor.cc and transform/cmvn.cc."""
    folder.mkdir()
    (folder / "splice.conf").write_text("--left-context=3\n--right-context=3\n")
    (folder / "online_cmvn.conf").write_text("# the defaults of online-cmvn\n")
    reduce = _random.normal(0, 0.05, (FEATURES, SPLICED))
    (folder / "final.mat").write_bytes(kaldi.HEADER + kaldi.matrix(reduce))
    stats = np.ones((2, FEATURES + 1))
    stats[:, -1] = (1.0, 0.0)
    (folder / "global_cmvn.stats").write_bytes(kaldi.HEADER + _double_matrix(stats))
    (folder / "final.dubm").write_bytes(kaldi.HEADER + _gaussians())
    (folder / "final.ie").write_bytes(kaldi.HEADER + _extractor())


def _gaussians() -> bytes:
    ones = np.ones((GAUSSIANS, FEATURES))
    return (
        kaldi.token("<DiagGMM>")
        + kaldi.token("<GCONSTS>")
        + kaldi.vector([-40.0] * GAUSSIANS)
        + kaldi.token("<WEIGHTS>")
        + kaldi.vector([1 / GAUSSIANS] * GAUSSIANS)
        + kaldi.token("<MEANS_INVVARS>")
        + kaldi.matrix(_random.normal(0, 1, (GAUSSIANS, FEATURES)))
        + kaldi.token("<INV_VARS>")
        + kaldi.matrix(ones)
        + kaldi.token("</DiagGMM>")
    )


def _extractor() -> bytes:
    weights = np.full(GAUSSIANS, 1 / GAUSSIANS)
    projections = [_random.normal(0, 0.1, (FEATURES, IVECTOR)) for _ in range(GAUSSIANS)]
    return (
        kaldi.token("<IvectorExtractor>")
        + kaldi.token("<w>")
        + _double_matrix(np.zeros((0, 0)))
        + kaldi.token("<w_vec>")
        + _doubles("DV", weights, (GAUSSIANS,))
        + kaldi.token("<M>")
        + kaldi.integer(GAUSSIANS)
        + b"".join(_double_matrix(projection) for projection in projections)
        + kaldi.token("<SigmaInv>")
        + _doubles("DP", np.eye(FEATURES)[np.tril_indices(FEATURES)], (FEATURES,)) * GAUSSIANS
        + kaldi.token("<IvectorOffset>")
        + kaldi.double(1.0)
        + kaldi.token("</IvectorExtractor>")
    )


def _double_matrix(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    return _doubles("DM", values, values.shape)


def _doubles(
    kind: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], shape: tuple[int, ...]
) -> bytes:
    sizes = b"".join(kaldi.integer(size) for size in shape)
    return kaldi.token(kind) + sizes + np.ascontiguousarray(values, "<f8").tobytes()
