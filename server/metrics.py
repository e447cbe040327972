"""Prometheus metrics without personal data: routes and results, never numbers or names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """One server's metrics, in their own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "elms_requests_total",
            "Requests.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "elms_request_seconds",
            "Response time in seconds.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._checks = Counter(
            "elms_pin_checks_total",
            "Presented PINs.",
            ["channel", "result"],
            registry=self.registry,
        )
        self._refused = Counter(
            "elms_requests_refused_total",
            "Requests refused, by reason.",
            ["why"],
            registry=self.registry,
        )
        self._dropped = Counter(
            "elms_connections_dropped_total",
            "Connections dropped, by phase or reason.",
            ["why"],
            registry=self.registry,
        )
        self._calls = Counter(
            "elms_calls_total", "Stored calls.", ["outcome"], registry=self.registry
        )

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def checked(self, channel: str, result: str) -> None:
        """Count a presented PIN."""
        self._checks.labels(channel, result).inc()

    def refused(self, why: str) -> None:
        """Count a refused request."""
        self._refused.labels(why).inc()

    def dropped(self, why: str) -> None:
        """Count a dropped connection."""
        self._dropped.labels(why).inc()

    def stored(self, outcome: str) -> None:
        """Count a stored call."""
        self._calls.labels(outcome).inc()

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
