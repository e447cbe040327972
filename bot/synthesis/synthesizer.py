"""Turns segments into audio: sentences from the cache or worker processes, silences made here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from bot.errors import SynthesisError
from bot.settings import Speech
from bot.synthesis.cache import SpeechCache, cache_key
from bot.synthesis.engine_spec import EngineSpec
from bot.synthesis.worker_pool import WorkerPool
from bot.types import Say, Segment, Silence

_AUDIO_VERSION = 1
"""Increased when trimming or levels change, so that cached audio is not used."""


PATIENCE_DOWN = 0.15
"""Share of the patience that applies while the engine has not responded recently."""

MOST_WAITING_DOWN = 8
"""Sentences still tried while the engine is down; further ones fail at once."""


def silence(ms: int, rate: int) -> bytes:
    """Digital silence of a whole number of samples."""
    return bytes(2 * (rate * ms // 1000))


class SentenceSynthesizer:
    """Synthesizer for one engine; makes each sentence once, even if many calls wait for it.

    A caller does not wait for a hanging engine: after ``patience_ms`` a sentence fails, but is
    still tried in the background. Without ``patience_ms``, a sentence takes as long as the engine's
    own time-outs allow, which is right while no caller listens. If a sentence cannot be made at a
    slow pace, it is said at normal pace if that is cached.
    """

    def __init__(
        self,
        spec: EngineSpec,
        speech: Speech,
        cache: SpeechCache | None = None,
        patience_ms: int | None = None,
    ) -> None:
        self._spec = spec
        self.patience_ms = patience_ms
        self._pool = WorkerPool(spec, speech.workers, speech.timeout_ms)
        self._cache = cache if cache is not None else SpeechCache(speech.cache)
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._down = False

    async def start(self) -> None:
        """Start the workers now. Raises SynthesisError if the engine cannot be created."""
        await self._pool.start()

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        """One 16-bit mono PCM run per segment at ``rate`` Hz. Raises SynthesisError."""
        return await asyncio.gather(
            *(self._segment(segment, rate, rate_percent) for segment in segments)
        )

    def cached(self, segment: Segment, rate: int, rate_percent: int = 100) -> bytes | None:
        """The audio of a segment if it is cached, or None; never waits."""
        if isinstance(segment, Silence):
            return silence(segment.ms, rate)
        return self._cache.get(self._key(segment, rate, rate_percent))

    @property
    def pids(self) -> tuple[int, ...]:
        """Process IDs of the running workers."""
        return self._pool.pids

    async def close(self) -> None:
        """Cancel synthesis, and end the workers."""
        for task in tuple(self._making.values()):
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _segment(self, segment: Segment, rate: int, rate_percent: int) -> bytes:
        ready = self.cached(segment, rate, rate_percent)
        if ready is not None or isinstance(segment, Silence):
            return ready or b""
        try:
            return await self._wait(segment, rate, rate_percent)
        except SynthesisError:
            normal = self.cached(segment, rate)
            if normal is None:
                raise
            return normal

    async def _wait(self, segment: Say, rate: int, rate_percent: int) -> bytes:
        """Wait for a sentence; shielded, since other callers may wait for it too."""
        patience_s = None
        if self.patience_ms is not None:
            patience_s = self.patience_ms / 1000 * (PATIENCE_DOWN if self._down else 1)
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(self._task(segment, rate, rate_percent))
        except TimeoutError:
            self._down = True
            raise SynthesisError(
                f"the speech engine did not respond within {patience_s:g} s"
            ) from None

    def _task(self, segment: Say, rate: int, rate_percent: int) -> asyncio.Task[bytes]:
        key = self._key(segment, rate, rate_percent)
        if key in self._making:
            return self._making[key]
        if self._down and len(self._making) >= MOST_WAITING_DOWN:
            raise SynthesisError("the speech engine is down")
        task = asyncio.create_task(self._make(key, segment, rate, rate_percent))
        self._making[key] = task
        task.add_done_callback(lambda done: self._made(key, done))
        return task

    async def _make(self, key: str, segment: Say, rate: int, rate_percent: int) -> bytes:
        pcm = await self._pool.render(segment.text, rate, rate_percent)
        self._cache.put(key, pcm, segment.private)
        return pcm

    def _made(self, key: str, task: asyncio.Task[bytes]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            self._down = task.exception() is not None

    def _key(self, segment: Say, rate: int, rate_percent: int) -> str:
        return cache_key(_AUDIO_VERSION, self._spec.identity, rate, rate_percent, segment.text)
