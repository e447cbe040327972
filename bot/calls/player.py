"""Plays prompts over a line: queues them, tracks their position, and pauses or stops them.

The line paces the audio, and tells what was not played when it is flushed. A mark before each
sentence tells when it is heard, which then goes to the trace. A resumed prompt goes back a little,
so that the caller does not miss the word that was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.calls.recorder import CallRecorder
from bot.calls.trace import Trace
from bot.interfaces import Line, Synthesizer, Timer
from bot.prompts.prompts import Prompts
from bot.types import AudioFrame, Mark, Prompt, Say

PIECE_MS = 100
"""Audio is handed to the line in pieces of this size: far below the 16 kB that a PBX takes at
once.
"""

BACK_MS = 300
"""Time by which a resumed prompt goes back."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A queued sentence or pause; ``detail`` is for the trace, beside a sentence."""

    pcm: bytes = field(repr=False)
    said: Say | None
    detail: str = ""

    def without(self, size: int) -> _Part:
        """The rest after this many bytes."""
        return _Part(self.pcm[size:], self.said)


class Player:
    """Plays one call's replies. ``mark`` names the mark at the end of the queue, None when idle.

    It has many attributes because a prompt may be paused anywhere in its audio and resumed there.
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
        self._parts: list[_Part] = []
        self._unheard: dict[str, _Part] = {}
        self._taken_back: list[_Part] = []
        self._begun_ms = 0
        self._played_ms: int | None = None
        self._marks = 0
        self.mark: str | None = None
        self.rate_percent = 100

    async def play(
        self,
        prompts: Sequence[Prompt],
        now_ms: int,
        begins: Callable[[int], str] = lambda _: "",
    ) -> None:
        """Queue prompts after whatever is playing; return once the line has taken them.

        ``begins`` is called with the real time when the line has the first audio; the trace shows
        what it returns beside the first sentence.
        """
        segments = self._prompts.sequence(prompts)
        if not segments:
            return
        if self.mark is None:
            self._parts.clear()
        detail: str | None = None
        for segment in segments:
            (pcm,) = await self._synthesizer.speak((segment,), self._line.rate, self.rate_percent)
            if detail is None:
                detail = begins(self._timer.now_ms())
            said = segment if isinstance(segment, Say) else None
            if said is not None:
                self._trace.queued(now_ms, said.caption, said.number)
            await self._send(_Part(pcm, said, detail), now_ms)
            detail = "" if said else detail
        await self._mark_end()

    async def pause(self, now_ms: int) -> None:
        """Stop playing, and remember the position."""
        if self.mark is not None:
            unplayed_ms = await self._silence(now_ms)
            self._played_ms = max(0, self._queued_ms - unplayed_ms)

    async def resume(self, now_ms: int) -> None:
        """Resume a little before the position where the prompt was paused."""
        if self._played_ms is None:
            return
        skip = max(0, self._played_ms - BACK_MS) * self._line.rate // 1000 * 2
        self._played_ms = None
        self._taken_back.clear()
        parts, self._parts = self._parts, []
        for part in parts:
            if skip < len(part.pcm):
                await self._send(part.without(skip), now_ms)
            skip = max(0, skip - len(part.pcm))
        await self._mark_end()

    async def stop(self, now_ms: int) -> None:
        """Stop playing for good."""
        self._played_ms = None
        if self.mark is not None:
            await self._silence(now_ms)
        self.leave()

    def leave(self) -> None:
        """Note that nothing more is heard; report the sentences that never began."""
        for part in (*self._taken_back, *self._unheard.values()):
            if part.said is not None:
                self._trace.unheard(self._begun_ms, part.said)
        self._taken_back.clear()
        self._unheard.clear()

    def reached(self, mark: Mark) -> bool:
        """Note a Mark event; return True if everything queued was played."""
        part = self._unheard.pop(mark.name, None)
        if part is not None and part.said is not None:
            self._begun_ms = mark.at_ms
            end_ms = mark.at_ms + self._ms(len(part.pcm))
            self._trace.said(mark.at_ms, part.said, end_ms, part.detail)
        if mark.name != self.mark:
            return False
        self.mark = None
        return True

    @property
    def _queued_ms(self) -> int:
        return self._ms(sum(len(part.pcm) for part in self._parts))

    async def _send(self, part: _Part, now_ms: int) -> None:
        self._parts.append(part)
        if part.said is not None:
            name = self._another_mark()
            self._unheard[name] = part
            await self._line.mark(name)
        number = part.said.number if part.said is not None else ""
        size = PIECE_MS * self._line.rate // 1000 * 2
        for at in range(0, len(part.pcm), size):
            frame = AudioFrame(part.pcm[at : at + size], self._line.rate, now_ms)
            if self._recorder is not None:
                self._recorder.sent(frame, now_ms, number)
            await self._line.send(frame)

    async def _mark_end(self) -> None:
        self.mark = self._another_mark()
        await self._line.mark(self.mark)

    def _another_mark(self) -> str:
        self._marks += 1
        return f"prompt-{self._marks}"

    async def _silence(self, now_ms: int) -> int:
        self.mark = None
        self._taken_back = list(self._unheard.values())
        self._unheard.clear()
        unplayed_ms = await self._line.flush()
        self._trace.fell_silent(now_ms)
        if self._recorder is not None:
            self._recorder.flushed(now_ms)
        return unplayed_ms

    def _ms(self, size: int) -> int:
        return size * 500 // self._line.rate
