"""Removing one educator with everything that is kept of them, for a request or a mistake."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.context import Context
from server.errors import RuleError
from server.models import Call, CallBack, Educator
from server.services import audit


@dataclass(frozen=True, slots=True)
class Removed:
    """Data removed along with the account: calls with their turns and notes, and call-backs."""

    calls: int
    call_backs: int


def remove_educator(context: Context, license_number: str) -> Removed:
    """Remove the account, its records, PIN, attempts, letters, calls, and call-backs.

    Audit rows stay, because each is chained to the next; they name the account by a number that
    then belongs to nobody. Raises RuleError for an unknown license number.
    """
    with context.database.write() as session:
        educator_id = session.scalar(
            select(Educator.id).where(Educator.license_number == license_number)
        )
        if educator_id is None:
            raise RuleError("there is no such educator")
        removed = _remove_calls(session, license_number)
        session.execute(delete(Educator).where(Educator.id == educator_id))
        audit.record(
            session,
            at=context.now(),
            actor="operator",
            action="record.removed",
            subject=f"educator:{educator_id}",
            facts={"calls": removed.calls, "call_backs": removed.call_backs},
        )
    return removed


def _remove_calls(session: Session, license_number: str) -> Removed:
    theirs = Call.license_number == license_number
    call_of_promise = func.coalesce(CallBack.earlier_call_id, CallBack.call_id)
    promises = delete(CallBack).where(call_of_promise.in_(select(Call.call_id).where(theirs)))
    call_backs = session.execute(promises.returning(CallBack.id)).all()
    calls = session.execute(delete(Call).where(theirs).returning(Call.id)).all()
    return Removed(len(calls), len(call_backs))
