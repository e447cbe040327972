"""Every column of an audit row is under its digest, and every digest under the next (S12).

The digests here are computed from the documented form, not by the service's own function.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from server.models import AuditRow
from server.seed.demonstration import ACCOUNTS
from server.services import audit
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
ROWS = 4


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        for pin in ("1357", RIGHT, "1357"):
            running.verify(NUMBER, pin)
        yield running


def digest_of(previous: str, row: AuditRow) -> str:
    """SHA-256 over the digest before and the row, as compact JSON with sorted names."""
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    content = [previous, row.number, at, row.actor, row.action, row.subject, row.facts]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def broken_at(elms: Elms) -> int | None:
    with elms.context.database.read() as session:
        return audit.verify_chain(session).broken_at


def test_a_digest_is_computed_as_documented() -> None:
    row = AuditRow(
        number=7,
        at=datetime(2022, 12, 5, 16, 0, 0, 123, tzinfo=UTC),
        actor="user:3",
        action="pin.checked",
        subject="educator:5",
        facts={"result": "wrong", "call": "é"},
        digest="",
    )
    assert (
        audit.link("0" * 64, row)
        == "191eda00af94b4056aa44451a68bd31d0c84c1cef13ba9b70971d00bbd48d78f"
    )


def test_the_rows_of_a_service_form_a_chain(elms: Elms) -> None:
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert [row.number for row in rows] == [1, 2, 3, 4]
    for before, row in pairwise(rows):
        assert row.digest == digest_of(before.digest, row)


CHANGED: dict[str, Any] = {
    "number": 20,
    "at": datetime(2022, 12, 5, 16, 0, 0, 1, tzinfo=UTC),
    "actor": "user:1",
    "action": "pin.set",
    "subject": "educator:9",
    "facts": {},
    "digest": "0" * 64,
}


@pytest.mark.parametrize("number", [2, 3, ROWS])
@pytest.mark.parametrize("column", [column.key for column in AuditRow.__table__.columns])
def test_a_change_of_any_column_is_found_at_its_row(elms: Elms, column: str, number: int) -> None:
    with elms.context.database.write() as session:
        change = update(AuditRow).where(AuditRow.number == number)
        session.execute(change.values({column: CHANGED[column]}))
    assert broken_at(elms) == number


@pytest.mark.parametrize("number", range(1, ROWS + 1))
@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "facts"])
def test_recomputing_the_digest_of_a_changed_row_breaks_the_chain_after_it(
    elms: Elms, column: str, number: int
) -> None:
    with elms.context.database.write() as session:
        row = session.get_one(AuditRow, number)
        earlier = session.get(AuditRow, number - 1)
        setattr(row, column, CHANGED[column])
        row.digest = digest_of(earlier.digest if earlier else "0" * 64, row)
    assert broken_at(elms) == number + 1


@pytest.mark.parametrize("order", [(3, 2), (2, 4)])
def test_swapped_rows_are_found(elms: Elms, order: tuple[int, int]) -> None:
    one, other = order
    with elms.context.database.write() as session:
        for old, new in ((one, 99), (other, one), (99, other)):
            session.execute(update(AuditRow).where(AuditRow.number == old).values(number=new))
    assert broken_at(elms) == min(order)
