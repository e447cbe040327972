"""The attackers of the hostile benchmark attack this computer only, and stop when told."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.support.paths import PROJECT
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.unit


def attackers(address: str, kind: str = "idle") -> subprocess.CompletedProcess[str]:
    """Three of them, whose standard input ends at once."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.load.attackers", kind, address, "3"],
        cwd=PROJECT,
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@pytest.mark.parametrize("address", ["192.0.2.1:80", "elms.example:443", "0.0.0.0:80", "[::1]:80"])
def test_no_other_computer_is_attacked(address: str) -> None:
    answer = attackers(address)
    assert answer.returncode == 1
    assert "127.x.x.x" in answer.stderr


def test_the_attackers_stop_when_their_input_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        answer = attackers(f"127.0.0.1:{listening.getsockname()[1]}")
    assert answer.returncode == 0
    opened, in_all = (int(number) for number in answer.stdout.split())
    assert opened <= in_all <= 3
