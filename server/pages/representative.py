"""A representative's pages: who waits, the check of a caller, the account for that call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, HTTPException, Request
from sqlalchemy import select
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep, MetricsDep
from server.domain import Channel, Role
from server.errors import RuleError
from server.models import Call, Educator, Letter
from server.pages.common import FormOk, StaffOnly, SupervisorOnly, cookie_name, go, go_saying, page
from server.services.accounts import account_of
from server.services.call_backs import open_promises
from server.services.handovers import handovers, take_handover, take_unverified
from server.services.outbox import deliver
from server.services.representative_desk import (
    ACCESS_REASONS,
    REASONS,
    check_caller,
    end_call,
    start_reset,
    unlock_for,
)
from server.services.sign_in import SignedIn, change_session, find_session
from server.web.policy import WITH_OUR_SCRIPT

router = APIRouter(prefix="/desk", include_in_schema=False)
LicenseField = Annotated[str, Form(max_length=12)]
CallField = Annotated[str, Form(max_length=80)]
ReasonField = Annotated[str, Form(max_length=60)]
STAFF = (Role.REPRESENTATIVE, Role.SUPERVISOR)
TAKEN = "That call was already taken, or ended too long ago. Please check the caller."


def _watching(request: Request, context: ContextDep) -> SignedIn:
    """The person watching the list. Watching does not keep a session alive."""
    token = request.cookies.get(cookie_name(context.settings.secure_cookies))
    signed_in = find_session(context, token, is_watching=True)
    request.state.signed_in = signed_in
    if signed_in is None or signed_in.role not in STAFF:
        raise HTTPException(401, "Please sign in again.")
    return signed_in


Watching = Annotated[SignedIn, Depends(_watching)]


@router.get("")
def show_desk(request: Request, context: ContextDep, me: StaffOnly, call: str = "") -> Response:
    """Callers waiting for a representative, or the one call that is ringing."""
    response = _waiting(request, context, "desk.html", call)
    response.headers["Content-Security-Policy"] = WITH_OUR_SCRIPT
    return response


@router.get("/waiting")
def show_waiting(request: Request, context: ContextDep, me: Watching, call: str = "") -> Response:
    """The list alone, for the desk's script."""
    return _waiting(request, context, "waiting.html", call)


def _waiting(request: Request, context: Context, template: str, ringing: str) -> Response:
    cards = [card for card in handovers(context) if ringing in ("", card.call_id)]
    return page(
        request,
        template,
        waiting=[card for card in cards if card.waiting],
        others=[card for card in cards if not card.waiting],
        ringing=ringing,
        call_backs=len(open_promises(context)),
    )


@router.post("/take", dependencies=[FormOk])
def take(request: Request, context: ContextDep, me: StaffOnly, call_id: CallField = "") -> Response:
    """Take over a call whose caller the telephone has verified."""
    if take_handover(context, me, call_id):
        return go("/desk/account")
    return go_saying(request, me, "/desk", TAKEN)


@router.post("/take-unverified", dependencies=[FormOk])
def take_to_check(
    request: Request, context: ContextDep, me: StaffOnly, call_id: CallField = ""
) -> Response:
    """Take over a call whose caller is still to be checked."""
    if take_unverified(context, me, call_id):
        return go("/desk/check")
    return go_saying(request, me, "/desk", TAKEN)


@router.get("/check")
def show_check(request: Request, context: ContextDep, me: StaffOnly, call: str = "") -> Response:
    """The form to check a caller, for a stored call if one is named."""
    found = _stored_call(context, call or me.handled_call)
    known = {"number": found.license_number or "", "call": found.call_id} if found else {}
    return _check(request, me, entered=known)


@router.post("/check", dependencies=[FormOk])
def check(  # noqa: PLR0913, PLR0917 - a form's fields
    request: Request,
    context: ContextDep,
    metrics: MetricsDep,
    me: StaffOnly,
    later: BackgroundTasks,
    license_number: LicenseField = "",
    pin: Annotated[str, Form(max_length=20)] = "",
    reason: ReasonField = "",
    call: CallField = "",
) -> Response:
    """Check the number and PIN that the caller gave; the result is one of three words."""
    number, digits = license_number.strip(), pin.strip()
    entered = {"number": number, "reason": reason, "call": call}
    if not (number.isascii() and number.isdigit() and digits.isascii() and digits.isdigit()):
        words = "License number and PIN must be digits."
        return _check(request, me, problem=words, entered=entered)
    try:
        verdict, result = check_caller(context, me, number, digits, reason)
    except RuleError as error:
        return _check(request, me, problem=str(error), entered=entered)
    if _stored_call(context, call) is not None:
        change_session(context, me.digest, handled_call=call)
    metrics.checked(Channel.REPRESENTATIVE, result)
    later.add_task(deliver, context)
    response: Response = go("/desk/account")
    if verdict != "verified":
        response = _check(request, me, verdict=verdict, entered=entered)
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


@router.get("/account/letters")
def letters(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """The letters of the verified caller, newest first, until the call ends."""
    if me.opened_educator_id is None:
        return go("/desk")
    with context.database.read() as session:
        educator = session.get(Educator, me.opened_educator_id)
        found = session.scalars(
            select(Letter)
            .where(Letter.educator_id == me.opened_educator_id)
            .order_by(Letter.sent.desc(), Letter.id.desc())
        ).all()
    return page(request, "desk_letters.html", letters=found, educator=educator)


@router.post("/end", dependencies=[FormOk])
def end(context: ContextDep, me: StaffOnly) -> Response:
    """End the call and close the account; a call that was handed over asks what became of it."""
    end_call(context, me)
    return go(f"/calls/{me.handled_call}#became" if me.handled_call else "/desk")


@router.get("/access")
def show_access(request: Request, me: StaffOnly) -> Response:
    """Reset links for forgotten PINs, and unlocking for supervisors."""
    return _access(request, me)


@router.post("/reset", dependencies=[FormOk])
def reset(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    later: BackgroundTasks,
    license_number: LicenseField = "",
    reason: ReasonField = "",
) -> Response:
    """Send the educator a mail with a link to the PIN page."""
    try:
        start_reset(context, me, license_number.strip(), reason)
    except RuleError as error:
        return _access(request, me, str(error))
    words = "If the license number exists, the reset mail is on its way."
    return _with_mail(request, context, me, later, words)


@router.post("/unlock", dependencies=[FormOk])
def unlock(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    later: BackgroundTasks,
    license_number: LicenseField = "",
    reason: ReasonField = "",
) -> Response:
    """Unlock an educator's telephone access."""
    try:
        unlock_for(context, me, license_number.strip(), reason)
    except RuleError as error:
        return _access(request, me, str(error))
    words = "If that account was locked, it is unlocked, and the educator is told by e-mail."
    return _with_mail(request, context, me, later, words)


def _with_mail(
    request: Request, context: Context, me: SignedIn, later: BackgroundTasks, words: str
) -> Response:
    later.add_task(deliver, context)
    response = go_saying(request, me, "/desk/access", words)
    response.background = later
    return response


def _access(request: Request, me: SignedIn, problem: str | None = None) -> Response:
    return page(
        request,
        "desk_access.html",
        422 if problem else 200,
        may_unlock=me.role == Role.SUPERVISOR,
        reasons=ACCESS_REASONS,
        problem=problem,
    )


def _stored_call(context: Context, call_id: str | None) -> Call | None:
    if not call_id:
        return None
    with context.database.read() as session:
        return session.scalars(select(Call).where(Call.call_id == call_id)).one_or_none()


def _check(
    request: Request,
    me: SignedIn,
    verdict: str | None = None,
    problem: str | None = None,
    entered: Mapping[str, str] | None = None,
) -> Response:
    """Render the form; its fields keep what was entered, except for the PIN."""
    return page(
        request,
        "desk_check.html",
        422 if problem else 200,
        reasons=REASONS,
        verdict=verdict,
        problem=problem,
        entered=entered or {},
        in_call=me.call_id is not None or verdict is not None,
    )
