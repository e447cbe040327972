"""The ELMS service under load: 50 clients, on SQLite and PostgreSQL, and a month's peak of calls.

PostgreSQL is measured where ``ELMS_TEST_DATABASE_URL`` names a server whose user may create
databases. Server and clients share this machine, so the figures are a lower bound.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from server.hashing import Hasher
from server.seed.demonstration import ACCOUNTS
from server.settings import DEMO_BOT_CREDENTIAL, HashCost

CLIENTS = 50
REQUESTS = 1_000
PEAK_CALLS = int(os.environ.get("ELMS_BENCH_CALLS", "15000"))
POSTGRES = os.environ.get("ELMS_TEST_DATABASE_URL")
HEADERS = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}
KNOWN = [(account.license_number, account.pin) for account in ACCOUNTS if account.pin]

Work = Callable[[httpx.AsyncClient, int], Awaitable[None]]


def rows() -> Iterator[tuple[str, str]]:
    """The table's rows."""
    hash_ms = _hash_ms()
    cost = HashCost()
    yield (
        "one PIN hash",
        f"{hash_ms:.1f} ms (Argon2id, {cost.memory_kib} KiB, {cost.passes} passes)",
    )
    with tempfile.TemporaryDirectory(prefix="elms-bench-") as folder:
        yield from _measure("SQLite", f"sqlite:///{Path(folder) / 'elms.sqlite3'}", hash_ms)
    if POSTGRES is not None:
        with _postgres() as url:
            yield from _measure("PostgreSQL", url, hash_ms)


def _measure(name: str, url: str, hash_ms: float) -> Iterator[tuple[str, str]]:
    with _served(url) as (address, process):
        started_s = _cpu_s(process.pid)
        taken, wall = asyncio.run(_load(address, _verify))
        cpu_s = _cpu_s(process.pid) - started_s
        share = hash_ms / 1000 * REQUESTS / cpu_s
        yield (
            f"verifications, {CLIENTS} clients, {name}",
            f"{_rate(taken, wall)}, hashing {min(share, 1):.0%} of {cpu_s:.1f} CPU s",
        )
        taken, wall = asyncio.run(_load(address, _status))
        yield f"service facts, {CLIENTS} clients, {name}", _rate(taken, wall)
        yield _peak(name, address)


def _peak(name: str, address: str) -> tuple[str, str]:
    _, wall = asyncio.run(_load(address, _call, PEAK_CALLS))
    return (
        f"{PEAK_CALLS:,} whole calls, {name}",
        f"no error in {wall:.0f} s: verification, account, service, record",
    )


def _rate(taken: list[float], wall_s: float) -> str:
    ordered = sorted(taken)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    return f"{len(taken) / wall_s:.0f}/s, p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


async def _load(address: str, work: Work, times: int = REQUESTS) -> tuple[list[float], float]:
    """Do the work so many times by so many clients; every answer must be right."""
    numbers = itertools.count()
    taken: list[float] = []

    async def client(http: httpx.AsyncClient) -> None:
        while (number := next(numbers)) < times:
            started = time.perf_counter()
            await work(http, number)
            taken.append(time.perf_counter() - started)

    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(
        base_url=address, headers=HEADERS, timeout=60, limits=limits
    ) as http:
        started = time.perf_counter()
        await asyncio.gather(*(client(http) for _ in range(CLIENTS)))
        return taken, time.perf_counter() - started


async def _verify(http: httpx.AsyncClient, number: int) -> None:
    await _token(http, f"verify-{number}", number)


async def _status(http: httpx.AsyncClient, _number: int) -> None:
    (await http.get("/api/v1/service")).raise_for_status()


async def _call(http: httpx.AsyncClient, number: int) -> None:
    call_id = f"call-{number}"
    token = await _token(http, call_id, number)
    headers = {"X-Call-Token": token}
    (await http.get("/api/v1/account", headers=headers)).raise_for_status()
    (await http.get("/api/v1/service")).raise_for_status()
    turns = [
        {"field": field, "attempt": 1, "result": "match", "start_ms": at, "end_ms": at + 900}
        for at, field in ((0, "license_number"), (1_000, "pin"), (2_000, "menu"))
    ]
    record = {
        "call_id": call_id,
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "benchmark",
        "duration_ms": 3_000,
        "outcome": {"outcome": "completed", "reason": "goodbye", "verified": True},
        "turns": turns,
    }
    (await http.put(f"/api/v1/calls/{call_id}", json=record)).raise_for_status()


async def _token(http: httpx.AsyncClient, call_id: str, number: int) -> str:
    license_number, pin = KNOWN[number % len(KNOWN)]
    sent = {"license_number": license_number, "pin": pin, "call_id": call_id}
    answer = (await http.post("/api/v1/verifications", json=sent)).raise_for_status().json()
    if not answer["verified"]:
        raise RuntimeError("a right PIN was refused under load")
    return str(answer["token"])


def _hash_ms() -> float:
    hasher = Hasher("pepper", HashCost())
    digest = hasher.hash_pin("5827")
    taken = []
    for _ in range(20):
        started = time.process_time()
        hasher.check_pin(digest, "5827")
        taken.append(time.process_time() - started)
    return statistics.median(taken) * 1000


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _served(url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "server", "serve", "--demo", "--port", "0", "--database", url]
    unlimited = "1000000"
    environment = {
        **os.environ,
        "ELMS_SERVER_LIMITS__REQUESTS_PER_MINUTE": unlimited,
        "ELMS_SERVER_LIMITS__PINS_OVERALL": unlimited,
        "ELMS_SERVER_LIMITS__PINS_WITHHELD": unlimited,
        # Fifteen accounts stand for thousands: several of their calls are in flight at once.
        "ELMS_SERVER_LIMITS__PINS_PER_ACCOUNT": unlimited,
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.terminate()


@contextmanager
def _postgres() -> Iterator[str]:
    name = f"elms_bench_{uuid4().hex}"
    engine = create_engine(str(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(str(POSTGRES)).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()
