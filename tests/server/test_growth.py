"""Metrics and logs do not grow with what strangers send (S16)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from server.admin.logs import FewLines, Sums
from tests.server.test_api import METRICS
from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = pytest.mark.server


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def series(elms: Elms) -> int:
    return len(elms.client.get("/metrics", headers=METRICS).text.splitlines())


def test_strangers_cannot_invent_metrics(elms: Elms) -> None:
    def knock(number: int) -> None:
        elms.client.request(f"INVENTED{number}", "/health")
        elms.client.get(f"/nowhere-{number}")
        elms.client.get(f"/api/v1/nowhere-{number}")
        elms.client.post("/sign-in", content=b"x" * (20_000 + number))

    knock(0)
    series(elms)
    before = series(elms)
    for number in range(1, 30):
        knock(number)
    assert series(elms) == before


def lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if "request" in line]


def test_strangers_cannot_fill_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.web.middleware.LINES_PER_MINUTE", 10)
    with running_elms(tmp_path) as elms:
        for _ in range(40):
            elms.client.get("/nowhere")
            elms.client.get("/api/v1/service")
        printed = capsys.readouterr()
        assert len(lines(printed.out + printed.err)) <= 13
        for _ in range(20):
            elms.client.get("/api/v1/service", headers=BOT)
        printed = capsys.readouterr()
        assert len(lines(printed.out + printed.err)) == 20


def test_repeated_log_lines_are_summed_up() -> None:
    now = [100.0]
    written = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(written), processors=[structlog.processors.JSONRenderer()]
    )
    sums = Sums(log, "refused", lambda: now[0])
    for _ in range(500):
        sums.add("busy")
    now[0] += 11
    sums.add("too large")
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert told == [
        {"event": "refused", "busy": 1},
        {"event": "refused", "busy": 499, "too large": 1},
    ]


def test_repeated_complaints_of_a_library_are_suppressed() -> None:
    now = [0.0]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(FewLines(lambda: now[0]))
    logger = logging.Logger("library")
    logger.addHandler(handler)

    def complain(times: int) -> None:
        for _ in range(times):
            fault = ConnectionResetError("5827")
            logger.error("a connection ended", exc_info=fault)

    complain(1_000)
    assert written.getvalue().splitlines() == ["a connection ended (ConnectionResetError)"] * 20
    now[0] = 61.0
    complain(1)
    assert len(written.getvalue().splitlines()) == 21
