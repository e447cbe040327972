"""Row locks and orders that SQLite cannot show: they are in what PostgreSQL is asked.

SQLite lets one writer in at a time and keeps rows in the order of their numbers.
tests/server/test_row_locks.py shows on PostgreSQL what the locks do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select, event, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState, Session

from server.domain import NoticeKind
from server.models import Educator
from server.seed.demonstration import ACCOUNTS
from server.services import audit
from server.services.outbox import deliver, post
from server.services.pins import set_pin, standing
from server.services.retention import export
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@contextmanager
def asked_of_postgresql() -> Iterator[list[str]]:
    """Each query of a session, in one line, as it is for PostgreSQL."""
    found: list[str] = []

    def note(state: ORMExecuteState) -> None:
        if isinstance(state.statement, Select):
            query = str(state.statement.compile(dialect=DIALECT))
            found.append(" ".join(query.split()))

    event.listen(Session, "do_orm_execute", note)
    try:
        yield found
    finally:
        event.remove(Session, "do_orm_execute", note)


def first_educator(elms: Elms) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == NUMBER)).one()


def write_audit(elms: Elms) -> None:
    with elms.context.database.write() as session:
        audit.record(session, at=elms.clock.now, actor="a", action="pin.set", subject="s")


def purge_audit(elms: Elms) -> None:
    write_audit(elms)
    elms.clock.move(days=2)
    with elms.context.database.write() as session:
        assert audit.purge(session, elms.clock.now - timedelta(days=1), elms.clock.now)


def change_pin(elms: Elms) -> None:
    set_pin(elms.context, first_educator(elms), "7306", "7306", "test")


def verify(elms: Elms) -> None:
    assert elms.verify(NUMBER, RIGHT).json()["verified"]


def send_mail(elms: Elms) -> None:
    with elms.context.database.write() as session:
        post(session, first_educator(elms), NoticeKind.LOCKED, elms.clock.now)
    assert deliver(elms.context) == 1


@pytest.mark.parametrize(
    ("does", "table", "lock"),
    [
        (write_audit, "audit_head", "FOR UPDATE"),
        (purge_audit, "audit_head", "FOR UPDATE"),
        (change_pin, "phone_access", "FOR UPDATE"),
        (verify, "phone_access", "FOR UPDATE OF phone_access"),
        (send_mail, "outbox", "FOR UPDATE OF outbox SKIP LOCKED"),
    ],
)
def test_a_row_that_is_changed_by_what_it_holds_is_locked_first(
    elms: Elms, does: Callable[[Elms], None], table: str, lock: str
) -> None:
    with asked_of_postgresql() as asked:
        does(elms)
    locking = [one for one in asked if f"FROM {table}" in one]
    assert any(one.endswith(lock) for one in locking), locking


def test_a_row_that_is_only_looked_at_is_not_locked(elms: Elms) -> None:
    with asked_of_postgresql() as asked, elms.context.database.read() as session:
        standing(elms.context, session, first_educator(elms))
        audit.verify_chain(session)
    assert asked
    assert not any("FOR UPDATE" in one for one in asked)


def test_links_of_the_audit_trail_are_checked_in_their_order(elms: Elms) -> None:
    with asked_of_postgresql() as asked, elms.context.database.read() as session:
        audit.verify_chain(session)
    assert asked[-1].endswith("ORDER BY audit_rows.number")


def test_notices_are_sent_in_the_order_in_which_they_were_written(elms: Elms) -> None:
    with asked_of_postgresql() as asked:
        send_mail(elms)
    claims = [one for one in asked if "SKIP LOCKED" in one]
    assert claims
    assert all("ORDER BY outbox.id LIMIT" in one for one in claims)


@pytest.mark.parametrize(
    "column", ["attempts.id", "calls.id", "call_backs.id", "audit_rows.number", "outbox.id"]
)
def test_an_export_has_its_rows_in_the_order_in_which_they_came(elms: Elms, column: str) -> None:
    with asked_of_postgresql() as asked:
        export(elms.context, NUMBER)
    assert any(one.endswith(f"ORDER BY {column}") for one in asked), asked
