"""A mock of an ELMS: the API that docs/contract.md describes, with one invented educator in memory.

    .venv/bin/uvicorn tests.support.mock_elms:app --port 8700

It shares no code with the real service, and passes the same tests
(tests/contract/test_conformance.py).
"""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

CREDENTIAL = "mock-credential"
LICENSE_NUMBER, PIN = "421903", "5827"

ACCOUNT = {
    "application": {
        **dict.fromkeys(
            ("letter_sent", "document", "document_received", "license_class", "issued")
        ),
        "status": "IN_REVIEW",
        "application_type": "renewal",
        "queue": "renewal",
        "received": "2022-10-14",
        "processing_week": "2022-10-10",
        "reached": True,
        "still_needed": [],
        "valid_through": None,
        "waited_weeks": 7,
        "overdue": True,
    },
    "licenses": [
        {
            "license_class": "A",
            "license_type": "five-year standard",
            "valid_through": "2027-06-30",
            "state": "valid",
            "renewable": False,
        }
    ],
    "activities": [{"on": "2022-10-15", "event": "fee_paid", "subject": ""}],
    "other_open": [],
    "may_reinstate": False,
}


class Verification(BaseModel):
    """One presented PIN."""

    model_config = ConfigDict(extra="forbid")
    license_number: str = Field(pattern=r"^[0-9]{4,12}$")
    pin: str = Field(pattern=r"^[0-9]{4}$")
    call_id: str = Field(min_length=1, max_length=80)
    attempt: int = Field(1, ge=1, le=99)
    caller_number: str | None = None
    mode: Literal["voice", "dtmf", "mixed"] = "dtmf"


class Memory:
    """What the mock remembers."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.attempts: dict[tuple[str, int], tuple[str, str]] = {}
        self.calls: dict[str, Any] = {}


def create_app() -> FastAPI:
    """A mock with an empty memory."""
    mock, memory = FastAPI(title="Mock ELMS"), Memory()
    mock.exception_handler(RequestValidationError)(_does_not_match)
    mock.exception_handler(StarletteHTTPException)(_refused)
    admitted = [Depends(_require_bot)]

    @mock.post("/api/v1/verifications", dependencies=admitted)
    def verify(sent: Verification) -> Response:
        presented = (sent.license_number, sent.pin)
        first = memory.attempts.setdefault((sent.call_id, sent.attempt), presented)
        if first != presented or presented != (LICENSE_NUMBER, PIN):
            return JSONResponse({"verified": False, "token": None, "pace": "normal"})
        token = secrets.token_urlsafe(32)
        memory.tokens.add(token)
        return JSONResponse({"verified": True, "token": token, "pace": "normal"})

    @mock.get("/api/v1/account", dependencies=admitted)
    def account(token: Annotated[str, Header(alias="X-Call-Token")]) -> Response:
        if token not in memory.tokens:
            raise HTTPException(401, "the call's token is unknown or has expired")
        return JSONResponse(ACCOUNT, headers={"Cache-Control": "no-store"})

    @mock.get("/api/v1/service", dependencies=admitted)
    def service() -> dict[str, Any]:
        return {"holidays": ["2022-11-24"], "renewal_week": "2022-10-10", "other_week": None}

    @mock.put("/api/v1/calls/{call_id}", status_code=204, dependencies=admitted)
    async def store(call_id: str, request: Request) -> None:
        record = await request.json()
        if record.get("call_id") != call_id or memory.calls.setdefault(call_id, record) != record:
            raise HTTPException(409, "another record has this call_id")

    return mock


def _require_bot(authorization: Annotated[str, Header()] = "") -> None:
    if not hmac.compare_digest(authorization.encode(), f"Bearer {CREDENTIAL}".encode()):
        raise HTTPException(401, "the bot's credential is required", {"WWW-Authenticate": "Bearer"})


def _problem(status: int, detail: str, headers: Any = None) -> Response:
    document = {"type": "about:blank", "title": detail, "status": status, "detail": detail}
    return JSONResponse(document, status, headers, media_type="application/problem+json")


def _refused(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, StarletteHTTPException)
    return _problem(fault.status_code, str(fault.detail), fault.headers)


def _does_not_match(_: Request, fault: Exception) -> Response:
    """Name the members at fault and never their values, which may be a PIN."""
    assert isinstance(fault, RequestValidationError)
    members = {".".join(map(str, error["loc"][1:])) for error in fault.errors()}
    return _problem(422, f"does not match the contract: {', '.join(sorted(members))}")


app = create_app()
