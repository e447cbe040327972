"""Compare the sizes that a WAV file declares with its real ones, and mend what recorders leave.

libsndfile silently reads truncated files; the sizes in the RIFF header reveal them. A recorder that
writes into a pipe cannot go back to fill in the sizes, and leaves a number that stands for them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from bot.errors import AudioError

PLACEHOLDER_BYTES = 1_500_000_000
"""Declared sizes from here on are placeholders if the file is smaller: 0x7FFFF000, 0x80000000,
2,000,000,000, 0xFFFFFFFF. An hour of 32-bit stereo at 48 kHz takes 1,382,400,000."""
_MOST_CHUNKS = 1_000
"""Maximum number of chunks before the samples; recorders write a handful."""
_FORMAT_BYTES = 14
"""Size of the format chunk, up to and including the block alignment."""
_NOT_PCM = {0x50: "MPEG audio", 0x55: "MP3", 0xFF: "AAC", 0x161: "WMA", 0x1610: "AAC"}
"""Codecs that some recorders wrap in a WAV file (registered wave formats, RFC 2361)."""


@dataclass(frozen=True, slots=True)
class WavFile:
    """Return what a sound library should read instead of the path, and warnings about the file."""

    source: Path | BytesIO
    warnings: tuple[str, ...] = ()


def open_wav(path: Path) -> WavFile:
    """Return the file itself, or a copy whose header declares the real sizes.

    Raises AudioError for a RIFF file that is truncated or does not contain PCM.
    """
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return WavFile(path)
        file.seek(12)
        align = 1
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            if len(head) < 8:
                break
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return _with_data(path, file, size, align)
            if name == b"fmt ":
                align = _block_align(path, file, size)
            else:
                file.seek(size + size % 2, 1)
    raise AudioError(f"{path}: truncated before its first sample; copy it again")


def _block_align(path: Path, file: BinaryIO, size: int) -> int:
    """Read the bytes per sample of all channels; the chunk's declared size may be wrong."""
    start = file.tell()
    body = file.read(min(size, _FORMAT_BYTES))
    file.seek(start + size + size % 2)
    codec = int.from_bytes(body[:2], "little")
    if codec in _NOT_PCM:
        raise AudioError(f"{path}: is {_NOT_PCM[codec]} inside WAV; convert it to 16-bit PCM")
    return int.from_bytes(body[12:14], "little") or 1


def _with_data(path: Path, file: BinaryIO, size: int, align: int) -> WavFile:
    start = file.tell()
    left = file.seek(0, 2) - start
    unknown = size >= PLACEHOLDER_BYTES if size else not _chunk_follows(file, start, left)
    if size > left and not unknown:
        raise AudioError(f"{path}: truncated, {size - left} bytes are missing; copy it again")
    have = left if unknown and size != left else size
    extra = have % align
    if have == size and not extra:
        return WavFile(path)
    said = "ends in the middle of a sample: the last one is left out"
    warnings = (said,) if extra and have == size else ()
    return WavFile(_mended(file, start, have - extra), warnings)


def _chunk_follows(file: BinaryIO, start: int, left: int) -> bool:
    """Return whether an empty data chunk is followed by another chunk or the file's end."""
    file.seek(start)
    head = file.read(8)
    if len(head) < 8:
        return True
    name, size = struct.unpack("<4sI", head)
    return bool(name.isascii() and name.decode("ascii").isprintable() and 8 + size <= left)


def _mended(file: BinaryIO, start: int, have: int) -> BytesIO:
    """Copy the file up to its last whole sample, and correct the sizes in its header."""
    file.seek(0)
    content = bytearray(file.read(start + have))
    content[4:8] = struct.pack("<I", len(content) - 8)
    content[start - 4 : start] = struct.pack("<I", have)
    return BytesIO(bytes(content))
