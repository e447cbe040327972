"""The representatives' page of call-backs that callers were promised."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.dependencies import ContextDep
from server.errors import RuleError
from server.pages.common import FormOk, StaffOnly, go_saying, page, templates
from server.services.call_backs import LONGEST_NOTE, done_promises, mark_done, open_promises

ADDRESS = "/call-backs"
router = APIRouter(prefix=ADDRESS, include_in_schema=False)


@router.get("")
def show(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """Show the call-backs still to be made, and those made recently."""
    return page(
        request,
        "call_backs.html",
        waiting=open_promises(context),
        done=done_promises(context),
        longest_note=LONGEST_NOTE,
    )


@router.post("/done", dependencies=[FormOk])
def done(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    call_back: Annotated[int, Form(ge=1, lt=2**31)],
    note: Annotated[str, Form(max_length=1_000)] = "",
) -> Response:
    """Note that the caller was called."""
    try:
        is_first = mark_done(context, me, call_back, note)
    except RuleError as error:
        return go_saying(request, me, ADDRESS, str(error))
    words = "Noted as done." if is_first else "Somebody else has noted this call as done."
    return go_saying(request, me, ADDRESS, words)


def telephone(digits: str) -> str:
    """Format a ten-digit number in U.S. format."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


templates.env.filters["telephone"] = telephone
