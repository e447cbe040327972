"""Each row lock of the service, with two real connections: what the first one does is seen.

A transaction changes a row and has not committed; the service comes for the same row and waits,
or goes by. SQLite lets one writer in at a time and has no row locks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from server.domain import CheckResult, NoticeKind
from server.errors import RuleError
from server.hashing import Hasher
from server.models import Attempt, AuditRow, Call, Educator, OutboxNotice, PhoneAccess, Pin, User
from server.seed.demonstration import ACCOUNTS
from server.services import audit, links
from server.services.handovers import take_handover
from server.services.outbox import deliver, post
from server.services.pins import set_pin, unlock
from server.services.sign_in import SignedIn
from server.services.tokens import end_tokens
from server.services.verification import Checked, Presented, verify
from tests.support.elms_service import BOT, POSTGRES, Elms, running_elms
from tests.support.patience import PATIENCE_S

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(
        POSTGRES is None,
        reason="SQLite has no row locks; scripts/with_postgres shows what they do",
    ),
]

T = TypeVar("T")
NUMBER, RIGHT, NEW = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or "", "7306"
NO_PIN_NUMBER = next(account.license_number for account in ACCOUNTS if account.pin is None)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
)
ISSUER = "https://sso.test"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path, sso={"issuer": ISSUER}) as running:
        yield running


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def until_waiting_or_done(elms: Elms, work: Future[Any]) -> None:
    """Until the database holds somebody up; not long where the work went by without waiting."""
    with elms.context.database.engine.connect() as connection:
        while not work.done() and not connection.scalar(WAITING):
            connection.rollback()


@contextmanager
def uncommitted(elms: Elms) -> Iterator[Session]:
    """A transaction of another process, committed at the end of the block."""
    with Session(elms.context.database.engine) as session, session.begin():
        yield session


def meets(
    elms: Elms, pool: ThreadPoolExecutor, first: Callable[[Session], object], work: Callable[[], T]
) -> T:
    """What the work brings that begins while the first transaction is open."""
    with uncommitted(elms) as session:
        first(session)
        session.flush()
        begun = pool.submit(work)
        until_waiting_or_done(elms, begun)
    return begun.result(timeout=PATIENCE_S)


def educator_id(elms: Elms, number: str = NUMBER) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == number)).one()


def locked(elms: Elms) -> Any:
    until = elms.clock.now + timedelta(hours=24)
    return (
        update(PhoneAccess)
        .where(PhoneAccess.educator_id == educator_id(elms))
        .values(locked_until=until, lockouts=1)
    )


def held(session: Session, owner: int) -> None:
    """As every change of an account begins."""
    access = select(PhoneAccess).where(PhoneAccess.educator_id == owner).with_for_update()
    session.scalars(access).one()


def present(elms: Elms, pin: str = RIGHT) -> Checked:
    return verify(elms.context, Presented(NUMBER, pin, uuid4().hex, 1, "dtmf", None))


# -- the desk ----------------------------------------------------------------------------------


def test_only_one_of_two_representatives_claims_the_caller(
    elms: Elms, pool: ThreadPoolExecutor
) -> None:
    hand_over(elms)
    taken = update(Call).where(Call.call_id == "call-1").values(taken_at=elms.clock.now)
    assert not meets(
        elms,
        pool,
        lambda session: session.execute(taken),
        lambda: take_handover(elms.context, representative(), "call-1"),
    )
    assert "account.opened" not in actions(elms)


def representative() -> SignedIn:
    return SignedIn(
        digest="none",
        csrf="",
        user_id=1,
        username="representative",
        display_name="",
        role="representative",
        educator_id=None,
        fresh=True,
        local=True,
        opened_educator_id=None,
        call_id=None,
        handled_call=None,
        flash=None,
    )


def hand_over(elms: Elms) -> None:
    assert elms.verify(NUMBER, RIGHT, call_id="call-1").json()["verified"]
    record = {
        "call_id": "call-1",
        "started_utc": elms.clock.now.isoformat(),
        "line": "text",
        "duration_ms": 60_000,
        "outcome": {"outcome": "transferred", "reason": "asked", "verified": True},
        "handover": {"reason": "asked", "license_number": NUMBER, "verified": True},
    }
    assert elms.client.put("/api/v1/calls/call-1", json=record, headers=BOT).status_code == 204


def actions(elms: Elms) -> list[str]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.number)))


# -- the account -------------------------------------------------------------------------------


def test_two_first_pins_at_once_are_a_first_and_a_change(
    elms: Elms, pool: ThreadPoolExecutor
) -> None:
    owner = educator_id(elms, NO_PIN_NUMBER)

    def first(session: Session) -> None:
        held(session, owner)
        digest = elms.context.hasher.hash_pin(NEW)
        session.add(Pin(educator_id=owner, digest=digest, set_at=elms.clock.now))

    kind = meets(elms, pool, first, lambda: set_pin(elms.context, owner, "8361", "8361", "test"))
    assert kind is NoticeKind.PIN_CHANGED


def test_a_lock_is_lifted_once_and_reported_once(elms: Elms, pool: ThreadPoolExecutor) -> None:
    with elms.context.database.write() as session:
        session.execute(locked(elms))
    owner = educator_id(elms)
    opened = update(PhoneAccess).where(PhoneAccess.educator_id == owner).values(locked_until=None)
    assert not meets(
        elms,
        pool,
        lambda session: session.execute(opened),
        lambda: unlock(elms.context, owner, "test"),
    )
    assert "phone.unlocked" not in actions(elms)


def test_a_lock_that_starts_while_a_right_pin_is_settled_counts(
    elms: Elms, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is under way when the PIN was found right and is about to be settled."""
    close = locked(elms)
    check = Hasher.check_pin
    open_ = Session(elms.context.database.engine)

    def then_lock(self: Hasher, digest: str | None, pin: str, costs: Collection[str]) -> bool:
        open_.execute(close)
        return check(self, digest, pin, costs)

    monkeypatch.setattr(Hasher, "check_pin", then_lock)
    begun = pool.submit(present, elms)
    until_waiting_or_done(elms, begun)
    open_.commit()
    open_.close()
    assert begun.result(timeout=PATIENCE_S).result is CheckResult.LOCKED


def test_an_old_pin_is_worthless_once_its_change_began(
    elms: Elms, pool: ThreadPoolExecutor
) -> None:
    """Whoever presents it meanwhile waits, and is checked against the new one."""
    owner = educator_id(elms)

    def change(session: Session) -> None:
        held(session, owner)
        session.get_one(Pin, owner).digest = elms.context.hasher.hash_pin(NEW)
        session.execute(update(Attempt).values(outdated=True))
        end_tokens(session, owner)

    assert meets(elms, pool, change, lambda: present(elms)).result is CheckResult.WRONG
    assert present(elms, NEW).result is CheckResult.VERIFIED


def test_an_account_is_linked_once(elms: Elms, pool: ThreadPoolExecutor) -> None:
    linked = (
        update(User)
        .where(User.username == NUMBER)
        .values(oidc_issuer=ISSUER, oidc_subject="somebody")
    )
    with pytest.raises(RuleError):
        meets(
            elms,
            pool,
            lambda session: session.execute(linked),
            lambda: links.link_user(elms.context, NUMBER, "another"),
        )


# -- audit and mail ----------------------------------------------------------------------------


def test_two_audit_rows_at_once_are_two_links(elms: Elms, pool: ThreadPoolExecutor) -> None:
    def write(session: Session, actor: str) -> None:
        audit.record(session, at=elms.clock.now, actor=actor, action="call.taken", subject="s")

    def second() -> None:
        with elms.context.database.write() as session:
            write(session, "second")

    meets(elms, pool, lambda session: write(session, "first"), second)
    with elms.context.database.read() as session:
        report = audit.verify_chain(session)
        last = session.scalars(select(AuditRow.actor).order_by(AuditRow.number.desc()).limit(2))
        assert last.all() == ["second", "first"]
    assert report.broken_at is None


def test_a_notice_claimed_by_another_process_is_skipped(
    elms: Elms, pool: ThreadPoolExecutor
) -> None:
    with elms.context.database.write() as session:
        for _ in range(2):
            post(session, educator_id(elms), NoticeKind.LOCKED, elms.clock.now)
    with elms.context.database.read() as session:
        first = session.scalars(select(func.min(OutboxNotice.id))).one()
    claimed = update(OutboxNotice).where(OutboxNotice.id == first)
    with uncommitted(elms) as session:
        session.execute(claimed.values(claimed_at=elms.clock.now))
        sent = pool.submit(deliver, elms.context).result(timeout=PATIENCE_S)
    assert sent == 1
    with elms.context.database.read() as session:
        unsent = select(OutboxNotice.id).where(OutboxNotice.sent_at.is_(None))
        assert session.scalars(unsent).all() == [first]
