"""Remembers what a PBX is to do with the caller when a call with the bot is over.

A call that the bot did not end itself has failed: the bot was killed, or its connection broke.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST = 10_000
"""Number of calls remembered; the dialplan asks within a second of a call's end."""

Next = Literal["representative", "hangup", "failed"]


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step, and our id of the call if somebody needs it."""

    step: Next
    call_id: str = ""


FAILED = NextStep("failed")


class NextSteps:
    """The next steps by the PBX's id of a call."""

    def __init__(self) -> None:
        self._ended: dict[str, NextStep] = {}

    def end(self, pbx_id: str | None, step: Next, call_id: str = "") -> None:
        """Note that the bot ends this call, and what is next."""
        if pbx_id is None:
            return
        self._ended[pbx_id] = NextStep(step, call_id)
        while len(self._ended) > MOST:
            del self._ended[next(iter(self._ended))]

    def after(self, pbx_id: str) -> NextStep:
        """Return what is next; can be asked once."""
        return self._ended.pop(pbx_id, FAILED)
