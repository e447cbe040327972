"""A dialog that can go back: restarted, and sent again what it was sent until then.

A dialog has no clock, line, or backend of its own, so that the same answers lead to the same state
(decision 1).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import BackendError
from bot.turn.afterthought import Afterthought
from bot.turn.collect import Collected
from bot.types import CallOutcome, Collect, Match, Result, Step

Begin = Callable[[], Generator[Step, Any, CallOutcome]]


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """A number that was answered and may still be taken back; ``kept`` is how much was kept of the
    call before its turn."""

    step: Collect
    place: int
    behind: Afterthought
    kept: tuple[int, ...]

    def with_more(self, further: Collected) -> OpenEntry | None:
        """The same, after what was said behind it; None where that is no answer."""
        if not isinstance(further.result, Match):
            return None
        until_ms = self.behind.after(further)
        behind = replace(self.behind, collected=further, until_ms=until_ms)
        return replace(self, behind=behind)


class TakenBack(Exception):  # noqa: N818  no fault: what a caller did
    """An earlier answer is another one, because its caller went on."""

    def __init__(self, place: int, result: Result) -> None:
        """``place`` is that of the answer among all."""
        super().__init__("the caller went on")
        self.place = place
        self.result = result


class Rewindable:
    """One dialog from its beginning."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._dialog = begin()
        self._sent: list[object] = []

    @property
    def place(self) -> int:
        """That of the answer that is sent next."""
        return len(self._sent)

    def send(self, answer: object) -> Step:
        """Go on with an answer, or a BackendError; the next step. Raises StopIteration."""
        self._sent.append(answer)
        return _given(self._dialog, answer)

    def rewind(self, place: int) -> None:
        """As it was before the answer of this place."""
        self._dialog, self._sent = self._begin(), self._sent[:place]
        for answer in self._sent:
            _given(self._dialog, answer)


def _given(dialog: Generator[Step, Any, CallOutcome], answer: object) -> Step:
    return dialog.throw(answer) if isinstance(answer, BackendError) else dialog.send(answer)
