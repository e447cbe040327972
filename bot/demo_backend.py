"""The ELMS backend as a child process with demonstration data: for demo, replay, and microphone."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Self

import typer
from pydantic import SecretStr

from bot import lifeline
from bot.errors import BackendError
from bot.settings import BackendClient, Settings
from bot.temporary_folders import scratch_folder

CREDENTIAL_VARIABLE = "ELMS_SERVER_BOT_CREDENTIAL"
LONGEST_START_S, LONGEST_END_S = 180.0, 10.0

_LIFTED = {
    f"ELMS_SERVER_LIMITS__{name}": "1000000"
    for name in (
        "PINS_PER_ACCOUNT",
        "PINS_PER_CALLER",
        "PINS_WITHHELD",
        "PINS_OVERALL",
        "REQUESTS_PER_MINUTE",
    )
}


Live = typer.Option("--live", help="Use the backend in the settings instead of the demonstration.")


@contextmanager
def backend_of(settings: Settings, live: bool) -> Iterator[BackendClient | None]:
    """The demonstration backend for ``bootstrap.call_service``; None if ``live``."""
    if live:
        yield None
        return
    with DemoBackend() as backend:
        yield backend.start(settings.backend)


class DemoBackend:
    """A context in which the server runs on a free loopback port with a fresh database."""

    def __init__(self, database: Path | None = None, lift_budgets: bool = False) -> None:
        """``database`` is a SQLite file that outlives the context; by default there is none.

        ``lift_budgets`` takes the daily limits off wrong PINs, so that a thousand replayed
        callers do not lock each other out; three wrong PINs still end authentication in a call.
        """
        self._lifted = _LIFTED if lift_budgets else {}
        self._scratch = ExitStack()
        folder = self._scratch.enter_context(scratch_folder("backend"))
        self._database = database or folder / "elms.sqlite3"
        self._process: subprocess.Popen[str] | None = None
        self._credential = secrets.token_urlsafe(32)

    def __enter__(self) -> Self:
        return self

    def start(self, section: BackendClient | None = None) -> BackendClient:
        """Start the server, and wait until it responds; return ``section`` with its address."""
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            lifeline.command("server", "serve", "--demo", "--no-calls", "--port", "0"),
            env={
                **os.environ,
                **self._lifted,
                "ELMS_SERVER_DATABASE_URL": f"sqlite:///{self._database}",
                CREDENTIAL_VARIABLE: self._credential,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101  asked for above
        late = Timer(LONGEST_START_S, self._process.kill)
        late.start()
        try:
            for line in self._process.stdout:
                if "http://" in line:
                    url = "http://" + line.split("http://")[1].split()[0].rstrip("/")
                    here = {"url": url, "credential": SecretStr(self._credential)}
                    return (section or BackendClient()).model_copy(update=here)
        finally:
            late.cancel()
        raise BackendError("the embedded backend did not start; run `elms-server serve --demo`")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._end(self._process)
        self._scratch.close()

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.wait(LONGEST_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
