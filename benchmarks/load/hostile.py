"""PIN checks beside hostile connections: 500 of each kind are held while 40 checks are timed.

    python -m benchmarks.load.hostile                every kind, about ten minutes
    python -m benchmarks.load.hostile "half head"    one kind

Everything runs on this computer over loopback, from the bot's own address, in three processes that
share its cores: the service with default settings, the attackers, and the caller. Each check opens
a new connection, as after a pause. ``--server`` measures another version, given by its folder.
"""

from __future__ import annotations

import math
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.load.attackers import ATTACKS
from benchmarks.load.certificates import certificate
from benchmarks.load.silent_provider import silent_provider
from server.seed.demonstration import ACCOUNTS
from server.settings import DEMO_BOT_CREDENTIAL

CONNECTIONS = 500
CHECKS = 40
PAUSE_S = 0.1
SETTLE_S = 3.0
PATIENCE_S = 10.0
"""Time after which a check counts as failed, seconds."""
MOST_S = 60.0
"""Time after which no more checks of a kind are made, seconds."""
NUMBER, PIN = ACCOUNTS[0].license_number, ACCOUNTS[0].pin
NOBODY = "nobody"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    address: str
    process: subprocess.Popen[str]
    log: Path
    trusted: ssl.SSLContext

    @property
    def memory_mib(self) -> float:
        """Its peak resident memory so far, MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


def rows(kinds: list[str], root: Path = ROOT, count: int = CONNECTIONS) -> Iterator[list[str]]:
    """One row for each kind."""
    for kind in kinds:
        with silent_provider() as (issuer, _), _served(root, "TLS" in kind, issuer) as service:
            before = service.memory_mib
            with _attacked(kind, service, count) as attackers:
                time.sleep(SETTLE_S)
                taken = _checks(service)
                memory = service.memory_mib
                held = attackers.communicate()[0] if attackers is not None else ""
            yield _row(kind, held, taken, memory - before, service.log.stat().st_size)


def _row(kind: str, held: str, taken: list[float], grown_mib: float, log_bytes: int) -> list[str]:
    p95 = sorted(taken)[math.ceil(len(taken) * 0.95) - 1]
    failed = sum(each >= PATIENCE_S for each in taken)
    return [
        kind,
        *(held.split() or ["", ""]),
        f"{statistics.median(taken) * 1000:.0f}",
        f"{p95 * 1000:.0f}",
        f"{max(taken) * 1000:.0f}",
        str(failed),
        f"{grown_mib:.0f}",
        f"{log_bytes / 1000:.1f}",
    ]


def _checks(service: Service) -> list[float]:
    """Duration of each PIN check, seconds; a failed one counts as the maximum."""
    headers = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}
    taken = []
    for number in range(CHECKS):
        sent = {"license_number": NUMBER, "pin": PIN, "call_id": f"check-{number}"}
        with httpx.Client(
            headers=headers, timeout=PATIENCE_S, verify=service.trusted, trust_env=False
        ) as client:
            started = time.perf_counter()
            try:
                answer = client.post(f"{service.address}/api/v1/verifications", json=sent)
                good = bool(answer.is_success and answer.json()["verified"])
            except httpx.HTTPError:
                good = False
            taken.append(time.perf_counter() - started if good else PATIENCE_S)
        if sum(taken) > MOST_S:
            break
        time.sleep(PAUSE_S)
    return taken


@contextmanager
def _attacked(kind: str, service: Service, count: int) -> Iterator[subprocess.Popen[str] | None]:
    if kind == NOBODY:
        yield None
        return
    address = service.address.split("//")[1].replace("localhost", "127.0.0.1")
    command = [sys.executable, "-m", "benchmarks.load.attackers", kind, address, str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as attackers:
        yield attackers


@contextmanager
def _served(root: Path, tls: bool, issuer: str) -> Iterator[Service]:
    """Run the service in a folder with its defaults and a new demonstration database."""
    with tempfile.TemporaryDirectory(prefix="elms-hostile-") as name:
        folder = Path(name)
        environment = {**os.environ, "ELMS_SERVER_SSO__ISSUER": issuer, "TMPDIR": name}
        trusted = ssl.create_default_context()
        if tls:
            signed, key = certificate(folder)
            trusted.load_verify_locations(signed)
            environment["ELMS_SERVER_TLS_CERTIFICATE"] = str(signed)
            environment["ELMS_SERVER_TLS_KEY"] = str(key)
        url = f"sqlite:///{folder / 'elms.sqlite3'}"
        log = folder / "log"
        with (
            log.open("w") as written,
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "server",
                    "serve",
                    "--demo",
                    "--port",
                    "0",
                    "--database",
                    url,
                ],
                cwd=root,
                env=environment | {"ELMS_SERVER_LOG_LEVEL": "INFO"},
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
            ) as process,
        ):
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            if tls:  # the certificate's name
                address = address.replace("127.0.0.1", "localhost")
            try:
                yield Service(address, process, log, trusted)
            finally:
                process.kill()


def main(
    kinds: Annotated[list[str] | None, typer.Argument(help=", ".join(ATTACKS))] = None,
    server: Annotated[Path, typer.Option(help="Folder with the server package.")] = ROOT,
    connections: Annotated[int, typer.Option(help="Hostile connections.", max=2_000)] = CONNECTIONS,
) -> None:
    """Measure PIN checks beside hostile connections, and print a table."""
    console = Console()
    table = Table(
        title=f"{CHECKS} PIN checks beside {connections} hostile connections, ms",
        title_justify="left",
    )
    for heading in ("kind", "held", "in all", "p50", "p95", "most", "failed", "MiB more", "log kB"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind in kinds or [NOBODY, *ATTACKS]:
        console.print(f"[dim]{kind}…[/dim]")
        for row in rows([kind], server, connections):
            table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
