"""Stored calls: the list, one call as a conversation, and what representatives write about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.errors import RuleError
from server.models import Call
from server.pages.call_story import has_words, story
from server.pages.common import FormOk, StaffOnly, go_saying, page
from server.pages.plots import timeline
from server.services.call_notes import DISPOSITIONS, LONGEST_NOTE, add_note, set_disposition
from server.services.call_statistics import OUTCOMES
from server.services.handovers import handover_of
from server.services.sign_in import SignedIn

router = APIRouter(prefix="/calls", include_in_schema=False)
PER_PAGE, FURTHEST_PAGE = 50, 10_000
PageNumber = Annotated[int, Query(alias="page", ge=1, le=FURTHEST_PAGE)]


@router.get("")
def show_calls(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    outcome: Annotated[str, Query(max_length=20)] = "",
    number: PageNumber = 1,
) -> Response:
    """Stored calls, newest first."""
    return _calls(request, context, Search(outcome=outcome, page=number))


@router.post("", dependencies=[FormOk])
def search_calls(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    q: Annotated[str, Form(max_length=80)] = "",
    outcome: Annotated[str, Form(max_length=20)] = "",
    number: Annotated[int, Form(alias="page", ge=1, le=FURTHEST_PAGE)] = 1,
) -> Response:
    """The results of a search, one page at a time.

    The search term is usually a license number, so it is sent as a form: URLs stay in browser
    histories and proxy logs.
    """
    return _calls(request, context, Search(q.strip(), outcome, number))


@dataclass(frozen=True, slots=True)
class Search:
    """A search for calls, and the page to show."""

    words: str = ""
    outcome: str = ""
    page: int = 1


def _calls(request: Request, context: Context, search: Search) -> Response:
    query = select(Call)
    if search.words.isprintable() and search.words:
        mine = (Call.license_number == search.words) | (Call.call_id == search.words)
        query = query.where(mine)
    if search.outcome in OUTCOMES:
        query = query.where(Call.outcome == search.outcome)
    with context.database.read() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        calls = session.scalars(
            query.order_by(Call.started_at.desc(), Call.id.desc())
            .limit(PER_PAGE)
            .offset((search.page - 1) * PER_PAGE)
        ).all()
    return page(
        request,
        "calls.html",
        calls=calls,
        total=total,
        search=search,
        pages=max(1, -(-total // PER_PAGE)),
        outcomes=OUTCOMES,
    )


@router.get("/{call_id}")
def show_call(request: Request, context: ContextDep, me: StaffOnly, call_id: str) -> Response:
    """One call as a conversation and on a timeline, with its notes."""
    return _call(request, context, me, call_id)


@router.post("/{call_id}/notes", dependencies=[FormOk])
def save_note(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    call_id: str,
    note: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Write a note on a call; one that may hold a PIN is refused and not shown again."""
    try:
        add_note(context, me, call_id, note)
    except RuleError as error:
        return _call(request, context, me, call_id, str(error))
    return go_saying(request, me, f"/calls/{call_id}", "The note has been saved.")


@router.post("/{call_id}/disposition", dependencies=[FormOk])
def save_disposition(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    call_id: str,
    disposition: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Say what became of a call."""
    try:
        set_disposition(context, me, call_id, disposition)
    except RuleError as error:
        return _call(request, context, me, call_id, str(error))
    return go_saying(request, me, f"/calls/{call_id}", "Saved.")


def _call(
    request: Request, context: Context, me: SignedIn, call_id: str, problem: str | None = None
) -> Response:
    with context.database.read() as session:
        call = session.scalars(
            select(Call)
            .where(Call.call_id == call_id)
            .options(selectinload(Call.turns), selectinload(Call.notes))
        ).one_or_none()
    if call is None:
        raise HTTPException(404, "This call does not exist.")
    return page(
        request,
        "call.html",
        422 if problem else 200,
        call=call,
        card=handover_of(call, context.now()),
        is_open=me.opened_educator_id is not None and me.handled_call == call_id,
        exchanges=story(call),
        has_words=has_words(call),
        drawing=timeline(call),
        dispositions=DISPOSITIONS,
        longest_note=LONGEST_NOTE,
        problem=problem,
    )
