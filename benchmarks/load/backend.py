"""The ELMS service under load: 50 clients, on SQLite and PostgreSQL, and a month's peak of calls.

PINs are hashed at the cost used in production. PostgreSQL is measured if
``ELMS_TEST_DATABASE_URL`` names a server whose user may create databases::

    ELMS_TEST_POSTGRES_FSYNC=on scripts/with_postgres .venv/bin/python -m benchmarks backend

Server and clients share this machine, so the figures are a lower bound. ``ELMS_BENCH_CALLS``
shortens the month; Ctrl-C ends it early and reports the progress.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bot import lifeline
from bot.temporary_folders import scratch_folder
from server.hashing import Hasher
from server.seed.demonstration import ACCOUNTS
from server.settings import DEMO_BOT_CREDENTIAL, HashCost

CLIENTS = 50
REQUESTS = 1_000
PEAK_CALLS = int(os.environ.get("ELMS_BENCH_CALLS", "15000"))
POSTGRES = os.environ.get("ELMS_TEST_DATABASE_URL")
HEADERS = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}
KNOWN = [(account.license_number, account.pin) for account in ACCOUNTS if account.pin]
WRONG = "1357"
MISTYPED = 10
"""One in this many callers keys a wrong PIN first."""

Work = Callable[[httpx.AsyncClient, int], Awaitable[None]]


def rows() -> Iterator[tuple[str, str]]:
    """The table's rows."""
    hash_ms = _hash_ms()
    cost = HashCost()
    yield (
        "one PIN hash",
        f"{hash_ms:.1f} ms (Argon2id, {cost.memory_kib} KiB, {cost.passes} passes)",
    )
    with scratch_folder("bench") as folder:
        yield from _measure("SQLite", f"sqlite:///{folder / 'elms.sqlite3'}", hash_ms)
    if POSTGRES is not None:
        with _postgres() as (url, name):
            yield from _measure(name, url, hash_ms)


def _measure(name: str, url: str, hash_ms: float) -> Iterator[tuple[str, str]]:
    with _served(url) as (address, process):
        started_s = _cpu_s(process.pid)
        taken, wall = _load(address, _verify, REQUESTS)
        cpu_s = _cpu_s(process.pid) - started_s
        share = hash_ms / 1000 * REQUESTS / cpu_s
        yield (
            f"verifications, {CLIENTS} clients, {name}",
            f"{_rate(taken, wall)}, hashing {min(share, 1):.0%} of {cpu_s:.1f} CPU s",
        )
        taken, wall = _load(address, _status(asyncio.run(_tokens(address))), REQUESTS)
        yield f"status requests, {CLIENTS} clients, {name}", _rate(taken, wall)
        yield _peak(name, address)


def _peak(name: str, address: str) -> tuple[str, str]:
    """A peak month's calls as fast as possible; a wrong response aborts with an exception."""
    taken, wall = _load(address, _call, PEAK_CALLS, f"calls of a month, {name}")
    done = f"{len(taken):,}" if len(taken) == PEAK_CALLS else f"stopped after {len(taken):,}"
    return (
        f"{PEAK_CALLS:,} whole calls, {CLIENTS} clients, {name}",
        f"{done} in {wall:.0f} s without an error, {_rate(taken, wall)}; a call is verification, "
        f"account, service, record, and in one of {MISTYPED} a wrong PIN first",
    )


def _rate(taken: list[float], wall_s: float) -> str:
    if not taken:
        return "no figure"
    ordered = sorted(taken)
    p50, p95 = statistics.median(ordered), ordered[math.ceil(len(ordered) * 0.95) - 1]
    return f"{len(taken) / wall_s:.0f}/s, p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


def _load(
    address: str, work: Work, times: int, shown: str | None = None
) -> tuple[list[float], float]:
    """Do the work ``times`` times with all clients; every response must be right.

    With ``shown``, a bar is shown and Ctrl-C ends it early, with the times measured so far.
    """
    taken: list[float] = []
    started = time.perf_counter()
    with _progress(shown, times) as step:
        try:
            asyncio.run(_clients(address, work, times, taken, step))
        except KeyboardInterrupt:
            if shown is None:
                raise
    return taken, time.perf_counter() - started


async def _clients(
    address: str, work: Work, times: int, taken: list[float], step: Callable[[], None]
) -> None:
    numbers = itertools.count()

    async def client(http: httpx.AsyncClient) -> None:
        while (number := next(numbers)) < times:
            started = time.perf_counter()
            await work(http, number)
            taken.append(time.perf_counter() - started)
            step()

    async with _http(address) as http, asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client(http))


def _http(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=CLIENTS)
    return httpx.AsyncClient(base_url=address, headers=HEADERS, timeout=60, limits=limits)


@contextmanager
def _progress(shown: str | None, times: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error; yields the function that advances it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("Ctrl-C stops"),
    )
    with Progress(*columns, console=Console(stderr=True), disable=shown is None) as progress:
        task = progress.add_task(shown or "", total=times)
        yield lambda: progress.advance(task)


async def _tokens(address: str) -> list[str]:
    async with _http(address) as http:
        return [await _token(http, f"token-{number}", number) for number in range(len(KNOWN))]


async def _verify(http: httpx.AsyncClient, number: int) -> None:
    await _token(http, f"verify-{number}", number)


def _status(tokens: list[str]) -> Work:
    async def read(http: httpx.AsyncClient, number: int) -> None:
        await _account(http, tokens[number % len(tokens)])

    return read


async def _account(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.get("/api/v1/account", headers={"X-Call-Token": token})
    if "application" not in answer.raise_for_status().json():
        raise RuntimeError("an account had no application")


async def _call(http: httpx.AsyncClient, number: int) -> None:
    call_id = f"call-{number}"
    mistyped = number % MISTYPED == 0
    if mistyped and await _present(http, call_id, KNOWN[number % len(KNOWN)][0], WRONG, 1):
        raise RuntimeError("a wrong PIN was accepted")
    await _account(http, await _token(http, call_id, number, 2 if mistyped else 1))
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


async def _token(http: httpx.AsyncClient, call_id: str, number: int, attempt: int = 1) -> str:
    license_number, pin = KNOWN[number % len(KNOWN)]
    token = await _present(http, call_id, license_number, pin, attempt)
    if token is None:
        raise RuntimeError("a right PIN was refused under load")
    return token


async def _present(
    http: httpx.AsyncClient, call_id: str, license_number: str, pin: str | None, attempt: int
) -> str | None:
    sent = {"license_number": license_number, "pin": pin, "call_id": call_id, "attempt": attempt}
    answer = await http.post("/api/v1/verifications", json=sent)
    token: str | None = answer.raise_for_status().json()["token"]
    return token


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
    command = lifeline.command("server", "serve", "--demo", "--port", "0", "--database", url)
    unlimited = "1000000"
    environment = {
        **os.environ,
        "ELMS_SERVER_LIMITS__REQUESTS_PER_MINUTE": unlimited,
        "ELMS_SERVER_LIMITS__PINS_OVERALL": unlimited,
        "ELMS_SERVER_LIMITS__PINS_WITHHELD": unlimited,
        # Fifteen accounts stand for thousands: several of their calls are in flight at once.
        "ELMS_SERVER_LIMITS__PINS_PER_ACCOUNT": unlimited,
    }
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the clients
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.terminate()


@contextmanager
def _postgres() -> Iterator[tuple[str, str]]:
    name = f"elms_bench_{uuid4().hex}"
    engine = create_engine(str(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        synced = connection.scalar(text("SHOW fsync")) == "on"
    url = make_url(str(POSTGRES)).set(database=name).render_as_string(hide_password=False)
    try:
        yield url, "PostgreSQL" if synced else "PostgreSQL without fsync"
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()
