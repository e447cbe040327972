"""Answers calls: begins each with a fresh session and brings its record home."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.calls.call import Begun, Call, EndedCall, Parts
from bot.calls.call_log import log_call
from bot.calls.recorder import CallRecorder
from bot.calls.spool import Spool
from bot.calls.trace import Trace, TraceListener
from bot.elms.callflow import licensure_call
from bot.elms.office_hours import is_open, local_date
from bot.elms.session import Session
from bot.errors import BackendError
from bot.interfaces import Line
from bot.records import CallRecord
from bot.settings import Settings
from bot.types import CallOutcome, Step


class CallService:
    """Answers one call after another, or many at once, with shared parts."""

    def __init__(
        self, settings: Settings, parts: Parts, spool: Spool | None, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._spool = spool
        self._now = now

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
        now = now or self._now()
        hours = self._settings.hours
        sessions: list[Session] = []

        def begin() -> Generator[Step, Any, CallOutcome]:
            session = Session.begin(
                self._settings,
                is_open(hours, now),
                local_date(hours, now),
                self._parts.tuning.evidence,
            )
            sessions.append(session)
            return licensure_call(session)

        started = now.astimezone(UTC).isoformat()
        begun = Begun(uuid.uuid4().hex, started, lambda: sessions[-1].is_open)
        trace = Trace(tuple(listeners))
        recorder = CallRecorder(line.rate) if record else None
        call = Call(self._parts, line, begun, trace, recorder)
        ended = await call.run(begin)
        await self._store(ended)
        return EndedCall(ended, trace, recorder)

    async def _store(self, record: CallRecord) -> None:
        log_call(record)
        try:
            await self._parts.backend.store_call(record)
        except BackendError:
            if self._spool is not None:
                self._spool.keep(record)
