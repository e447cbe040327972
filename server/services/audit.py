"""Audit rows, each chained to the previous one by SHA-256 (S12).

Changing, removing, or inserting a row breaks the chain at that point; ``verify_chain`` finds it.
Retention removes the oldest rows and keeps their last digest as the new base of the chain. A chain
reveals tampering unless all of it is rewritten; to detect that too, copy the head digest that
``elms-server verify-audit`` prints to another system's log from time to time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.models import AuditHead, AuditRow

HEAD = 1
Action = Literal[
    "account.opened",
    "call.closed",
    "call.noted",
    "call.stored",
    "call.taken",
    "call_back.done",
    "call_back.promised",
    "calls.invented",
    "database.backed_up",
    "database.restored",
    "database.seeded",
    "file.imported",
    "holiday.added",
    "holiday.removed",
    "hours.set",
    "pace.set",
    "password.set",
    "phone.unlocked",
    "pin.changed",
    "pin.checked",
    "pin.set",
    "prompt.edited",
    "prompt.restored",
    "record.exported",
    "record.removed",
    "reset.started",
    "retention.purged",
    "sign-in.failed",
    "sign-in.succeeded",
    "unlock.without-lock",
    "user.added",
    "user.disabled",
    "user.enabled",
    "user.linked",
    "user.password-replaced",
    "user.password-set",
    "user.role-set",
    "user.signed-out",
    "user.unlinked",
    "weeks.set",
]
"""The actions that can be recorded; server/pages/audit_words.py has the words for each."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of verification: the number of rows, the head digest, the first broken row if any."""

    rows: int
    head: str
    broken_at: int | None = None
    why: str = ""


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: Action,
    subject: str,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Append one row. The lock on the head row serializes writers; facts must hold no secrets."""
    head = session.scalars(
        select(AuditHead)
        .where(AuditHead.id == HEAD)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row = AuditRow(
        number=head.number + 1,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        facts=dict(facts or {}),
        digest="",
    )
    row.digest = link(head.digest, row)
    session.add(row)
    session.execute(
        update(AuditHead)
        .where(AuditHead.id == HEAD)
        .values(number=row.number, digest=row.digest)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def link(previous: str, row: AuditRow) -> str:
    """The digest of a row chained to the previous digest."""
    content = json.dumps(
        [
            previous,
            row.number,
            row.at.isoformat(timespec="microseconds"),
            row.actor,
            row.action,
            row.subject,
            row.facts,
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()


def verify_chain(session: Session) -> ChainReport:
    """Recompute every link."""
    head = session.scalars(select(AuditHead).where(AuditHead.id == HEAD)).one()
    digest, number, count = head.base_digest, head.base_number, 0
    rows = session.scalars(
        select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1_000)
    )
    for row in rows:
        if row.number != number + 1:
            return ChainReport(count, digest, number + 1, "a row is missing")
        if link(digest, row) != row.digest:
            return ChainReport(count, digest, row.number, "the row was changed")
        digest, number, count = row.digest, row.number, count + 1
    if (number, digest) != (head.number, head.digest):
        return ChainReport(count, digest, number + 1, "the last rows are missing")
    return ChainReport(count, digest)


def purge(session: Session, before: datetime, now: datetime) -> int:
    """Remove rows older than a time from the front, and move the base; return how many.

    The first recent row and everything after it stay, even rows with old dates because the clock
    was slow. A row dated in the future goes with its neighbors.
    """
    young = select(func.min(AuditRow.number)).where(AuditRow.at >= before, AuditRow.at <= now)
    old = select(AuditRow).where(AuditRow.at < before).order_by(AuditRow.number.desc()).limit(1)
    first_young = session.scalar(young)
    if first_young is not None:
        old = old.where(AuditRow.number < first_young)
    last = session.scalars(old).first()
    if last is None:
        return 0
    session.scalars(select(AuditHead).where(AuditHead.id == HEAD).with_for_update()).one()
    removed = session.scalars(
        delete(AuditRow).where(AuditRow.number <= last.number).returning(AuditRow.number)
    ).all()
    session.execute(
        update(AuditHead)
        .where(AuditHead.id == HEAD)
        .values(base_number=last.number, base_digest=last.digest)
    )
    return len(removed)
