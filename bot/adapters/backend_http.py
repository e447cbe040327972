"""The ELMS backend over HTTP: one request, one answer; what is outside the contract is a fault.

No retry here: the dialog knows whether its caller is still there. No message names what was sent,
so that a PIN cannot travel in an exception; ``from None`` keeps the client's own out of it too.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, Literal, NoReturn, TypeVar

import httpx

from bot.errors import BackendError, BackendRefusedError, BackendRejectedError
from bot.records import CallRecord
from bot.settings import BackendClient
from bot.types import (
    Account,
    Activity,
    Application,
    BackendAnswer,
    FetchAccount,
    License,
    NotVerified,
    Request,
    Service,
    Verified,
    Verify,
)

API = "/api/v1"
_FOR_GOOD = (
    httpx.codes.BAD_REQUEST,
    httpx.codes.CONFLICT,
    httpx.codes.REQUEST_ENTITY_TOO_LARGE,
    httpx.codes.UNPROCESSABLE_ENTITY,
)
"""Answers to what was sent itself; any other may be another one another time."""
T = TypeVar("T")


class HttpBackend:
    """``bot.interfaces.Backend`` over an ``httpx.AsyncClient`` that has the base address."""

    def __init__(self, client: httpx.AsyncClient, settings: BackendClient) -> None:
        self._client = client
        self._timeout_s = settings.timeout_ms / 1_000
        self._headers = {"Authorization": f"Bearer {settings.credential.get_secret_value()}"}

    async def ask(self, request: Request, call_id: str, caller_number: str | None) -> BackendAnswer:
        """Answer one request of the dialog. Raises BackendError."""
        match request:
            case Verify():
                return await self._verify(request, call_id, caller_number)
            case FetchAccount(token=token):
                return _account(await self._json("GET", "/account", {"X-Call-Token": token}))
            case _:
                return _service(await self._json("GET", "/service"))

    async def store_call(self, record: CallRecord) -> None:
        """Keep the record of an ended call; sending it twice keeps one. Raises BackendError."""
        await self._send("PUT", f"/calls/{record.call_id}", json=asdict(record))

    async def _verify(
        self, request: Verify, call_id: str, caller_number: str | None
    ) -> Verified | NotVerified:
        sent = {
            "license_number": request.license_number,
            "pin": request.pin,
            "call_id": call_id,
            "attempt": request.attempt,
            "caller_number": caller_number,
            "mode": request.mode,
        }
        answer = await self._json("POST", "/verifications", json=sent)
        if not _is(answer, "verified", bool):
            return NotVerified()
        pace: Literal["normal", "slow"] = "slow" if _text(answer, "pace") == "slow" else "normal"
        return Verified(token=_text(answer, "token"), pace=pace)

    async def _json(
        self, method: str, path: str, headers: dict[str, str] | None = None, json: Any = None
    ) -> dict[str, Any]:
        response = await self._send(method, path, headers, json)
        try:
            answer = response.json()
        except ValueError:
            _outside("no JSON")
        if not isinstance(answer, dict):
            _outside("no JSON object")
        return answer

    async def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, json: Any = None
    ) -> httpx.Response:
        try:
            response = await self._client.request(
                method,
                API + path,
                headers=self._headers | (headers or {}),
                json=json,
                timeout=self._timeout_s,
            )
        except httpx.TimeoutException:
            raise BackendError(f"the backend did not answer in {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise BackendError("the backend cannot be reached; check backend.url") from None
        except (TypeError, ValueError):
            raise BackendError("the request cannot be written as JSON") from None
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise BackendRefusedError("the backend refused; check backend.credential")
        if response.status_code in _FOR_GOOD:
            raise BackendRejectedError(f"the backend answered {response.status_code}")
        if not response.is_success:
            raise BackendError(f"the backend answered {response.status_code}")
        return response


def _account(answer: dict[str, Any]) -> Account:
    application = answer.get("application")
    return Account(
        application=_application(application) if application is not None else None,
        licenses=tuple(_license(each) for each in _list(answer, "licenses")),
        activities=tuple(
            Activity(_date(each, "on"), _text(each, "event"), _text(each, "subject"))
            for each in _list(answer, "activities")
        ),
    )


def _application(facts: Any) -> Application:
    queue: Literal["renewal", "other"] = (
        "renewal" if _one_of(facts, "queue", "renewal", "other") == "renewal" else "other"
    )
    return Application(
        status=_text(facts, "status"),
        application_type=_text(facts, "application_type"),
        queue=queue,
        received=_date_or_none(facts, "received"),
        processing_week=_date_or_none(facts, "processing_week"),
        reached=_is(facts, "reached", bool),
        letter_sent=_date_or_none(facts, "letter_sent"),
        still_needed=tuple(_strings(facts, "still_needed")),
        document=_text_or_none(facts, "document"),
        document_received=_date_or_none(facts, "document_received"),
        license_class=_text_or_none(facts, "license_class"),
        issued=_date_or_none(facts, "issued"),
        valid_through=_date_or_none(facts, "valid_through"),
    )


def _license(facts: Any) -> License:
    states: dict[str, Literal["valid", "expiring", "expired"]] = {
        "valid": "valid",
        "expiring": "expiring",
        "expired": "expired",
    }
    return License(
        license_class=_text(facts, "license_class"),
        license_type=_text(facts, "license_type"),
        valid_through=_date(facts, "valid_through"),
        state=states[_one_of(facts, "state", *states)],
        renewable=_is(facts, "renewable", bool),
    )


def _service(answer: dict[str, Any]) -> Service:
    return Service(holidays=tuple(_as_date(day, "holidays") for day in _list(answer, "holidays")))


def _is(facts: Any, name: str, kind: type[T]) -> T:
    value = facts.get(name) if isinstance(facts, dict) else None
    if not isinstance(value, kind):
        _outside(f"no {name}")
    return value


def _text(facts: Any, name: str) -> str:
    return _is(facts, name, str)


def _text_or_none(facts: Any, name: str) -> str | None:
    if isinstance(facts, dict) and facts.get(name) is None:
        return None
    return _text(facts, name)


def _one_of(facts: Any, name: str, *allowed: str) -> str:
    value = _text(facts, name)
    if value not in allowed:
        _outside(f"another {name}")
    return value


def _list(facts: Any, name: str) -> list[Any]:
    return _is(facts, name, list)


def _strings(facts: Any, name: str) -> list[str]:
    values = _list(facts, name)
    if not all(isinstance(value, str) for value in values):
        _outside(f"another {name}")
    return values


def _date(facts: Any, name: str) -> date:
    return _as_date(_text(facts, name), name)


def _date_or_none(facts: Any, name: str) -> date | None:
    value = _text_or_none(facts, name)
    return None if value is None else _as_date(value, name)


def _as_date(value: Any, name: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        _outside(f"no date in {name}")


def _outside(what: str) -> NoReturn:
    """The answer is not in the contract; say what is wrong, never what was in it."""
    raise BackendError(f"the backend's answer is outside the contract: {what}") from None
