"""Compare the sizes that a WAV file declares with its real ones.

libsndfile silently reads truncated files; the sizes in the RIFF header reveal them.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from bot.errors import AudioError

_UNKNOWN_SIZES = (0, 0xFFFF_FFFF, 0x7FFF_FFFF)
"""Declared by programs that write to a pipe and cannot seek back."""
_MOST_CHUNKS = 1_000
"""Before the samples, of any kind; a recorder writes a handful."""
_FORMAT_BYTES = 14
"""Size of the format chunk, up to and including the block alignment."""


def check_wav(path: Path) -> None:
    """Raise AudioError for a RIFF file that is truncated or ends within a sample."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return
        file.seek(12)
        align = 1
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            if len(head) < 8:
                break
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                _check_data(path, file, size, align)
                return
            if name == b"fmt ":
                align = _block_align(file, size)
            else:
                file.seek(size + size % 2, 1)
    raise AudioError(f"{path}: truncated before its first sample; copy it again")


def _block_align(file: BinaryIO, size: int) -> int:
    """Bytes per sample of all channels. The declared size is not to be trusted."""
    start = file.tell()
    body = file.read(min(size, _FORMAT_BYTES))
    file.seek(start + size + size % 2)
    return int.from_bytes(body[12:14], "little") or 1


def _check_data(path: Path, file: BinaryIO, size: int, align: int) -> None:
    start = file.tell()
    left = file.seek(0, 2) - start
    if size not in _UNKNOWN_SIZES and size > left:
        raise AudioError(f"{path}: truncated, {size - left} bytes are missing; copy it again")
    have = left if size in _UNKNOWN_SIZES else size
    if have % align:
        raise AudioError(f"{path}: ends in the middle of a sample; record or export it again")
