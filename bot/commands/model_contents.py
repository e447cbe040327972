"""Finds corrupt model files that libvosk loads silently and then decodes wrongly with.

Measured on 0.3.45: with a truncated ``Gr.fst``, it takes the words from elsewhere, and a wrong
``disambig_tid.int`` silences the sound with that number. ``graph/fillers.txt`` and
``confidence.json`` belong to this project; libvosk does not read them.
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
"""Flags of an OpenFst file for a table of input or output symbols."""


def inner_problems(folder: Path) -> tuple[str, ...]:
    """Errors in the contents of a complete model directory, one line each."""
    found = []
    labels: frozenset[int] = frozenset()
    for name in ("graph/Gr.fst", "graph/HCLr.fst"):
        try:
            labels = _input_labels((folder / name).read_bytes())
        except (struct.error, ValueError):
            found.append(f"{folder}: {name} is truncated or damaged; unpack the model again")
            labels = frozenset()
    found += _number_problems(folder, labels)
    found += _text_problems(folder)
    try:
        read_confidence(folder)
    except ModelError as error:
        found.append(str(error))
    return tuple(found)


def has_confidence(folder: Path) -> bool:
    """Return True if confidence was fitted for the model."""
    return (folder / CONFIDENCE).is_file()


def _number_problems(folder: Path, labels: frozenset[int]) -> list[str]:
    """Disambiguation labels that are not after all ``labels`` of sounds (empty if unknown)."""
    path = folder / "graph" / "disambig_tid.int"
    numbers = frozenset(map(int, path.read_text("ascii").split()))
    if labels and (not numbers or min(numbers) <= max(labels - numbers)):
        return [f"{folder}: graph/{path.name} contradicts graph/HCLr.fst; unpack the model again"]
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
            found.append(
                f"{folder}: graph/words.txt is not a list of words and numbers; unpack it again"
            )
    return found


def _input_labels(data: bytes) -> frozenset[int]:
    """All input labels of an OpenFst file of type ``vector``; none for other types.

    Raises struct.error or ValueError if the file is truncated.
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
        raise ValueError("a string is longer than the file")
    return data[place + 4 : end], end
