"""Begins the last recognition passes as soon as the caller seems to fall silent (decision 63)."""

from __future__ import annotations

from bot.grammar.match_result import Answer
from bot.hearing.observation import Observation
from bot.hearing.result import Needs
from bot.turn.actions import Actions, Prepare
from bot.turn.bargein import Stage
from bot.turn.endpointer import Endpointer
from bot.turn.options import CollectOptions


class Lull:
    """Begins once in each silence; if the caller continues, the pre-roll has what was missed."""

    def __init__(self, options: CollectOptions, needs: Needs) -> None:
        self._complete_timeout_ms = options.properties.complete_timeout_ms
        self._of_digits = options.grammars.of_digits
        self._needs = needs
        self.lasts = False

    def at(self, seen: Observation, heard: Endpointer, answer: Answer, prompt: Stage) -> Actions:
        """Handle one piece of audio.

        Over a prompt, a lull needs words. Any words may be a whole command, because early words of
        one are rarely final.
        """
        before = self.lasts
        begins = before or heard.silent_ms < self._complete_timeout_ms
        complete = answer is Answer.MAX or (bool(seen.partial) and not self._of_digits)
        waits = prompt is not Stage.STOPPED and not seen.partial
        self.lasts = begins and not waits and heard.lulls(seen, complete=complete)
        return (Prepare(self._needs),) if self.lasts and not before else ()
