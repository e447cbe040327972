"""Cache of synthesized speech: bounded memory, and a folder for what all callers hear.

Private audio is kept only in memory. A file is its SHA-256 followed by the samples; a truncated or
modified file counts as missing and is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import OrderedDict
from pathlib import Path

from bot.atomic_file import write_whole
from bot.bounded_file import read_bounded

_DIGEST_BYTES = 32


def cache_key(*parts: str | int) -> str:
    """A file name from everything that the audio depends on; does not reveal the text."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


class SpeechCache:
    """PCM by key; drops the least recently used first, and works without a folder that fails."""

    def __init__(self, folder: Path | None = None, memory_bytes: int = 64_000_000) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._used_bytes = 0

    def get(self, key: str) -> bytes | None:
        """Audio from memory or the folder; None if neither has it."""
        if key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        pcm = self._read(key)
        if pcm is not None:
            self._remember(key, pcm)
        return pcm

    def put(self, key: str, pcm: bytes, private: bool) -> None:
        """Store audio; ``private`` audio never goes to the folder."""
        self._remember(key, pcm)
        if not private:
            self._write(key, pcm)

    def _remember(self, key: str, pcm: bytes) -> None:
        self._used_bytes += len(pcm) - len(self._memory.pop(key, b""))
        self._memory[key] = pcm
        while self._used_bytes > self._memory_bytes:
            _, dropped = self._memory.popitem(last=False)
            self._used_bytes -= len(dropped)

    def _read(self, key: str) -> bytes | None:
        if self._folder is None:
            return None
        try:
            content = read_bounded(self._folder / f"{key}.pcm", self._memory_bytes)
        except OSError:
            return None
        digest, pcm = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        return pcm if pcm and hashlib.sha256(pcm).digest() == digest else None

    def _write(self, key: str, pcm: bytes) -> None:
        """Write the whole file or nothing; errors cost only the caching."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            content = hashlib.sha256(pcm).digest() + pcm
            write_whole(self._folder / f"{key}.pcm", content, private=True)
