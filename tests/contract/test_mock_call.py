"""The commands of docs/contract.md: a typed call with the mock behind the real bot."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from typer.testing import CliRunner

from bot.__main__ import app
from tests.support import mock_elms
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.contract

VARIABLE = re.compile(r"(ELMS_IVR_\w+)=(\S+)")


@pytest.fixture
def mock() -> FastAPI:
    return mock_elms.create_app()


@pytest.fixture
def port(mock: FastAPI) -> Iterator[int]:
    """The mock on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(mock, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join(PATIENCE_S)


def test_a_typed_call_hears_the_status_from_the_mock(
    port: int, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = dict(VARIABLE.findall((project / "docs" / "contract.md").read_text("utf-8")))
    assert variables.keys() == {"ELMS_IVR_BACKEND__URL", "ELMS_IVR_BACKEND__CREDENTIAL"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace(":8700", f":{port}"))
    monkeypatch.setenv("ELMS_IVR_OUT", str(tmp_path))
    typed = f"{mock_elms.LICENSE_NUMBER}\n{mock_elms.PIN}\n4\n"
    call = CliRunner().invoke(app, ["text", "--live"], input=typed)
    assert call.exit_code == 0, call.output
    shown = " ".join(call.output.split())
    assert "Your renewal application, received October fourteenth" in shown
    assert mock_elms.PIN not in call.output
    assert not list(tmp_path.glob("spool/*"))
