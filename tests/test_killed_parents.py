"""Whatever starts processes may be killed: all that descend from it end, and little is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot.resources import PROJECT
from bot.temporary_folders import remove_left_over, scratch_folder
from tests.support.patience import PATIENCE_S
from tests.support.processes import alive, command_of, core_limit, descendants, outlived

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

WITH_CORE_FILES = ("/bin/sh", "-c", 'ulimit -Sc 1024 || true; exec "$@"', "sh")
"""Starts a program that may leave a core file, as far as this machine lets it."""
LONG_CALL = """\
name: A caller who stays on the line, silent
turns:
  - silence_ms: 600000
    during_prompt_ms: 100
  - silence_ms: 600000
    during_prompt_ms: 100
expect:
  outcome: hangup
"""


def program(text: str) -> list[str]:
    """A process of one purpose; it has to be importable for those that a pool starts."""
    return ["-c", textwrap.dedent(text)]


def _replay(folder: Path) -> list[str]:
    for number in range(8):
        (folder / f"{number}.yaml").write_text(LONG_CALL)
    return ["-m", "bot", "replay", str(folder), "--jobs", "2", "--out", str(folder / "out")]


def _recordings(folder: Path) -> Path:
    """Many, in a folder with a manifest: listening to them takes minutes."""
    audio = folder / "audio"
    audio.mkdir()
    names = [f"{number}.flac" for number in range(400)]
    for name in names:
        os.link(_long_recording(folder), audio / name)
    rows = [f"{name},four two one nine oh three" for name in names]
    (audio / "manifest.csv").write_text("\n".join(["file,words", *rows]) + "\n")
    return audio


def _long_recording(folder: Path) -> Path:
    path = folder / "long.flac"
    if not path.exists():
        shutil.copy(PROJECT / "audio_fixtures" / "8k" / "license_a_slow.flac", path)
    return path


def _recognize(folder: Path) -> list[str]:
    files = [str(path) for path in sorted(_recordings(folder).glob("*.flac"))]
    return ["-m", "bot", "recognize", "--grammar", "license_number", *files]


def _compare(folder: Path) -> list[str]:
    model = str(PROJECT / "bot" / "models" / "telephone")
    page = str(folder / "page.html")
    return ["-m", "bot", "model", "compare", model, model, str(_recordings(folder)), "--page", page]


def _text(_: Path) -> list[str]:
    return ["-m", "bot", "text"]


def _demo(_: Path) -> list[str]:
    return ["-m", "bot", "demo"]


def _voices(_: Path) -> list[str]:
    return program("""
        import asyncio
        from bot.adapters.synthesizer_engines import speech_engine
        from bot.synthesis.worker_pool import WorkerPool
        from bot.settings import Speech

        async def main():
            pool = WorkerPool(speech_engine(Speech()), 3, 60_000)
            await pool.start()
            await asyncio.sleep(600)

        asyncio.run(main())
    """)


def _voice_at_work(_: Path) -> list[str]:
    """An engine that hangs: its own alarm ends it, after four time-outs."""
    return program("""
        import asyncio
        from bot.synthesis.worker_pool import WorkerPool
        from bot.synthesis.engine_spec import EngineSpec

        async def main():
            pool = WorkerPool(EngineSpec("tests.support.speech_engines:Hangs", {}, "x"), 1, 5_000)
            await pool.start()
            await pool.render("Hello.", 8_000, 100)

        asyncio.run(main())
    """)


def _rehearsal(folder: Path) -> list[str]:
    """A model whose trial never ends: one of its files is a pipe that nobody writes into."""
    model = folder / "model"
    shutil.copytree(PROJECT / "bot" / "models" / "telephone", model)
    (model / "am" / "final.mdl").unlink()
    os.mkfifo(model / "am" / "final.mdl")
    return program(f"""
        from pathlib import Path
        from bot.adapters.vosk_trial_load import rehearse
        rehearse(Path({str(model)!r}), 8_000)
    """)


def _benchmark_pool(folder: Path) -> list[str]:
    script = folder / "listening.py"
    script.write_text(
        textwrap.dedent("""
        import time
        from benchmarks.recognition.recordings import in_parallel

        if __name__ == "__main__":
            list(in_parallel(time.sleep, [600.0] * 8, "sleeping"))
    """)
    )
    return [str(script)]


def _benchmark_server(folder: Path) -> list[str]:
    return program(f"""
        import time
        from benchmarks.load.backend import _served
        with _served("sqlite:///{folder / "elms.sqlite3"}"):
            time.sleep(600)
    """)


STARTERS: dict[str, tuple[Callable[[Path], list[str]], int]] = {
    "replay": (_replay, 2 + 2 + 4),
    "recognize": (_recognize, 2),
    "compare": (_compare, 2),
    "text": (_text, 1),
    "demo": (_demo, 1 + 2),
    "voices": (_voices, 3),
    "a voice at work": (_voice_at_work, 1),
    "the trial of a model": (_rehearsal, 1),
    "a benchmark's pool": (_benchmark_pool, 1),
    "a benchmark's server": (_benchmark_server, 1),
}
"""What starts processes, and how many there are at least; a pool has more where there are cores."""


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder


@pytest.mark.parametrize("name", STARTERS)
def test_all_descendants_of_a_killed_process_end(
    name: str, tmp_path: Path, temporary: Path
) -> None:
    starter, at_least = STARTERS[name]
    arguments = starter(tmp_path)
    parent = subprocess.Popen(
        [*WITH_CORE_FILES, sys.executable, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    family: set[psutil.Process] = set()
    try:
        until = time.monotonic() + PATIENCE_S
        while len(alive(family)) < at_least:
            assert time.monotonic() < until, "the processes do not begin"
            assert parent.poll() is None, "the parent ended by itself"
            time.sleep(0.2)
            family = descendants(parent.pid)
        time.sleep(2)
        family |= descendants(parent.pid)
        assert len(alive(family)) >= at_least
        if "bot" in arguments:
            assert {core_limit(each) for each in family | {psutil.Process(parent.pid)}} <= {0, None}
        parent.send_signal(signal.SIGKILL)
        parent.wait(PATIENCE_S)
        left = outlived(family, PATIENCE_S)
        assert not left, [command_of(each) for each in left]
    finally:
        parent.kill()
        parent.wait(PATIENCE_S)
        for each in alive(family):
            each.kill()


def test_leftovers_of_a_killed_process_are_removed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    held = subprocess.Popen(
        [
            sys.executable,
            *program("""
                import time
                from bot.temporary_folders import scratch_folder
                with scratch_folder("test") as folder:
                    (folder / "inside").mkdir()
                    print(folder, flush=True)
                    time.sleep(600)
            """),
        ],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert held.stdout is not None
        folder = Path(held.stdout.readline().strip())
        assert folder.parent == tmp_path
        remove_left_over()
        assert (folder / "inside").is_dir(), "its owner is alive"
        held.kill()
        held.wait(PATIENCE_S)
        assert folder.is_dir()
        with scratch_folder("test") as mine:
            assert not folder.exists()
            assert mine.is_dir()
            remove_left_over()
            assert mine.is_dir()
        assert list(tmp_path.iterdir()) == []
    finally:
        held.kill()
        held.wait(PATIENCE_S)
        if held.stdout is not None:
            held.stdout.close()


def test_files_of_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".owned").touch()
    (tmp_path / "elms-link").symlink_to(elsewhere)
    (tmp_path / "elms-file").touch()
    (tmp_path / "elms-folder").mkdir()
    (tmp_path / "elms-through-a-link").mkdir()
    (tmp_path / "elms-through-a-link" / ".owned").symlink_to(elsewhere / ".owned")
    before = sorted(tmp_path.rglob("*"))
    remove_left_over()
    assert sorted(tmp_path.rglob("*")) == before
