"""The project built and installed outside the checkout, once for all tests of a run."""

from __future__ import annotations

import fcntl
import os
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.support.installation import run, succeeded
from tests.support.paths import PROJECT


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "installed"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def built(shared: Path) -> Path:
    """The folder with ``wheel/``, ``sdist/``, and an environment ``env/`` that has the wheel.

    It is made once: the first worker makes it, the others wait. The installed wheel is the one that
    is built of the sdist. What the project requires is taken from the environment that runs the
    tests, so that nothing is downloaded.
    """
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").is_file():
            _build(shared)
            (shared / "done").touch()
    return shared


def _build(folder: Path) -> None:
    wheel, sdist, env = folder / "wheel", folder / "sdist", folder / "env"
    succeeded(
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheel, folder=PROJECT)
    )
    succeeded(
        run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", sdist, folder=PROJECT)
    )
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
    offline = ("--no-index", "--no-deps")
    source = next(sdist.glob("*.tar.gz"))
    made = folder / "wheel-of-sdist"
    succeeded(
        run(*pip, "wheel", *offline, "--no-build-isolation", "-w", made, source, folder=folder)
    )
    venv.create(env, with_pip=False, symlinks=True)
    python = env / "bin" / "python"
    succeeded(
        run(*pip, "--python", python, "install", *offline, *made.glob("*.whl"), folder=folder)
    )
    ours = next((env / "lib").glob("python3*")) / "site-packages"
    theirs = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (ours / "requirements.pth").write_text("\n".join(sorted(theirs)) + "\n")


@pytest.fixture
def env(built: Path) -> Path:
    """The environment's folder of commands."""
    return built / "env" / "bin"
