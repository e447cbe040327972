"""`elms-ivr serve` as it is run: calls over real sockets in real time, to their ends (S2, S13)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import websockets
from typer.testing import CliRunner
from websockets.asyncio.client import connect

from bot.__main__ import app
from bot.errors import SettingsError
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from tests.bot.calls.test_secrets_canary import patterns
from tests.bot.serving.test_agi import Dialplan
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, caller_variables
from tests.support.canary_call import CALLS, RATE
from tests.support.paths import PROJECT
from tests.support.patience import PATIENCE_S
from tests.support.websocket_peer import Socket

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

CALLERS: dict[str, Sequence[CallerAction]] = {
    name: CALLS[name] for name in ("keyed", "tones", "in one breath", "and a person")
}
NUMBER = "+16015550142"


class Serving:
    """The command in a process of its own."""

    def __init__(self, folder: Path, more: str = "", tls: ssl.SSLContext | None = None) -> None:
        """``more`` are further settings of ``serve``."""
        self.folder, self.tls = folder, tls
        (folder / "temporary").mkdir()
        settings = folder / "settings.toml"
        alone = "" if "workers" in more else "workers = 1\n"
        settings.write_text(f'out = "{folder / "out"}"\n[serve]\nagi_port = 0\n{alone}{more}')
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.support.serve_canary", str(folder / "library.log"),
                "--log", str(folder / "bot.log"), "--level", "debug",
                "serve", "--demo", "--port", "0", "--settings", str(settings),
            ],
            cwd=PROJECT,
            env={**os.environ, "TMPDIR": str(folder / "temporary"), "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("w"),
            text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"wss?://127\.0\.0\.1:(\d+)/media.*agi://127\.0\.0\.1:(\d+)/", self.said)
        assert found, (folder / "stderr").read_text()
        self.port, self.agi_port = int(found[1]), int(found[2])

    async def call(self, number: int, actions: Sequence[CallerAction]) -> dict[str, str]:
        """One call, and what the dialplan knows behind it."""
        pbx_id = f"1795993468.{number}"
        uri = f"{'wss' if self.tls else 'ws'}://localhost:{self.port}/media"
        protocols = [websockets.Subprotocol("media")]
        async with connect(
            uri, subprotocols=protocols, ssl=self.tls, host="127.0.0.1", open_timeout=PATIENCE_S
        ) as connection:
            channel = Channel(variables=caller_variables(NUMBER, pbx_id))
            peer = Socket(connection)
            await AsteriskCall(peer, SimulatedCaller(actions, RATE), channel).talk()
        variables = {"ELMS_ID": pbx_id}
        await Dialplan(variables).ask(self.agi_port)
        return variables

    def end(self) -> int:
        """A polite kill; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """What callers at once left behind."""
    folder = tmp_path_factory.mktemp("serve")
    serving = Serving(folder)
    try:

        async def calls() -> list[dict[str, str]]:
            return await asyncio.gather(
                *(serving.call(number, actions) for number, actions in enumerate(CALLERS.values()))
            )

        next_steps = asyncio.run(calls())
        base = f"http://127.0.0.1:{serving.port}"
        metrics = httpx.get(f"{base}/metrics", timeout=PATIENCE_S).text
        status = serving.end()
    finally:
        serving.process.kill()
        serving.process.wait()
    yield {"folder": folder, "next": next_steps, "metrics": metrics, "status": status}


def lines(served: dict[str, object]) -> list[dict[str, object]]:
    folder = served["folder"]
    assert isinstance(folder, Path)
    return [json.loads(line) for line in (folder / "bot.log").read_text().splitlines()]


def test_each_call_has_its_outcome_and_the_service_ends_politely(
    served: dict[str, object],
) -> None:
    calls = [line for line in lines(served) if line["event"] == "call"]
    assert sorted(str(call["outcome"]) for call in calls)[:2] == ["completed", "completed"]
    assert len(calls) == len(CALLERS)
    assert served["status"] == 0


def test_the_dialplan_is_told_what_is_next_for_each_caller(served: dict[str, object]) -> None:
    steps = served["next"]
    assert isinstance(steps, list)
    outcomes = {line["call_id"]: line["outcome"] for line in lines(served) if "outcome" in line}
    for step in steps:
        if step["NEXT"] == "representative":
            assert outcomes[step["ELMS_CALL"]] == "transferred"
    assert [step["NEXT"] for step in steps[:2]] == ["hangup", "hangup"]


def test_no_written_file_has_a_pin_or_a_callers_number(
    served: dict[str, object],
) -> None:
    """S2 over the telephone line, with every library's DEBUG on."""
    folder = served["folder"]
    assert isinstance(folder, Path)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
    assert {"bot.log", "library.log", "stderr"} <= {path.name for path in files}
    written = {path: path.read_bytes() for path in files if path.stat().st_size < 8 << 20}
    written[Path("metrics")] = str(served["metrics"]).encode()
    for path, content in written.items():
        if "sqlite" in path.name:
            continue
        for pattern in patterns():
            assert not pattern.search(content), f"{path}: {pattern.pattern!r}"
        assert NUMBER.encode()[1:] not in content, path
        assert b"1795993468" not in content, path


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "elms.example"])
def test_without_a_credential_only_this_machine_can_connect_calls(host: str) -> None:
    ran = CliRunner().invoke(app, ["serve", "--demo", "--host", host])
    assert isinstance(ran.exception, SettingsError)
    assert "serve.credential" in str(ran.exception)
