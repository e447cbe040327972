"""What is wrong inside a model's files that libvosk loads without a word, and then hears wrongly.

Measured on 0.3.45: of a ``Gr.fst`` that is cut off it takes the words from elsewhere, and a wrong
``disambig_tid.int`` silences the sound whose number it names. ``graph/fillers.txt`` and
``confidence.json`` are this project's own, and no business of libvosk's.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from bot.adapters.model_folder import CONFIDENCE, read_confidence
from bot.adapters.vosk_model_check import filler_phrases
from bot.errors import ModelError

_STATE, _ARC = struct.Struct("<fq"), struct.Struct("<iifi")
_HEADER = struct.Struct("<iiQqqq")
_SYMBOL_TABLES = (1, 2)
"""Flags of an OpenFst file that announce a table of input or output symbols."""


def inner_problems(folder: Path) -> tuple[str, ...]:
    """One line for each wrong content of a model directory that has all of its files."""
    found = []
    labels: frozenset[int] = frozenset()
    for name in ("graph/Gr.fst", "graph/HCLr.fst"):
        try:
            labels = _input_labels((folder / name).read_bytes())
        except (struct.error, ValueError):
            found.append(f"{folder}: {name} is cut off or damaged")
            labels = frozenset()
    found += _number_problems(folder, labels)
    found += _text_problems(folder)
    try:
        read_confidence(folder)
    except ModelError as error:
        found.append(str(error))
    return tuple(found)


def has_confidence(folder: Path) -> bool:
    """Whether how sure the model is was fitted."""
    return (folder / CONFIDENCE).is_file()


def _number_problems(folder: Path, labels: frozenset[int]) -> list[str]:
    """Labels of no sound come after all those of sounds; ``labels`` are empty where unknown."""
    path = folder / "graph" / "disambig_tid.int"
    numbers = frozenset(map(int, path.read_text("ascii").split()))
    if labels and (not numbers or min(numbers) <= max(labels - numbers)):
        return [f"{folder}: graph/{path.name} names sounds of graph/HCLr.fst; unpack it again"]
    return []


def _text_problems(folder: Path) -> list[str]:
    found = []
    try:
        filler_phrases(folder)
    except ModelError as error:
        found.append(str(error))
    path = folder / "graph" / "words.txt"
    if path.is_file():
        lines = [line.split() for line in path.read_text("utf-8", "replace").splitlines()]
        if not lines or any(len(line) != 2 or not line[1].isdigit() for line in lines):
            found.append(f"{folder}: graph/words.txt is no list of words and their numbers")
    return found


def _input_labels(data: bytes) -> frozenset[int]:
    """All input labels of an OpenFst file of the kind ``vector``; none of another kind.

    Raises struct.error or ValueError where the file ends too soon.
    """
    kind, place = _string(data, 4)
    _, place = _string(data, place)
    if kind != b"vector":
        return frozenset()
    _, flags, _, _, states, _ = _HEADER.unpack_from(data, place)
    place += _HEADER.size
    for flag in _SYMBOL_TABLES:
        place = _after_symbols(data, place) if flags & flag else place
    labels: set[int] = set()
    for _ in range(states):
        _, arcs = _STATE.unpack_from(data, place)
        place += _STATE.size
        fields = np.frombuffer(data, "<i4", 4 * arcs, place)
        labels.update(fields[::4].tolist())
        place += _ARC.size * arcs
    return frozenset(labels)


def _after_symbols(data: bytes, place: int) -> int:
    _, place = _string(data, place + 4)
    _, count = struct.unpack_from("<qq", data, place)
    place += 16
    for _ in range(count):
        _, place = _string(data, place)
        place += 8
    return place


def _string(data: bytes, place: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<i", data, place)
    end = place + 4 + length
    if length < 0 or end > len(data):
        raise ValueError("a string longer than the file")
    return data[place + 4 : end], end
