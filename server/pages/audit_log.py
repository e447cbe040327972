"""The audit log, newest rows first, and whether its chain is whole; for supervisors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from server.dependencies import ContextDep
from server.models import AuditHead, AuditRow, User
from server.pages.common import SupervisorOnly, page
from server.services.audit import HEAD, verify_chain

PER_PAGE = 50
CHECKED_UNASKED = 5_000
"""Rows up to which every look at the page verifies the chain; beyond, a link asks for it."""
router = APIRouter(prefix="/audit", include_in_schema=False)


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
        names = {f"user:{user_id}": name for user_id, name in _names(session, rows)}
        head = session.get_one(AuditHead, HEAD)
        total = session.scalar(select(func.count()).select_from(AuditRow)) or 0
        chain = verify_chain(session) if check or total <= CHECKED_UNASKED else None
    return page(
        request,
        "audit.html",
        rows=rows,
        names=names,
        actions=actions,
        action=action,
        older=rows[-1].number if len(rows) == PER_PAGE else None,
        total=total,
        head=head,
        chain=chain,
    )


def _names(session: Session, rows: Sequence[AuditRow]) -> list[tuple[int, str]]:
    """Names of the people in these rows, by the IDs of their accounts."""
    found = {
        int(match[1])
        for row in rows
        for text in (row.actor, row.subject)
        if (match := re.fullmatch(r"user:(\d+)", text))
    }
    names = select(User.id, User.display_name).where(User.id.in_(found))
    return [(row.id, row.display_name) for row in session.execute(names)]
