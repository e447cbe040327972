"""Runs one collect over a line: listen, let the caller barge in, and return the entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.hearing.listener import Listener
from bot.hearing.observation import Observation
from bot.hearing.passes import Question
from bot.records import Timing
from bot.turn.actions import Action, Actions, Prepare, Recognize
from bot.turn.key_timer import FullEntry
from bot.turn.machine import TurnMachine
from bot.turn.options import CollectOptions
from bot.types import (
    AudioFrame,
    Dtmf,
    Hangup,
    LineEvent,
    Mark,
    Match,
    Result,
    Text,
    Tty,
)

Gate = Callable[[Observation], Observation]


class Events(Protocol):
    """The line's events, shared by all collects of a call; Hangup is the last one."""

    async def next(self) -> LineEvent:
        """The next event."""
        ...


class PromptPlayer(Protocol):
    """The prompt being played. ``mark`` is None when nothing is queued."""

    mark: str | None

    def reached(self, mark: Mark) -> bool:
        """Note a Mark event; return True if everything queued was played."""
        ...

    async def pause(self, now_ms: int) -> None:
        """Pause the prompt and keep its position."""
        ...

    async def resume(self, now_ms: int) -> None:
        """Resume about where the prompt was paused."""
        ...

    async def stop(self, now_ms: int) -> None:
        """Stop playing for good."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """The result of a collect and what its record keeps; times are audio milliseconds."""

    result: Result
    timing: Timing
    bargein: bool = False
    """True if the caller stopped the prompt."""
    partials: tuple[tuple[int, str], ...] = ()
    """Partial results with their times."""
    timeline: tuple[tuple[int, str], ...] = ()
    """Timers that ran, and decisions that were made."""
    left_out: bool = False
    """True if something was said that is not part of the entry."""
    full: FullEntry | None = None
    """Set if the entry's last key made it complete."""


async def collect(
    listener: Listener, events: Events, player: PromptPlayer, options: CollectOptions, start_ms: int
) -> Collected:
    """Listen for one entry while the player plays. Raises RecognitionError.

    Keys that were typed ahead come first among the events.
    """
    return (await collect_turn(listener, events, player, options, start_ms))[0]


async def collect_turn(
    listener: Listener, events: Events, player: PromptPlayer, options: CollectOptions, start_ms: int
) -> tuple[Collected, Turn]:
    """Collect as ``collect`` does; also return the turn, which can listen on."""
    machine = TurnMachine(
        options,
        start_ms=start_ms,
        playing=player.mark is not None,
        caller_db=listener.caller_db,
    )
    grammars = options.grammars
    listener.begin(
        Question(grammars.phrases(), options.max_nbest, grammars.of_digits, language=grammars)
    )
    turn = Turn(listener, player, machine)
    while machine.result is None:
        await turn.take(await events.next())
    if isinstance(machine.result, Match) and machine.peak_db is not None:
        listener.caller_spoke(machine.peak_db)
    listener.discard()
    return collected_by(machine, machine.result), turn


class Turn:
    """Passes events to the machine, and performs its actions."""

    def __init__(self, listener: Listener, player: PromptPlayer, machine: TurnMachine) -> None:
        self._listener = listener
        self._player = player
        self.machine = machine

    async def take(self, event: LineEvent) -> None:
        """Handle one event and everything that follows from it."""
        machine = self.machine
        match event:
            case AudioFrame():
                await self.hear(event)
            case Dtmf(key, at_ms):
                await self._do(machine.on_key(key, at_ms))
            case Text(utterance, at_ms):
                await self._do(machine.on_text(utterance, at_ms))
            case Tty(at_ms):
                await self._do(machine.on_tty(at_ms))
            case Mark(_, at_ms):
                if self._player.reached(event):
                    await self._do(machine.on_prompt_end(at_ms))
            case Hangup(at_ms):
                await self._do(machine.on_hangup(at_ms))

    async def hear(self, frame: AudioFrame, gate: Gate = lambda seen: seen) -> None:
        """Handle the caller's audio; ``gate`` may reject speech that was detected."""
        machine = self.machine
        seen = await self._listener.hear(frame, machine.attention)
        if seen is not None:
            await self._do(machine.on_audio(gate(seen)))

    async def _do(self, actions: Actions) -> None:
        now_ms = self.machine.log.now_ms
        for action in actions:
            match action:
                case Action.PAUSE_PROMPT:
                    await self._player.pause(now_ms)
                case Action.RESUME_PROMPT:
                    await self._player.resume(now_ms)
                case Action.STOP_PROMPT:
                    await self._player.stop(now_ms)
                case Action.DISCARD:
                    self._listener.discard()
                case Prepare(needs):
                    self._listener.prepare(needs)
                case Recognize(needs, then, last):
                    heard = await self._listener.result(needs, last=last)
                    await self._do(then(heard))


def collected_by(machine: TurnMachine, result: Result) -> Collected:
    """Return the machine's result, and what the record keeps."""
    log = machine.log
    return Collected(
        result=result,
        timing=log.timing,
        bargein=log.bargein,
        partials=tuple(log.partials),
        timeline=tuple(log.timeline),
        left_out=machine.entry.left_out,
        full=machine.full,
    )
