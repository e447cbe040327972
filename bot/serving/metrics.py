"""Prometheus metrics of the telephone service: counts and times, never a number or a word."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from bot.records import CallRecord

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with the folder where several processes keep their metrics. The library reads it
when it is imported.
"""

SECONDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """One process's metrics, in a separate registry; ``text`` has those of all workers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.under_way = Gauge(
            "elms_calls_under_way",
            "Calls now.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.lag = Gauge(
            "elms_lag_seconds",
            "How far calls are behind, p95 over 10 s.",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._refused = Counter(
            "elms_calls_refused_total", "Calls not let in.", ["why"], registry=self.registry
        )
        self._ended = Counter(
            "elms_calls_ended_total", "Ended calls.", ["outcome"], registry=self.registry
        )
        self._replies = Histogram(
            "elms_reply_seconds",
            "From the caller's last word or key to the reply.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._filled = Counter(
            "elms_filled_seconds_total", "Silence where no audio came.", registry=self.registry
        )

    def refused(self, why: str) -> None:
        """Count a refused call."""
        self._refused.labels(why).inc()

    def ended(self, record: CallRecord, filled_ms: int) -> None:
        """Count an ended call."""
        self._ended.labels(record.outcome.outcome).inc()
        self._filled.inc(filled_ms / 1000)
        for turn in record.turns:
            if turn.timing.reply_after_ms is not None:
                self._replies.observe(turn.timing.reply_after_ms / 1000)

    def text(self) -> bytes:
        """Return the metrics in the exposition format."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def forget(pid: int) -> None:
    """Handle the end of a worker: its counts stay; its calls in progress do not."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]
