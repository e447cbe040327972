"""Readiness on a full disk: a service that cannot write says so (S16)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.elms_service import POSTGRES, Elms, running_elms
from tests.support.full_disk import room_for

pytestmark = pytest.mark.server


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def why_not(elms: Elms) -> tuple[int, str]:
    answer = elms.client.get("/ready")
    return answer.status_code, answer.json().get("detail", "")


def test_a_service_that_can_work_is_ready(elms: Elms) -> None:
    assert [why_not(elms) for _ in range(3)] == [(200, "")] * 3


@pytest.mark.skipif(POSTGRES is not None, reason="about SQLite's own file")
def test_a_service_that_cannot_write_is_not_ready(elms: Elms) -> None:
    with room_for(1):
        assert why_not(elms) == (503, "the database cannot write")
        assert why_not(elms)[0] == 503
    assert why_not(elms) == (200, "")


def test_a_service_on_a_nearly_full_disk_is_not_ready(tmp_path: Path) -> None:
    with running_elms(tmp_path, disk_free_mib=1_000_000) as elms:
        assert why_not(elms) == (503, "the disk is nearly full")
    with running_elms(tmp_path, disk_free_mib=0) as elms:
        assert why_not(elms) == (200, "")
