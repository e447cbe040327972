"""Retention, and the data exported for a records request; neither reveals secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from server.context import Context
from server.errors import RuleError
from server.models import (
    Application,
    Attempt,
    AuditRow,
    Base,
    Budget,
    BudgetUse,
    Call,
    CallBack,
    CallToken,
    Educator,
    OutboxNotice,
    PhoneAccess,
    Pin,
    User,
    WebSession,
)
from server.sealing import Sealer
from server.services import audit
from server.services.budgets import LONGEST_WINDOW
from server.services.future_times import cut_all_times_ahead
from server.services.locks import DAY


@dataclass(frozen=True, slots=True)
class Purged:
    """Numbers of rows removed."""

    attempts: int
    calls: int
    call_backs: int
    audit_rows: int
    tokens: int
    sessions: int
    notices: int


def purge(context: Context) -> Purged:
    """Remove what is older than its retention, except attempts that still count."""
    now, keep = context.now(), context.settings.retention
    attempts_before = now - max(timedelta(days=keep.attempts_days), DAY)
    calls_before = now - timedelta(days=keep.calls_days)
    call_backs_before = now - timedelta(days=keep.call_backs_days)
    old_call = (Call.started_at < calls_before) | (Call.stored_at < calls_before)
    with context.database.write() as session:
        cut_all_times_ahead(session, context.settings, now)
        _forget_budgets(session, now)
        purged = Purged(
            attempts=_delete(session, Attempt, Attempt.at < attempts_before),
            calls=_delete(session, Call, old_call),
            call_backs=_delete(session, CallBack, CallBack.stored_at < call_backs_before),
            tokens=_delete(session, CallToken, CallToken.expires_at < now),
            sessions=_delete(session, WebSession, WebSession.expires_at < now),
            notices=_delete(session, OutboxNotice, OutboxNotice.sent_at < attempts_before),
            audit_rows=audit.purge(session, now - timedelta(days=keep.audit_days), now),
        )
        audit.record(
            session,
            at=now,
            actor="operator",
            action="retention.purged",
            subject="database",
            facts={"attempts": purged.attempts, "calls": purged.calls, "audit": purged.audit_rows},
        )
    return purged


def forget_budgets(context: Context) -> None:
    """Remove expired budgets, since strangers create them by signing in with invented names."""
    with context.database.write() as session:
        _forget_budgets(session, context.now())


def _forget_budgets(session: Session, now: datetime) -> None:
    _delete(session, BudgetUse, BudgetUse.at <= now - LONGEST_WINDOW)
    _delete(session, Budget, Budget.key.not_in(select(BudgetUse.key)))


def _delete(session: Session, table: type[Base], condition: Any) -> int:
    key = next(iter(table.__table__.primary_key))
    statement = delete(table).where(condition).returning(key)
    return len(session.execute(statement).all())


def export(context: Context, license_number: str) -> dict[str, Any]:
    """All data kept of one educator, without digests. Raises RuleError for an unknown number."""
    with context.database.write() as session:
        educator = session.scalars(
            select(Educator)
            .where(Educator.license_number == license_number)
            .options(
                selectinload(Educator.applications).selectinload(Application.documents),
                selectinload(Educator.licenses),
                selectinload(Educator.activities),
                selectinload(Educator.letters),
            )
        ).one_or_none()
        if educator is None:
            raise RuleError(f"no educator has the license number {license_number}")
        audit.record(
            session,
            at=context.now(),
            actor="operator",
            action="record.exported",
            subject=f"educator:{educator.id}",
        )
        return _export(session, educator, context.numbers)


def _export(session: Session, educator: Educator, numbers: Sealer) -> dict[str, Any]:
    subject = f"educator:{educator.id}"
    access = session.get_one(PhoneAccess, educator.id)
    pin = session.get(Pin, educator.id)
    of_educator = Attempt.educator_id == educator.id
    attempts = session.scalars(select(Attempt).where(of_educator).order_by(Attempt.id))
    calls = session.scalars(
        select(Call)
        .where(Call.license_number == educator.license_number)
        .options(selectinload(Call.turns), selectinload(Call.notes))
        .order_by(Call.id)
    )
    promises = session.scalars(
        select(CallBack)
        .join(Call, Call.call_id == func.coalesce(CallBack.earlier_call_id, CallBack.call_id))
        .where(Call.license_number == educator.license_number)
        .order_by(CallBack.id)
    )
    user = session.scalars(select(User).where(User.educator_id == educator.id)).one_or_none()
    subjects = [subject, f"user:{user.id}"] if user else [subject]
    rows = session.scalars(
        select(AuditRow).where(AuditRow.subject.in_(subjects)).order_by(AuditRow.number)
    )
    notices = session.scalars(
        select(OutboxNotice)
        .where(OutboxNotice.educator_id == educator.id)
        .order_by(OutboxNotice.id)
    )
    return {
        "educator": _plain(educator, "license_number", "name", "email"),
        "web_account": _account(user) if user else None,
        "licenses": [_plain(each) for each in educator.licenses],
        "applications": [
            _plain(each) | {"documents": [_plain(document) for document in each.documents]}
            for each in educator.applications
        ],
        "activities": [_plain(each) for each in educator.activities],
        "letters": [_plain(each) for each in educator.letters],
        "telephone": {
            "pace": access.pace,
            "locked_until": _text(access.locked_until),
            "pin_set_at": _text(pin.set_at) if pin else None,
        },
        "notices": [_plain(each, "kind", "created_at", "sent_at") for each in notices],
        "pin_checks": [
            _plain(each, "at", "channel", "mode", "result", "reason") for each in attempts
        ],
        "calls": [
            _plain(each)
            | {
                "turns": [_plain(turn) for turn in each.turns],
                "notes": [_plain(note, "at", "text") for note in each.notes],
            }
            for each in calls
        ],
        "call_backs": [
            _plain(each, "asked_at", "earliest", "latest", "done_at", "note")
            | {"number": numbers.open(each.sealed_number)}
            for each in promises
        ],
        "audit": [_plain(each, "at", "actor", "action", "facts") for each in rows],
    }


def _account(user: User) -> dict[str, Any]:
    return _plain(user, "username", "display_name", "oidc_issuer", "oidc_subject")


HIDDEN = frozenset({"id", "educator_id", "application_id", "call_row_id", "taken_by_id"})


def _plain(row: Base, *names: str) -> dict[str, Any]:
    chosen = names or [each.key for each in type(row).__mapper__.column_attrs]
    return {name: _text(getattr(row, name)) for name in chosen if name not in HIDDEN}


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
