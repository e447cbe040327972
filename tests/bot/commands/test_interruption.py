"""Commands that are interrupted or killed leave nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.resources import PROJECT
from tests.support.processes import ended

pytestmark = pytest.mark.audio


@pytest.mark.parametrize(
    ("command", "sign", "sent"),
    [("text", "hangs up", signal.SIGINT), ("demo", "ELMS", signal.SIGTERM)],
)
def test_a_signal_ends_a_call_without_a_traceback_and_leaves_nothing(
    command: str, sign: str, sent: signal.Signals, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with ended(process):
        for line in process.stdout:
            if sign in line:
                break
        if sent is signal.SIGINT:
            os.killpg(process.pid, sent)  # a terminal tells everybody, a supervisor the parent
        else:
            process.send_signal(sent)
        stdout, stderr = process.communicate()
    assert process.returncode != 0
    assert "Traceback" not in stdout + stderr
    assert len(stderr.strip().splitlines()) <= 1
    assert not list(tmp_path.glob("elms-*")), "a backend's folder is left"


KILLED_BETWEEN_STEPS = """
import asyncio, os, signal
from bot import __main__ as program

async def sentence():
    pass

async def talk():
    begun = sentence()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.create_task(begun)
    await asyncio.sleep(60)

program.app = lambda: asyncio.run(talk())
program.main()
"""


def test_a_kill_ends_a_command_that_ignores_ctrl_c() -> None:
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    ran = subprocess.run(
        [sys.executable, "-c", ignored + KILLED_BETWEEN_STEPS],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 128 + signal.SIGTERM


def test_a_kill_between_two_steps_of_a_call_leaves_both_complete() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN_STEPS],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 128 + signal.SIGTERM
    assert ran.stderr == "elms-ivr: interrupted\n"
