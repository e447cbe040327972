"""Kaldi's binary notation: tokens, numbers, vectors and matrices, written and read.

A binary file starts with ``\\0B``. A token is its letters and a space. A number is one byte with
its size and then its little-endian value. A float vector is the token ``FV``, its length and its
values; a float matrix ``FM``, rows, columns and values row by row; a list of integers one byte
with the size of an element, the count as four plain bytes, and the elements. A matrix may also be
``CM2``, the least value, the distance to the greatest, rows and columns as plain bytes, and each
value as 16 bits between the two, row by row. Sources: ``base/io-funcs.cc``,
``matrix/kaldi-matrix.cc``, ``matrix/compressed-matrix.cc``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from acoustic_model.errors import ModelFileError

HEADER = b"\0B"
_SPAN, _STEPS = struct.Struct("<ffii"), 65_535

Floats = NDArray[np.float32]


def token(name: str) -> bytes:
    """A token."""
    return name.encode() + b" "


def integer(value: int) -> bytes:
    """A 32-bit integer."""
    return b"\x04" + struct.pack("<i", value)


def single(value: float) -> bytes:
    """A 32-bit float."""
    return b"\x04" + struct.pack("<f", value)


def double(value: float) -> bytes:
    """A 64-bit float."""
    return b"\x08" + struct.pack("<d", value)


def integers(values: Iterable[int]) -> bytes:
    """A list of 32-bit integers."""
    array = np.fromiter(values, "<i4")
    return b"\x04" + struct.pack("<i", len(array)) + array.tobytes()


def vector(values: NDArray[np.floating] | list[float]) -> bytes:
    """A float vector."""
    array = np.asarray(values, "<f4")
    return token("FV") + integer(len(array)) + array.tobytes()


def matrix(values: NDArray[np.floating]) -> bytes:
    """A float matrix with 16 bits per value: half the size, without changing a model's scores."""
    array = np.asarray(values, np.float64)
    least, span = float(array.min()), float(np.ptp(array))
    steps = np.round((array - least) * (_STEPS / span) if span else np.zeros_like(array))
    return token("CM2") + _SPAN.pack(least, span, *array.shape) + steps.astype("<u2").tobytes()


class Reader:
    """Reads what the functions above write, from the start of `data`.

    Every method raises :class:`ModelFileError` if the bytes are not what it expects.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self.place = data, name, 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        piece = self._data[self.place : self.place + count]
        if count < 0 or len(piece) != count:
            raise ModelFileError(f"{self._name} is truncated at byte {len(self._data)}")
        self.place += count
        return piece

    def expect(self, wanted: bytes) -> None:
        """Skips `wanted`, which must come next."""
        if self.take(len(wanted)) != wanted:
            raise ModelFileError(f"{self._name} has no {wanted!r} at byte {self.place}")

    def upto(self, mark: bytes) -> bytes:
        """Everything before `mark`; skips the mark too."""
        found = self._data.find(mark, self.place)
        if found < 0:
            raise ModelFileError(f"{self._name} has no {mark!r} after byte {self.place}")
        piece = self._data[self.place : found]
        self.place = found + len(mark)
        return piece

    def token(self) -> str:
        """A token."""
        return self.upto(b" ").decode("ascii", "replace")

    def integer(self) -> int:
        """A 32-bit integer."""
        self.expect(b"\x04")
        return int(struct.unpack("<i", self.take(4))[0])

    def number(self) -> float:
        """A float of either size."""
        size = self.take(1)
        return float(struct.unpack("<f" if size == b"\x04" else "<d", self.take(size[0]))[0])

    def integers(self) -> list[int]:
        """A list of 32-bit integers."""
        self.expect(b"\x04")
        (count,) = struct.unpack("<i", self.take(4))
        return list(struct.unpack(f"<{count}i", self.take(4 * count)))

    def vector(self) -> Floats:
        """A float vector."""
        self.expect(token("FV"))
        return np.frombuffer(self.take(4 * self.integer()), "<f4")

    def matrix(self) -> Floats:
        """A float matrix, in either form."""
        kind = self.token()
        if kind == "CM2":
            return self._steps()
        if kind != "FM":
            raise ModelFileError(f"{self._name} has no matrix before byte {self.place}")
        rows, columns = self.integer(), self.integer()
        return np.frombuffer(self.take(4 * rows * columns), "<f4").reshape(rows, columns)

    def _steps(self) -> Floats:
        least, span, rows, columns = _SPAN.unpack(self.take(_SPAN.size))
        steps = np.frombuffer(self.take(2 * rows * columns), "<u2").reshape(rows, columns)
        values: Floats = (least + steps * (span / _STEPS)).astype(np.float32)
        return values
