"""What a check of the audit chain reports, and what a purge leaves of it (S12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Table, create_engine, delete, select, update
from sqlalchemy.orm import Session

from server.models import AuditHead, AuditRow, Base
from server.services import audit
from server.services.audit import ChainReport

pytestmark = pytest.mark.server

NOW = datetime(2022, 12, 5, 16, tzinfo=UTC)
NOTHING = "0" * 64


@pytest.fixture
def session() -> Iterator[Session]:
    """A database with an audit chain alone."""
    engine = create_engine("sqlite://")
    tables = [cast(Table, each.__table__) for each in (AuditRow, AuditHead)]
    Base.metadata.create_all(engine, tables)
    with Session(engine) as opened:
        head = AuditHead(id=1, number=0, digest=NOTHING, base_number=0, base_digest=NOTHING)
        opened.add(head)
        opened.flush()
        yield opened
    engine.dispose()


def write(session: Session, *ages: int) -> list[str]:
    """A row for each age in days; returns all digests, the one that the chain begins with first."""
    for age in ages:
        at = NOW - timedelta(days=age)
        facts = {"a": age}
        audit.record(
            session, at=at, actor="bot", action="call.stored", subject=f"{age}", facts=facts
        )
    session.expire_all()
    return [NOTHING, *session.scalars(select(AuditRow.digest).order_by(AuditRow.number))]


@pytest.mark.parametrize(
    ("missing", "rows", "broken", "why"),
    [
        ((), 4, None, ""),
        ((1,), 0, 1, "a row is missing"),
        ((2,), 1, 2, "a row is missing"),
        ((3,), 2, 3, "a row is missing"),
        ((4,), 3, 4, "the last rows are missing"),
        ((3, 4), 2, 3, "the last rows are missing"),
        ((1, 2, 3, 4), 0, 1, "the last rows are missing"),
    ],
)
def test_a_report_counts_the_rows_up_to_the_first_that_is_missing(
    session: Session, missing: tuple[int, ...], rows: int, broken: int | None, why: str
) -> None:
    digests = write(session, 0, 0, 0, 0)
    session.execute(delete(AuditRow).where(AuditRow.number.in_(missing)))
    assert audit.verify_chain(session) == ChainReport(rows, digests[rows], broken, why)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_report_counts_the_rows_up_to_the_first_that_was_changed(
    session: Session, number: int
) -> None:
    digests = write(session, 0, 0, 0, 0)
    session.execute(update(AuditRow).where(AuditRow.number == number).values(actor="x"))
    report = ChainReport(number - 1, digests[number - 1], number, "the row was changed")
    session.expire_all()
    assert audit.verify_chain(session) == report


@pytest.mark.parametrize(
    ("column", "value"),
    [("number", 5), ("digest", "1" * 64), ("base_number", 1), ("base_digest", "1" * 64)],
)
def test_a_head_that_was_changed_is_found(session: Session, column: str, value: int | str) -> None:
    write(session, 0, 0)
    session.execute(update(AuditHead).values({column: value}))
    session.expire_all()
    assert audit.verify_chain(session).broken_at is not None


def test_a_row_has_all_that_was_recorded_and_the_next_number(session: Session) -> None:
    audit.record(session, at=NOW, actor="user:3", action="pin.set", subject="educator:5")
    audit.record(
        session, at=NOW, actor="bot", action="call.taken", subject="z", facts={"call": "a", "n": 1}
    )
    rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert [
        (row.number, row.at, row.actor, row.action, row.subject, row.facts) for row in rows
    ] == [
        (1, NOW, "user:3", "pin.set", "educator:5", {}),
        (2, NOW, "bot", "call.taken", "z", {"call": "a", "n": 1}),
    ]
    head = session.scalars(select(AuditHead)).one()
    session.refresh(head)
    assert (head.number, head.digest, head.base_number) == (2, rows[1].digest, 0)


@pytest.mark.parametrize(
    ("ages", "left"),
    [
        ((), []),
        ((9, 8, 7), []),
        ((9, 8, 5), []),
        ((9, 8, 4), [3]),
        ((9, 8, 0), [3]),
        ((9, 3, 8), [2, 3]),
        ((9, 8, -1), [3]),
        ((-1, 9, 2), [3]),
        ((-1, 9, 9), []),
        ((2, 9, 9), [1, 2, 3]),
        ((-1, -1, -1), [1, 2, 3]),
    ],
)
def test_a_purge_removes_the_rows_before_the_first_recent_one(
    session: Session, ages: tuple[int, ...], left: list[int]
) -> None:
    """Ages in days; what is older than four goes, and a row of tomorrow with its neighbors."""
    digests, before = write(session, *ages), NOW - timedelta(days=4)
    gone = len(ages) - len(left)
    assert audit.purge(session, before, NOW) == gone
    numbers = select(AuditRow.number).order_by(AuditRow.number)
    assert list(session.scalars(numbers)) == left
    session.expire_all()
    head = session.scalars(select(AuditHead)).one()
    assert (head.number, head.digest) == (len(ages), digests[-1])
    assert (head.base_number, head.base_digest) == (gone, digests[gone])
    assert audit.verify_chain(session) == ChainReport(len(left), digests[-1])
    assert audit.purge(session, before, NOW) == 0
    audit.record(session, at=NOW, actor="x", action="call.stored", subject="x")
    assert audit.verify_chain(session).rows == len(left) + 1
