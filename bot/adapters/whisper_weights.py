"""Reads the arrays of a CTranslate2 model file (``model.bin``, binary version 6).

The format is that of ctranslate2.specs.model_spec: a version, the name of the specification and its
revision, then variables (name, shape, type, bytes), then aliases of them; all little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = slice | npt.NDArray[np.int_]

_VERSION = 6
_TYPES = ("<f4", "<i1", "<i2", "<i4", "<f2")


@dataclass(frozen=True, slots=True)
class Weights:
    """The variables of a model, as stored in its file."""

    specification: str
    variables: Mapping[str, npt.NDArray[np.generic]]

    def number(self, name: str) -> int:
        """Return a single integer. Raises KeyError."""
        return int(self.variables[name].item())

    def floats(self, name: str) -> Floats:
        """Return an array in its own scale, as 32-bit floats. Raises KeyError."""
        return self.rows(name, slice(None))

    def rows(self, name: str, which: Rows) -> Floats:
        """Return these rows of an array. Raises KeyError."""
        found = self.variables[name][which].astype(np.float32)
        scale = self.variables.get(f"{name}_scale")
        if scale is None:
            return found
        by = scale.astype(np.float32)
        return np.asarray(found / (by[which, None] if by.ndim else by), np.float32)

    def __contains__(self, name: str) -> bool:
        return name in self.variables


def read_weights(data: bytes) -> Weights:
    """Read the arrays without copying them. Raises ValueError if the file is invalid."""
    try:
        return _read(_Reader(data))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"the file is damaged ({error})") from None


class _Reader:
    """Takes values off the front of the data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, kind: str) -> int:
        (found,) = struct.unpack_from(f"<{kind}", self._data, self._at)
        self._at += struct.calcsize(kind)
        return int(found)

    def text(self) -> str:
        """Return text that ends with a zero, which its length counts."""
        size = self.number("H")
        self._at += size
        return self._data[self._at - size : self._at - 1].decode()

    def _kind(self) -> str:
        kind = self.number("B")
        if kind >= len(_TYPES):
            raise ValueError("its weights are of an unknown kind")
        return _TYPES[kind]

    def array(self) -> npt.NDArray[np.generic]:
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = np.dtype(self._kind())
        size = self.number("I")
        if size != kind.itemsize * int(np.prod(shape)) or self._at + size > len(self._data):
            raise ValueError("the file is damaged (it ends within its weights)")
        found = np.frombuffer(self._data, kind, size // kind.itemsize, self._at).reshape(shape)
        self._at += size
        return found


def _read(reader: _Reader) -> Weights:
    version = reader.number("I")
    if version != _VERSION:
        raise ValueError(f"its binary version is {version}, not {_VERSION}")
    specification, _revision = reader.text(), reader.number("I")
    variables = {reader.text(): reader.array() for _ in range(reader.number("I"))}
    for _ in range(reader.number("I")):
        other, name = reader.text(), reader.text()
        variables[other] = variables[name]
    return Weights(specification, variables)
