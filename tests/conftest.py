"""Fixtures that every layer shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.paths import PROJECT

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
