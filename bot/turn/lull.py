"""Has what will be looked at got ready as soon as the caller seems to fall silent (decision 63)."""

from __future__ import annotations

from bot.grammar.match_result import Answer
from bot.hearing.observation import Observation
from bot.hearing.result import Needs
from bot.turn.actions import Actions, Prepare
from bot.turn.bargein import Stage
from bot.turn.endpointer import Endpointer
from bot.turn.options import CollectOptions


class Lull:
    """Begins once in each silence; whoever goes on is heard from the buffer before the detector."""

    def __init__(self, options: CollectOptions, needs: Needs) -> None:
        self._complete_timeout_ms = options.properties.complete_timeout_ms
        self._of_digits = options.grammars.of_digits
        self._needs = needs
        self.lasts = False

    def at(self, seen: Observation, heard: Endpointer, answer: Answer, prompt: Stage) -> Actions:
        """Take one piece. Before a prompt has stopped, words are still waited for; those of a
        command are seldom right so early, so that any may be all of them."""
        before = self.lasts
        begins = before or heard.silent_ms < self._complete_timeout_ms
        complete = answer is Answer.MAX or (bool(seen.partial) and not self._of_digits)
        waits = prompt is not Stage.STOPPED and not seen.partial
        self.lasts = begins and not waits and heard.lulls(seen, complete=complete)
        return (Prepare(self._needs),) if self.lasts and not before else ()
