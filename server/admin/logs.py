"""Structured logs: one JSON line per event on standard error; no bodies, no addresses of people.

Events that strangers can cause at will are summed up or cut short.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog

SUM_EVERY_S = 10.0
RECORDS_PER_MINUTE = 20
LIBRARIES = ("uvicorn.error", "asyncio")


def configure_logs(level: str) -> None:
    """Write events of a level and above; standard output stays for what commands print."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


class Sums:
    """Counts events and logs the totals at most every ten seconds."""

    def __init__(self, log: Any, event: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._event = event
        self._clock = clock
        self._told_at = clock() - SUM_EVERY_S
        self._counts: Counter[str] = Counter()

    def add(self, why: str) -> None:
        """Count one event; ``why`` is one of a few words."""
        self._counts[why] += 1
        if self._clock() - self._told_at >= SUM_EVERY_S:
            self._told_at = self._clock()
            self._log.warning(self._event, **self._counts)
            self._counts.clear()


class FewLines(logging.Filter):
    """Passes a limited number of a library's records per minute, without tracebacks.

    asyncio logs a traceback for every connection that fails in a way it did not expect, so a client
    that sends nonsense could fill the disk.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._minute = 0
        self._seen = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True to write this record."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._seen = minute, 0
        self._seen += 1
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage().strip()} ({record.exc_info[0].__name__})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return self._seen <= RECORDS_PER_MINUTE


def cut_libraries_short() -> None:
    """Keep uvicorn and asyncio from filling the disk with reports of strangers' connections."""
    for name in LIBRARIES:
        logging.getLogger(name).addFilter(FewLines())
