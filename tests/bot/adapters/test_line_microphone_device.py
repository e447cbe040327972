"""A call through a real sound device: PortAudio over PulseAudio, with null sinks for the room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.system]

MOST_PRESSES = 60


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a sound server with a sink for each side of the call."""
    if shutil.which("pulseaudio") is None or shutil.which("paplay") is None:
        pytest.skip("PulseAudio is not installed")
    runtime = tmp_path_factory.mktemp("pulse")
    runtime.chmod(0o700)
    env = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime)}
    env.pop("PULSE_SERVER", None)
    modules = ("module-native-protocol-unix", "module-null-sink sink_name=caller rate=16000",
               "module-null-sink sink_name=reply rate=16000")  # fmt: skip
    server = subprocess.Popen(
        [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes",
            *(part for module in modules for part in ("-L", module)),
        ],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(env)
        yield {**env, "PULSE_SOURCE": "caller.monitor", "PULSE_SINK": "reply"}
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(env: dict[str, str]) -> None:
    for _ in range(50):
        ready = subprocess.run(["pactl", "info"], env=env, capture_output=True, check=False)
        if ready.returncode == 0:
            return
        subprocess.run(["sleep", "0.1"], check=True)
    pytest.skip("PulseAudio does not start here")


def _read_until(process: subprocess.Popen[str], *words: str) -> str:
    """Which of the words is said first."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        for one in words:
            if one in line:
                return one
    raise AssertionError(f"the call ended before {words}: {''.join(heard)}")


def _press(process: subprocess.Popen[str], keys: str) -> None:
    assert process.stdin is not None
    process.stdin.write(keys)
    process.stdin.flush()


def _press_until_over(process: subprocess.Popen[str], key: str) -> None:
    """As a caller would: a key within a second of the PIN belongs to that, on the line's clock."""
    for _ in range(MOST_PRESSES):
        with suppress(BrokenPipeError):
            _press(process, key)
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
        if process.poll() is not None:
            return
    raise AssertionError(f"the call goes on after {MOST_PRESSES} keys")


def test_a_call_runs_over_microphone_keyboard_and_loudspeaker(
    sound: dict[str, str], project: Path, tmp_path: Path
) -> None:
    call = subprocess.Popen(
        [sys.executable, "-m", "bot", "mic", "--headset", "--keep"],
        cwd=tmp_path,
        env={**sound, "COLUMNS": "200", "PYTHONPATH": str(project), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    _read_until(call, "license number")
    license_number = project / "audio_fixtures" / "16k" / "license_a.flac"
    subprocess.run(["paplay", "--device=caller", str(license_number)], env=sound, check=True)
    if _read_until(call, "four digit PIN", "Is that right") == "Is that right":
        _press(call, "1")
        _read_until(call, "four digit PIN")
    _press(call, "5827")
    _read_until(call, "press four")
    _press_until_over(call, "4")
    call.communicate()
    assert call.returncode == 0
    (record,) = (tmp_path / "out").glob("*.json")
    stored = json.loads(record.read_text("utf-8"))
    assert stored["outcome"]["verified"]
    assert stored["line"] == "microphone"
    assert [turn["mode"] for turn in stored["turns"]][-2:] == ["dtmf", "dtmf"]


def test_a_missing_device_is_one_line_of_error(
    sound: dict[str, str], project: Path, tmp_path: Path
) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "bot", "mic", "--input", "9999"],
        cwd=tmp_path,
        env={**sound, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert asked.returncode == 1
    assert asked.stderr.strip().startswith("elms-ivr: no usable sound device")
    assert "Traceback" not in asked.stderr


def test_without_portaudio_the_error_says_what_to_install(project: Path, tmp_path: Path) -> None:
    hide = (
        "import sys, ctypes.util; ctypes.util.find_library = lambda name: None;"
        "from bot.__main__ import main; sys.argv = ['elms-ivr', 'mic', '--list']; main()"
    )
    asked = subprocess.run(
        [sys.executable, "-c", hide],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 1
    assert asked.stderr.startswith("elms-ivr: the PortAudio library is missing; install it with")
    assert len(asked.stderr.strip().splitlines()) == 1
