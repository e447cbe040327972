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
    ServiceOut,
    VerificationIn,
    VerificationOut,
)
from server.dependencies import ContextDep, Credentials, MetricsDep
from server.domain import Channel
from server.services.accounts import account_of, current_weeks, holidays
from server.services.calls import Kept, store
from server.services.outbox import deliver
from server.services.tokens import educator_of_token
from server.services.verification import Presented, verify
from server.web.callers import is_bot
from server.web.problem import MEDIA_TYPE, Problem

PREFIX = "/api/v1"


async def require_bot(context: ContextDep, request: Request, _described: Credentials) -> None:
    """Let only the bot in (S13). Admission has looked before; a route alone is as safe."""
    if not is_bot(context, request.headers.get("Authorization", "")):
        raise HTTPException(401, "the bot's credential is needed", {"WWW-Authenticate": "Bearer"})


def documented(status: HTTPStatus, words: str) -> dict[str, Any]:
    """How the interface description shows a problem."""
    content = {"schema": Problem.model_json_schema(), "example": _example(status)}
    return {"description": words, "content": {MEDIA_TYPE: content}}


def _example(status: HTTPStatus) -> dict[str, Any]:
    document = Problem(title=status.phrase, status=status, detail="What went wrong, in words.")
    return document.model_dump(mode="json", exclude_none=True)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: documented(HTTPStatus.BAD_REQUEST, "The body cannot be read."),
    401: documented(HTTPStatus.UNAUTHORIZED, "The credential or the token is not accepted."),
    408: documented(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to arrive."),
    413: documented(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large: 64 KiB, of a call record 1 MiB, unless the settings say otherwise.",
    ),
    422: documented(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not in the contract."),
    429: documented(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; Retry-After says when to come back."
    ),
    503: documented(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer, this attempt is still being checked, or too many requests "
        "wait.",
    ),
}
router = APIRouter(prefix=PREFIX, dependencies=[Depends(require_bot)], responses=PROBLEMS)


@router.post("/verifications", summary="Check a license number and PIN")
def create_verification(
    context: ContextDep, metrics: MetricsDep, sent: VerificationIn, later: BackgroundTasks
) -> VerificationOut:
    """A token for one educator, or the one refusal: unknown, no PIN, locked and wrong look alike.

    The same request again within a minute repeats a lost answer: a refusal without looking at the
    PIN, a success after checking it; while the first is still being checked it is answered with
    503. A call_id and attempt that were used for anything else, or longer ago, are refused, and
    count as a wrong PIN.
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
    """What the department announces."""
    with context.database.read() as session:
        weeks = current_weeks(session)
        days = tuple(each.on for each in holidays(session))
    return ServiceOut(holidays=days, renewal_week=weeks.renewal, other_week=weeks.other)


@router.put(
    "/calls/{call_id}",
    summary="Store the record of an ended call",
    status_code=204,
    responses={
        409: documented(
            HTTPStatus.CONFLICT, "The path names another call, or another record has its call_id."
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
    """Idempotent: the same record again changes nothing; another one for the call is refused."""
    if sent.call_id != call_id:
        raise HTTPException(409, "the record names another call than the address")
    kept = store(context, sent)
    if kept is Kept.OTHER:
        raise HTTPException(409, "another record of this call is stored")
    if kept is Kept.NEW:
        metrics.stored(sent.outcome.outcome)
