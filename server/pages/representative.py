"""A representative's pages: check the caller, see the account for that call, send a reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep, MetricsDep
from server.domain import Channel
from server.errors import RuleError
from server.models import Educator
from server.pages.common import FormOk, StaffOnly, go, go_saying, page
from server.services.accounts import account_of
from server.services.outbox import deliver
from server.services.representative_desk import (
    REASONS,
    check_caller,
    end_call,
    handovers,
    start_reset,
    take_handover,
)
from server.services.sign_in import SignedIn

router = APIRouter(prefix="/desk", include_in_schema=False)
LicenseField = Annotated[str, Form(max_length=12)]


@router.get("")
def show_desk(request: Request, context: ContextDep, me: StaffOnly, call: str = "") -> Response:
    """The page to check a caller, with the handed-over calls, or the one that is ringing."""
    return _desk(request, context, me, ringing=call)


@router.post("/check", dependencies=[FormOk])
def check(  # noqa: PLR0913, PLR0917 - a form's fields
    request: Request,
    context: ContextDep,
    metrics: MetricsDep,
    me: StaffOnly,
    later: BackgroundTasks,
    license_number: LicenseField = "",
    pin: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Check the number and PIN that the caller gave; the result is one of three words."""
    number, digits = license_number.strip(), pin.strip()
    entered = {"number": number, "reason": reason}
    if not (number.isascii() and number.isdigit() and digits.isascii() and digits.isdigit()):
        return _desk(
            request, context, me, problem="License number and PIN must be digits.", entered=entered
        )
    try:
        verdict, result = check_caller(context, me, number, digits, reason)
    except RuleError as error:
        return _desk(request, context, me, problem=str(error), entered=entered)
    metrics.checked(Channel.REPRESENTATIVE, result)
    later.add_task(deliver, context)
    response: Response = go("/desk/account")
    if verdict != "verified":
        response = _desk(request, context, me, verdict=verdict, entered=entered)
    response.background = later
    return response


@router.get("/account")
def account(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """The account of the verified caller, until the call ends."""
    if me.opened_educator_id is None:
        return go("/desk")
    with context.database.read() as session:
        facts = account_of(
            session, me.opened_educator_id, context.today(), context.settings.expiring_days
        )
        educator = session.get(Educator, me.opened_educator_id)
    return page(request, "desk_account.html", account=facts, educator=educator)


@router.post("/take", dependencies=[FormOk])
def take(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    call_id: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Take over a call whose caller the telephone has verified."""
    if take_handover(context, me, call_id):
        return go("/desk/account")
    return go_saying(
        request,
        me,
        "/desk",
        "That call was already taken, or ended too long ago. Please check the caller.",
    )


@router.post("/end", dependencies=[FormOk])
def end(context: ContextDep, me: StaffOnly) -> Response:
    """End the call and close the account."""
    end_call(context, me)
    return go("/desk")


@router.post("/reset", dependencies=[FormOk])
def reset(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    later: BackgroundTasks,
    license_number: LicenseField = "",
) -> Response:
    """Send the educator a mail with a link to the PIN page."""
    start_reset(context, me, license_number.strip())
    later.add_task(deliver, context)
    response = go_saying(
        request, me, "/desk", "If the license number exists, the reset mail is on its way."
    )
    response.background = later
    return response


def _desk(
    request: Request,
    context: Context,
    me: SignedIn,
    verdict: str | None = None,
    problem: str | None = None,
    entered: Mapping[str, str] | None = None,
    ringing: str = "",
) -> Response:
    """Render the page; its fields keep what was entered, except for the PIN."""
    return page(
        request,
        "desk.html",
        422 if problem else 200,
        cards=[card for card in handovers(context) if ringing in ("", card.call_id)],
        ringing=ringing,
        reasons=REASONS,
        verdict=verdict,
        problem=problem,
        entered=entered or {},
        in_call=me.call_id is not None or verdict is not None,
    )
