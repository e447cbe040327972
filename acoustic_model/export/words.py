"""The words of an exported model: trained words, spelled words, and fillers."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from acoustic_model.errors import ModelFileError
from acoustic_model.export.export import Costs, write_model
from acoustic_model.export.fillers import filler_of, with_all_fillers
from acoustic_model.kaldi import openfst
from acoustic_model.kaldi.vosk_model import read_vosk_files
from acoustic_model.lexicon.lexicon import GENERIC_UNITS, UNKNOWN, Lexicon, lexicon, with_spelled

_RENEWED = ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst", "graph/words.txt",
            "graph/disambig_tid.int", "graph/phones/word_boundary.int")  # fmt: skip


def exported_words() -> Lexicon:
    """Return the current vocabulary in the order of word numbers."""
    return with_all_fillers(with_spelled(lexicon()))


def renew_words(folder: Path) -> Lexicon:
    """Give the model in `folder` the current words; its network, costs and fillers stay.

    Raises :class:`ModelFileError` if the model's units do not match the current words'.
    """
    read = read_vosk_files(folder)
    words, costs = exported_words(), _costs(folder)
    if read.lexicon.units != tuple(map(str, range(len(words.units)))):
        raise ModelFileError(f"the units of {folder} do not match those of the current words")
    fillers = (folder / "graph" / "fillers.txt").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "model"
        write_model(made, read.net, words, costs, fillers)
        for name in _RENEWED:
            shutil.copyfile(made / name, folder / name)
    return words


def _costs(folder: Path) -> Costs:
    """Read the costs that decoding adds at each word from one word of each kind."""
    graph, _ = openfst.read((folder / "graph" / "HCLr.fst").read_bytes(), "HCLr.fst")
    _, symbols = openfst.read((folder / "graph" / "Gr.fst").read_bytes(), "Gr.fst")
    at = {arc.output: arc.cost for arcs in graph.arcs for arc in arcs if arc.output}
    word, unknown, filler = ("zero", UNKNOWN, filler_of(GENERIC_UNITS[0]))
    return Costs(at[symbols[word]], at[symbols[unknown]], at[symbols[filler]])
