"""The audit log, newest rows first, and whether its chain is intact; for supervisors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from server.dependencies import ContextDep
from server.models import AuditHead, AuditRow, Educator, User
from server.pages import audit_words
from server.pages.common import SupervisorOnly, page
from server.services.audit import HEAD, verify_chain

PER_PAGE = 50
CHECKED_UNASKED = 5_000
"""Rows up to which every look at the page verifies the chain; beyond, a link asks for it."""
router = APIRouter(prefix="/audit", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """One row in words; ``call`` is the call that it is about, if any."""

    number: int
    at: datetime
    who: str
    what: str
    of: str
    call: str | None
    facts: list[tuple[str, str]]


@router.get("")
def show(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    action: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int, Query(ge=1, lt=2**31)] = 2**31 - 1,
    check: bool = False,
) -> Response:
    """One page of the log, from a row's number downward, of all actions or one."""
    with context.database.read() as session:
        query = select(AuditRow).where(AuditRow.number < before)
        if action:
            query = query.where(AuditRow.action == action)
        rows = session.scalars(query.order_by(AuditRow.number.desc()).limit(PER_PAGE)).all()
        actions = session.scalars(select(AuditRow.action).distinct().order_by("action")).all()
        names = _names(session, rows)
        head = session.get_one(AuditHead, HEAD)
        total = session.scalar(select(func.count()).select_from(AuditRow)) or 0
        chain = verify_chain(session) if check or total <= CHECKED_UNASKED else None
    return page(
        request,
        "audit.html",
        rows=[_told(row, names) for row in rows],
        actions=sorted((audit_words.action(each), each) for each in actions),
        action=action,
        older=rows[-1].number if len(rows) == PER_PAGE else None,
        total=total,
        head=head,
        chain=chain,
    )


def _told(row: AuditRow, names: Mapping[str, str]) -> Told:
    about = row.subject.partition(":")
    return Told(
        number=row.number,
        at=row.at,
        who=audit_words.who(row.actor, names),
        what=audit_words.action(row.action),
        of=audit_words.subject(row.subject, names),
        call=about[2] if about[0] == "call" else None,
        facts=audit_words.facts(row.facts),
    )


def _names(session: Session, rows: Sequence[AuditRow]) -> dict[str, str]:
    """Names of the accounts and educators in these rows, as rows refer to them."""
    users = select(User.id, User.display_name).where(User.id.in_(_numbers(rows, "user")))
    educators = select(Educator.id, Educator.name, Educator.license_number).where(
        Educator.id.in_(_numbers(rows, "educator"))
    )
    return {f"user:{row.id}": row.display_name for row in session.execute(users)} | {
        f"educator:{row.id}": f"{row.name}, {row.license_number}"
        for row in session.execute(educators)
    }


def _numbers(rows: Sequence[AuditRow], kind: str) -> set[int]:
    return {
        int(match[1])
        for row in rows
        for text in (row.actor, row.subject)
        if (match := re.fullmatch(rf"{kind}:(\d+)", text))
    }
