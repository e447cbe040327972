"""Fixtures that every layer shares."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

# Before torch and numpy read it: threads of several processes that wait for each other take four
# times as much of a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.support.environment import FOR_TESTS

os.environ.update({**FOR_TESTS, **os.environ})

# A shell's background job ignores Ctrl-C, and so would every command that is interrupted in a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest
import structlog
from hypothesis import settings

from tests.support.paths import PROJECT

TIMEOUT_S = 60
"""After which a test hangs, unless its mark ``timeout`` says otherwise. Most take under a second; a
busy machine may give them an eighth of what they need."""

ENGINES_TIMEOUT_S = 600
"""The same for those that start engines, processes, databases or a browser."""

LONGEST = ("e2e", "browser", "system", "acoustic", "audio")
ENGINES = ("audio", "e2e", "browser", "acoustic", "system", "server", "contract")

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for tests that wait in real time leave theirs idle."""
    return (os.cpu_count() or 1) + 1


def pytest_collection() -> None:
    """What is collected stays: looking for garbage in it takes seconds, then and at every test."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Tests leave garbage, but not among what was collected."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Limit every test; ELMS_TEST_TIMEOUT_S takes the place of a minute, and scales the others.

    Workers begin with the files whose tests take longest, so that they end together.
    """
    scale = float(os.environ.get("ELMS_TEST_TIMEOUT_S", TIMEOUT_S)) / TIMEOUT_S
    for item in items:
        item.add_marker(pytest.mark.timeout(_limit_s(item) * scale), append=False)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not _any_of(item, LONGEST))


def _limit_s(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    if mark is not None:
        return float(mark.args[0])
    return ENGINES_TIMEOUT_S if _any_of(item, ENGINES) else TIMEOUT_S


def _any_of(item: pytest.Item, layers: Iterable[str]) -> bool:
    return any(item.get_closest_marker(layer) for layer in layers)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that was run in a test leaves its log behind, which closes with the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The recordings beside the project; tests that need them skip without."""
    folder = PROJECT.parent / "shared"
    if not (folder / "audio").is_dir():
        pytest.skip("the recordings folder ../shared is not here")
    return folder


def pytest_report_header() -> str:
    """Say which database the server's tests run on."""
    postgres = "ELMS_TEST_DATABASE_URL" in os.environ
    return f"server tests run on {'PostgreSQL' if postgres else 'SQLite'}"
