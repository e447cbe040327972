"""The JSON API for the bot: thin routes over the services."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Depends,
    Header,
    HTTPException,
    Path,
    Request,
    Response,
)

from server.api import examples
from server.contract import (
    AccountOut,
    CallIn,
    HoursOut,
    ServiceOut,
    VerificationIn,
    VerificationOut,
)
from server.dependencies import ContextDep, Credentials, MetricsDep
from server.domain import Channel
from server.services.accounts import account_of, current_weeks, holidays
from server.services.calls import Kept, store
from server.services.outbox import deliver
from server.services.service_texts import edited_prompts, office_hours
from server.services.tokens import educator_of_token
from server.services.verification import Presented, verify
from server.web.callers import is_bot
from server.web.problem import MEDIA_TYPE, Problem

PREFIX = "/api/v1"


async def require_bot(context: ContextDep, request: Request, _described: Credentials) -> None:
    """Admit only the bot (S13). Middleware checks this too; here each route is safe by itself."""
    if not is_bot(context, request.headers.get("Authorization", "")):
        raise HTTPException(401, "the bot's credential is required", {"WWW-Authenticate": "Bearer"})


def documented(status: HTTPStatus, words: str) -> dict[str, Any]:
    """A problem response for the API's description."""
    content = {"schema": Problem.model_json_schema(), "example": _example(status)}
    return {"description": words, "content": {MEDIA_TYPE: content}}


def _example(status: HTTPStatus) -> dict[str, Any]:
    document = Problem(title=status.phrase, status=status, detail="What went wrong, in words.")
    return document.model_dump(mode="json", exclude_none=True)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: documented(HTTPStatus.BAD_REQUEST, "The body cannot be read."),
    401: documented(HTTPStatus.UNAUTHORIZED, "The credential or token is invalid."),
    408: documented(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to arrive."),
    413: documented(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large: over 64 KiB, or 1 MiB for a call record (default settings).",
    ),
    422: documented(HTTPStatus.UNPROCESSABLE_ENTITY, "The request does not match the contract."),
    429: documented(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; Retry-After says when to try again."
    ),
    503: documented(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not respond, this attempt is still being checked, or too many requests "
        "are waiting.",
    ),
}
router = APIRouter(prefix=PREFIX, dependencies=[Depends(require_bot)], responses=PROBLEMS)


@router.post("/verifications", summary="Check a license number and PIN")
def create_verification(
    context: ContextDep, metrics: MetricsDep, sent: VerificationIn, later: BackgroundTasks
) -> VerificationOut:
    """Return a token, or a refusal that is the same for unknown, without PIN, locked, and wrong.

    The same request within a minute recovers a lost response: a refusal is repeated without
    checking the PIN, a success after checking it. While the first request is still being checked,
    the response is 503. A call_id and attempt used for any other request, or longer ago, are
    refused and count as a wrong PIN.
    """
    checked = verify(
        context,
        Presented(
            license_number=sent.license_number,
            pin=sent.pin.get_secret_value(),
            call_id=sent.call_id,
            attempt=sent.attempt,
            mode=sent.mode,
            caller_number=sent.caller_number,
        ),
    )
    metrics.checked(Channel.TELEPHONE, checked.result)
    if checked.locked_now:
        later.add_task(deliver, context)
    return VerificationOut(
        verified=checked.token is not None, token=checked.token, pace=checked.pace
    )


@router.get("/account", summary="Read the verified educator's account")
def read_account(
    context: ContextDep,
    response: Response,
    token: Annotated[
        str,
        Header(
            alias="X-Call-Token",
            max_length=100,
            description="From a verification.",
            examples=[examples.TOKEN],
        ),
    ],
) -> AccountOut:
    """Status of the most recent application, licenses, other activity."""
    educator_id = educator_of_token(context, token)
    if educator_id is None:
        raise HTTPException(401, "the call's token is unknown or has expired")
    with context.database.read() as session:
        facts = account_of(session, educator_id, context.today(), context.settings.expiring_days)
    if facts is None:
        raise HTTPException(401, "the call's token is unknown or has expired")
    response.headers["Cache-Control"] = "no-store"
    return AccountOut.model_validate(facts)


@router.get("/service", summary="Read holidays and the weeks now being processed")
def read_service(context: ContextDep) -> ServiceOut:
    """Closed days, the weeks now being processed, and what supervisors edited."""
    with context.database.read() as session:
        weeks = current_weeks(session)
        days = tuple(each.on for each in holidays(session))
        hours = office_hours(session)
        prompts = edited_prompts(session)
    return ServiceOut(
        holidays=days,
        renewal_week=weeks.renewal,
        other_week=weeks.other,
        prompts=prompts,
        hours=HoursOut.model_validate(hours) if hours else None,
    )


@router.put(
    "/calls/{call_id}",
    summary="Store the record of an ended call",
    status_code=204,
    responses={
        409: documented(
            HTTPStatus.CONFLICT,
            "The path and the record name different calls, or another record has this call_id.",
        )
    },
)
def put_call(
    context: ContextDep,
    metrics: MetricsDep,
    sent: CallIn,
    call_id: Annotated[
        str,
        Path(
            min_length=1,
            max_length=80,
            pattern=r"^[A-Za-z0-9._:-]+$",
            examples=[examples.CALL_ID],
        ),
    ],
) -> None:
    """Idempotent: storing the same record again changes nothing; a different one is refused."""
    if sent.call_id != call_id:
        raise HTTPException(409, "the call_id in the record differs from the one in the path")
    kept = store(context, sent)
    if kept is Kept.OTHER:
        raise HTTPException(409, "a different record of this call is already stored")
    if kept is Kept.NEW:
        metrics.stored(sent.outcome.outcome)
