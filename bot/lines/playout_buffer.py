"""Reply audio and marks that wait to be played on a line."""

from __future__ import annotations

from collections import deque


class PlayoutBuffer:
    """A queue of 16-bit PCM and mark names, read in pieces of any size. Not thread-safe."""

    def __init__(self) -> None:
        self._queue: deque[bytes | str] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def put(self, pcm: bytes) -> None:
        """Append audio."""
        if pcm:
            self._queue.append(pcm)

    def mark(self, name: str) -> None:
        """Append a mark."""
        self._queue.append(name)

    def clear(self) -> int:
        """Drop audio and marks; return how many bytes of audio there were."""
        size = sum(len(one) for one in self._queue if isinstance(one, bytes))
        self._queue.clear()
        return size

    def take(self, size: int) -> tuple[bytes, tuple[str, ...]]:
        """Exactly ``size`` bytes, padded with silence if necessary, and the marks passed."""
        taken = bytearray()
        passed: list[str] = []
        while self._queue:
            head = self._queue[0]
            if isinstance(head, str):
                passed.append(head)
                self._queue.popleft()
                continue
            room = size - len(taken)
            if room == 0:
                break
            taken += head[:room]
            if len(head) <= room:
                self._queue.popleft()
            else:
                self._queue[0] = head[room:]
        return bytes(taken).ljust(size, b"\0"), tuple(passed)
