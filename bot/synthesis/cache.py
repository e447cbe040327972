"""Speech that was made once: a bounded share of memory, and a folder for what all callers hear.

Private audio is kept in memory only. A file is its own SHA-256 and then the samples: one that
was cut off or changed is taken for missing, and made again.
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
    """A file name for everything that the audio depends on; tells nothing of the text."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


class SpeechCache:
    """PCM by key, the least recently used dropped first; a folder that fails is done without."""

    def __init__(self, folder: Path | None = None, memory_bytes: int = 64_000_000) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._used_bytes = 0

    def get(self, key: str) -> bytes | None:
        """Audio from memory, else from the folder; None where neither has it."""
        if key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        pcm = self._read(key)
        if pcm is not None:
            self._remember(key, pcm)
        return pcm

    def put(self, key: str, pcm: bytes, private: bool) -> None:
        """Keep audio; ``private`` audio never touches the folder."""
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
        """Whole or not at all; a full disk or a folder that is not ours costs only the caching."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            content = hashlib.sha256(pcm).digest() + pcm
            write_whole(self._folder / f"{key}.pcm", content, private=True)
