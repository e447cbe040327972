"""Answers calls: begins each with a fresh session and brings its record home."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.calls.call import Begun, Call, EndedCall, Parts
from bot.calls.call_log import log_edited_prompts
from bot.calls.record_keeper import RecordKeeper
from bot.calls.recorder import CallRecorder
from bot.calls.trace import Trace, TraceListener
from bot.elms.call_back import resumed_call
from bot.elms.callflow import licensure_call
from bot.elms.department_edits import EditedPrompts, with_hours
from bot.elms.office_hours import is_open, local_date
from bot.elms.requests import Service
from bot.elms.session import Origin, Session
from bot.interfaces import Line
from bot.records import CallRecord
from bot.settings import Settings
from bot.types import CallOutcome, Step


async def _nothing() -> Service | None:
    return None


class Ledger(Protocol):
    """Knows which calls are under way, for one who outlives this process."""

    def begin(self, record: CallRecord) -> None:
        """A call begins; this is to be kept of it if the process is killed."""
        ...

    def end(self, call_id: str) -> None:
        """Its own record is kept."""
        ...


KILLED = CallOutcome("failed", "the process was killed")


class CallService:
    """Answers one call after another, or many at once, with shared parts.

    ``ledger``, where there is one, is told which calls are under way.
    """

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        keeper: RecordKeeper,
        now: Callable[[], datetime],
        announced: Callable[[], Awaitable[Service | None]] = _nothing,
    ) -> None:
        """``announced`` tells what the department announces when a call begins."""
        self._settings = settings
        self._parts = parts
        self._keeper = keeper
        self._now = now
        self._announced = announced
        self._prompts = EditedPrompts(settings, parts.prompts)
        self._under_way: set[Call] = set()
        self.ledger: Ledger | None = None

    def lags_ms(self) -> list[int]:
        """Return how long each call's latest event had waited."""
        return [call.lag_ms for call in self._under_way]

    def leave(self, reason: str) -> None:
        """End all calls politely."""
        for call in self._under_way:
            call.leave(reason)

    async def answer(
        self,
        line: Line,
        listeners: Sequence[TraceListener] = (),
        record: bool = False,
        now: datetime | None = None,
    ) -> EndedCall:
        """Talk with the caller on this line until the call has an outcome, and store it.

        ``now`` is the time of the call where it is not the clock's.
        """
        clock = self._now if now is None else lambda: now
        begun_at, service = clock(), await self._announced()
        settings = with_hours(self._settings, service)
        parts = replace(self._parts, prompts=self._prompts.of(service, settings))
        if self._prompts.fault:
            log_edited_prompts(self._prompts.fault)
        sessions: list[Session] = []
        origin = Origin(line.caller_number, line.resumes)
        dialog = licensure_call if line.resumes is None else resumed_call

        def begin() -> Generator[Step, Any, CallOutcome]:
            session = Session.begin(
                settings,
                is_open(settings.hours, begun_at),
                local_date(settings.hours, begun_at),
                self._parts.tuning.evidence,
                origin,
            )
            sessions.append(session)
            return dialog(session)

        started = begun_at.astimezone(UTC).isoformat()
        begun = Begun(uuid.uuid4().hex, started, lambda: sessions[-1].is_open_at(clock()), clock)
        trace = Trace(tuple(listeners))
        recorder = CallRecorder(line.rate) if record else None
        call = Call(parts, line, begun, trace, recorder)
        self._under_way.add(call)
        if self.ledger is not None:
            self.ledger.begin(
                CallRecord(begun.call_id, started, line.name, 0, KILLED, (), pbx_id=line.pbx_id)
            )
        try:
            ended = await call.run(begin, self._keeper.keep)
        finally:
            self._under_way.discard(call)
            if self.ledger is not None:
                self.ledger.end(begun.call_id)
        return EndedCall(ended, trace, recorder)
