"""Reads the words, phones, and network of an existing model from its files.

Works for models laid out as this project's: one-state phones, every word a chain of phones from
a common word-start state of ``HCLr.fst``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from acoustic_model.errors import ModelFileError
from acoustic_model.kaldi import binary as kaldi
from acoustic_model.kaldi import nnet3, openfst, transition_model
from acoustic_model.kaldi.nnet3 import Nnet3
from acoustic_model.lexicon.lexicon import Lexicon, Pronunciation


@dataclass(frozen=True, slots=True)
class VoskFiles:
    """The contents of a model directory."""

    net: Nnet3
    lexicon: Lexicon
    """Its units are the model's pdf pairs, without names."""


def read_vosk_files(folder: Path) -> VoskFiles:
    """Reads a model directory; raises :class:`ModelFileError` if part is missing or unknown."""
    reader = kaldi.Reader(_bytes(folder / "am" / "final.mdl"), "final.mdl")
    reader.expect(kaldi.HEADER)
    pdfs = transition_model.read(reader)
    if any(loop != forward + 1 or forward % 2 for forward, loop in pdfs):
        raise ModelFileError(f"{folder} does not number its pdfs in pairs")
    net = nnet3.read(reader)
    graph, _ = openfst.read(_bytes(folder / "graph" / "HCLr.fst"), "HCLr.fst")
    _, symbols = openfst.read(_bytes(folder / "graph" / "Gr.fst"), "Gr.fst")
    words = {number: word for word, number in symbols.items()}
    phone_units = tuple(forward // 2 for forward, _ in pdfs)
    said: dict[str, list[Pronunciation]] = {}
    for state in range(len(graph.arcs)):
        for arc in graph.arcs[state]:
            if arc.output:
                phones = _chain(graph, state, arc.target)
                units = tuple(phone_units[phone - 1] for phone in phones)
                said.setdefault(words[arc.output], []).append(Pronunciation(units, phones))
    names = tuple(str(unit) for unit in range(max(phone_units) + 1))
    return VoskFiles(net, Lexicon(names, {w: tuple(p) for w, p in said.items()}, phone_units))


def _chain(graph: openfst.Fst, start: int, state: int) -> tuple[int, ...]:
    """Phones of a word, from the arc that leads from `start` to `state`."""
    inputs = [arc.input for arc in graph.arcs[start] if arc.target == state]
    phones = [inputs[0] // 2]
    while True:
        onward = [arc for arc in graph.arcs[state] if arc.target != state and arc.input]
        if not onward:
            return tuple(phones)
        phones.append(onward[0].input // 2)
        state = onward[0].target


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read") from error
