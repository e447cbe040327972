"""Weighted finite-state transducers in OpenFst's ``vector`` format over the tropical semiring.

Header: magic number, the strings ``vector`` and ``standard`` (a 32-bit length, then the letters),
version 2, flags (2: a symbol table follows), property bits, start state, states, arcs. Then an
optional symbol table (magic number, name, next free key, count, pairs of string and 64-bit key),
then each state: final cost (infinite where it is not final), arc count, and its arcs as input
label, output label, cost, next state. Sources: ``fst/fst.cc``, ``fst/vector-fst.h``,
``fst/symbol-table.cc``, ``fst/properties.h``.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

from acoustic_model.errors import ModelFileError

_MAGIC = 2125659606
_SYMBOLS_MAGIC = 2125658996
_HAS_INPUT_SYMBOLS = 1
_HAS_OUTPUT_SYMBOLS = 2
_EXPANDED_MUTABLE = 0x3
_ACCEPTOR = 0x10000
_INPUT_SORTED = 0x10000000
_OUTPUT_SORTED = 0x40000000


@dataclass(frozen=True, slots=True, order=True)
class Arc:
    """One arc; label 0 is epsilon, the cost is a negative natural logarithm."""

    input: int
    output: int
    cost: float
    target: int


@dataclass(slots=True)
class Fst:
    """States with their arcs, starting at 0; ``final[s]`` is None if state s is not final."""

    arcs: list[list[Arc]] = field(default_factory=list)
    final: list[float | None] = field(default_factory=list)

    def state(self, final: float | None = None) -> int:
        """Adds a state and returns its number."""
        self.arcs.append([])
        self.final.append(final)
        return len(self.arcs) - 1

    def arc(self, source: int, target: int, *, labels: tuple[int, int], cost: float = 0.0) -> None:
        """Adds an arc with (input, output) `labels`."""
        self.arcs[source].append(Arc(*labels, cost, target))


def to_bytes(fst: Fst, *, acceptor: bool, symbols: dict[str, int] | None = None) -> bytes:
    """Encodes `fst` as a file; an acceptor's arcs are sorted by label."""
    properties = _EXPANDED_MUTABLE
    if acceptor:
        properties |= _ACCEPTOR | _INPUT_SORTED | _OUTPUT_SORTED
    count = sum(len(arcs) for arcs in fst.arcs)
    flags = _HAS_OUTPUT_SYMBOLS if symbols else 0
    data = [
        struct.pack("<i", _MAGIC) + _string("vector") + _string("standard"),
        struct.pack("<iiQqqq", 2, flags, properties, 0, len(fst.arcs), count),
    ]
    if symbols:
        ordered = sorted(symbols.items(), key=lambda symbol: symbol[1])
        data.append(struct.pack("<i", _SYMBOLS_MAGIC) + _string("words"))
        data.append(struct.pack("<qq", max(symbols.values()) + 1, len(symbols)))
        data += [_string(word) + struct.pack("<q", key) for word, key in ordered]
    for arcs, final in zip(fst.arcs, fst.final, strict=True):
        data.append(struct.pack("<fq", math.inf if final is None else final, len(arcs)))
        listed = sorted(arcs) if acceptor else arcs
        data += [
            struct.pack("<iifi", arc.input, arc.output, arc.cost, arc.target) for arc in listed
        ]
    return b"".join(data)


def read(data: bytes, name: str) -> tuple[Fst, dict[str, int]]:
    """Reads the transducer in `data` and its symbol table (empty if it has none)."""
    try:
        return _read(data)
    except (struct.error, UnicodeDecodeError, ValueError, MemoryError) as error:
        raise ModelFileError(f"{name} is not a complete OpenFst vector file") from error


def _read(data: bytes) -> tuple[Fst, dict[str, int]]:
    magic, place = struct.unpack_from("<i", data)[0], 4
    kind, place = _read_string(data, place)
    arc_kind, place = _read_string(data, place)
    if (magic, kind, arc_kind) != (_MAGIC, "vector", "standard"):
        raise ValueError("not a vector of standard arcs")
    _, flags, _, start, states, _ = struct.unpack_from("<iiQqqq", data, place)
    place += 40
    symbols: dict[str, int] = {}
    for flag in (_HAS_INPUT_SYMBOLS, _HAS_OUTPUT_SYMBOLS):
        if flags & flag:
            symbols, place = _read_symbols(data, place)
    if start != 0:
        raise ValueError("does not start at state 0")
    fst = Fst()
    for _ in range(states):
        final, count = struct.unpack_from("<fq", data, place)
        place += 12
        number = fst.state(None if math.isinf(final) else final)
        fst.arcs[number] = [
            Arc(*struct.unpack_from("<iifi", data, place + 16 * arc)) for arc in range(count)
        ]
        place += 16 * count
    return fst, symbols


def _read_symbols(data: bytes, place: int) -> tuple[dict[str, int], int]:
    if struct.unpack_from("<i", data, place)[0] != _SYMBOLS_MAGIC:
        raise ValueError("the flags announce a symbol table, but there is none")
    _, place = _read_string(data, place + 4)
    _, count = struct.unpack_from("<qq", data, place)
    place += 16
    symbols = {}
    for _ in range(count):
        word, place = _read_string(data, place)
        symbols[word] = struct.unpack_from("<q", data, place)[0]
        place += 8
    return symbols, place


def _string(text: str) -> bytes:
    return struct.pack("<i", len(text.encode())) + text.encode()


def _read_string(data: bytes, place: int) -> tuple[str, int]:
    length = struct.unpack_from("<i", data, place)[0]
    if not 0 <= length <= len(data):
        raise ValueError("a string is longer than the file")
    return data[place + 4 : place + 4 + length].decode(), place + 4 + length
