"""Handles what a caller adds right after a spoken number, which may correct it.

A complete number is answered after a short silence (decision 45). A caller who continues within
about half a second has not finished: they correct the number, or say more digits than it has. Until
then the reply plays, and nothing irreversible is done (decision 47).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from bot.hearing.listener import Listener
from bot.hearing.observation import Observation
from bot.turn.bargein import may_be_caller
from bot.turn.collect import Collected, Events, PromptPlayer, Turn, collected_by
from bot.turn.states import Speech
from bot.types import AudioFrame, LineEvent, Mark, Match, NoMatch, Result

WITHIN_MS = 750
"""Speech that the detector hears this soon after the last word belongs to the number: half a second
of silence, plus the detector's lag at both ends of it.
"""
DOUBTED = 0.9
"""Highest confidence (0-1) of a number that was followed by speech without a meaning: it is read
back.
"""


class MoreEvents(Events, Protocol):
    """A stream of events to which one can be returned."""

    def put_back(self, event: LineEvent) -> None:
        """Return this event to the stream as the next one."""
        ...


@dataclass(frozen=True, slots=True)
class Afterthought:
    """A number that was answered, and the turn that heard it."""

    listener: Listener
    turn: Turn
    collected: Collected
    until_ms: int

    def after(self, further: Collected) -> int:
        """End of the time in which another correction may begin."""
        end_ms = further.timing.speech_end_ms
        return 0 if end_ms is None else end_ms + WITHIN_MS

    async def said(self, events: MoreEvents, player: PromptPlayer) -> Collected | None:
        """Listen on while the reply plays; return the entry with what was said after it.

        Return None if nothing that was said changes it. Raises RecognitionError.
        """
        machine = self.turn.machine
        machine.reopen()
        while machine.states.speech is Speech.NONE:
            event = await events.next()
            if isinstance(event, Mark):
                player.reached(event)
            elif not isinstance(event, AudioFrame):
                events.put_back(event)
                return None
            else:
                await self.turn.hear(event, self._gate)
                if event.end_ms >= self.until_ms and machine.states.speech is Speech.NONE:
                    return None
        return await self._to_its_end(events, player)

    async def _to_its_end(self, events: MoreEvents, player: PromptPlayer) -> Collected | None:
        machine = self.turn.machine
        await player.pause(machine.log.now_ms)
        while machine.result is None:
            await self.turn.take(await events.next())
        self.listener.discard()
        further = collected_by(machine, self._doubted(machine.result))
        if _same(self.collected, further):
            await player.resume(machine.log.now_ms)
            return None
        await player.stop(machine.log.now_ms)
        return further

    def _doubted(self, result: Result) -> Result:
        """Return the number with less confidence if the speech after it is out of grammar."""
        before = self.collected.result
        if not isinstance(before, Match) or not isinstance(result, NoMatch):
            return result
        if result.too_long or self.turn.machine.entry.takes_back:
            return result
        return Match((replace(before.best, confidence=min(DOUBTED, before.best.confidence)),))

    def _gate(self, seen: Observation) -> Observation:
        """Accept only definite speech near the caller's level, since our own reply is heard too."""
        options = self.turn.machine.options
        by, least_db = options.parameters, options.properties.bargein_level_db
        caller_db = self.turn.machine.peak_db
        near = may_be_caller(seen.level_db, seen.noise_db, caller_db, least_db, by.bargein)
        if seen.probability >= by.endpointer.on and near:
            return seen
        return replace(seen, probability=0.0)


def afterthought(listener: Listener, turn: Turn, collected: Collected) -> Afterthought | None:
    """Return the afterthought of a collect that a spoken number answered; None for any other."""
    result, end_ms = collected.result, collected.timing.speech_end_ms
    grammars = turn.machine.options.grammars
    if not isinstance(result, Match) or end_ms is None or result.best.mode == "dtmf":
        return None
    if not grammars.of_digits or result.best.grammar != grammars.pairs[0].voice.name:
        return None
    return Afterthought(listener, turn, collected, end_ms + WITHIN_MS)


def _same(before: Collected, further: Collected) -> bool:
    """Return True if the words after the number, such as a courtesy, leave it as it was."""
    old, new = before.result, further.result
    if not isinstance(old, Match) or not isinstance(new, Match):
        return False
    sure = new.best.confidence >= min(old.best.confidence, DOUBTED)
    return old.best.value == new.best.value and sure
