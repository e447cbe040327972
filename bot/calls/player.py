"""Plays prompts over a line: what is queued, how far it is, and how it is paused or stopped.

The line paces the audio; the position is audio time since the first queued sample. A resumed
prompt goes back a little, so that the caller does not miss the word that was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.calls.recorder import CallRecorder
from bot.calls.trace import Trace
from bot.interfaces import Line, Synthesizer, Timer
from bot.prompts.prompts import Prompts
from bot.types import AudioFrame, Prompt, Say, Segment

PIECE_MS = 100
"""Audio is handed to the line in such pieces: far below the 16 kB that a PBX takes at once."""

BACK_MS = 300
"""How far a resumed prompt goes back."""


class Player:
    """One call's replies. ``mark`` names the mark that ends what is queued, None when idle.

    It has many attributes because a prompt may be paused anywhere in its audio and go on there.
    """

    def __init__(
        self,
        line: Line,
        prompts: Prompts,
        synthesizer: Synthesizer,
        timer: Timer,
        trace: Trace,
        recorder: CallRecorder | None = None,
    ) -> None:
        self._line = line
        self._prompts = prompts
        self._synthesizer = synthesizer
        self._timer = timer
        self._trace = trace
        self._recorder = recorder
        self._audio = bytearray()
        self._sentences: list[tuple[int, int, Say]] = []
        self._start_ms = 0
        self._paused_ms: int | None = None
        self._marks = 0
        self.mark: str | None = None
        self.rate_percent = 100

    async def play(
        self,
        prompts: Sequence[Prompt],
        now_ms: int,
        begins: Callable[[int], str] = lambda _: "",
    ) -> None:
        """Queue prompts behind what is still playing; returns once the line has taken them.

        ``begins`` is told when (real time) the line had the first audio; the trace shows what it
        says to that beside the first sentence.
        """
        segments = self._prompts.sequence(prompts)
        if not segments:
            return
        if self.mark is None:
            self._audio.clear()
            self._sentences.clear()
            self._start_ms = now_ms
        detail: str | None = None
        for segment in segments:
            pcm = await self._queue(segment, now_ms)
            if detail is None:
                detail = begins(self._timer.now_ms())
            if isinstance(segment, Say):
                self._said(segment, pcm, detail)
                detail = ""
        await self._mark()

    async def pause(self, now_ms: int) -> None:
        """Fall silent and remember where."""
        if self.mark is None:
            return
        self._paused_ms = self._played_ms(now_ms)
        await self._silence(now_ms)

    async def resume(self, now_ms: int) -> None:
        """Go on a little before the place where the prompt was paused."""
        if self._paused_ms is None:
            return
        at_ms = max(0, self._paused_ms - BACK_MS)
        self._paused_ms = None
        rest = bytes(self._audio[self._bytes(at_ms) :])
        self._audio = bytearray(rest)
        self._start_ms = now_ms
        self._sentences = [
            (max(0, begin - at_ms), end - at_ms, said)
            for begin, end, said in self._sentences
            if end > at_ms
        ]
        for begin, end, said in self._sentences:
            self._trace.add(now_ms + begin, "reply", said.text, now_ms + end, number=said.number)
        number = next((said.number for _, _, said in self._sentences if said.number), "")
        await self._send(rest, now_ms, number)
        await self._mark()

    async def stop(self, now_ms: int) -> None:
        """Fall silent for good."""
        self._paused_ms = None
        if self.mark is not None:
            await self._silence(now_ms)

    def ended(self, mark: str) -> bool:
        """Take note of a Mark event; True when everything queued was played."""
        if mark != self.mark:
            return False
        self.mark = None
        return True

    async def _queue(self, segment: Segment, now_ms: int) -> bytes:
        (pcm,) = await self._synthesizer.speak((segment,), self._line.rate, self.rate_percent)
        self._audio += pcm
        await self._send(pcm, now_ms, segment.number if isinstance(segment, Say) else "")
        return pcm

    def _said(self, said: Say, pcm: bytes, detail: str) -> None:
        """Take note of the sentence that was queued last."""
        end = self._ms(len(self._audio))
        begin = self._ms(len(self._audio) - len(pcm))
        self._sentences.append((begin, end, said))
        start_ms = self._start_ms
        self._trace.add(
            start_ms + begin, "reply", said.text, start_ms + end, detail, number=said.number
        )

    async def _send(self, pcm: bytes, now_ms: int, number: str = "") -> None:
        size = self._bytes(PIECE_MS)
        for at in range(0, len(pcm), size):
            frame = AudioFrame(pcm[at : at + size], self._line.rate, now_ms)
            if self._recorder is not None:
                self._recorder.sent(frame, now_ms, number)
            await self._line.send(frame)

    async def _mark(self) -> None:
        self._marks += 1
        self.mark = f"prompt-{self._marks}"
        await self._line.mark(self.mark)

    async def _silence(self, now_ms: int) -> None:
        self.mark = None
        self._trace.fell_silent(now_ms)
        await self._line.flush()
        if self._recorder is not None:
            self._recorder.flushed(now_ms)

    def _played_ms(self, now_ms: int) -> int:
        return min(max(0, now_ms - self._start_ms), self._ms(len(self._audio)))

    def _ms(self, size: int) -> int:
        return size * 500 // self._line.rate

    def _bytes(self, ms: int) -> int:
        return ms * self._line.rate // 1000 * 2
