"""The ELMS backend over HTTP: one request, one answer; what is outside the contract is a fault.

No retry here: the dialog knows whether its caller is still there. No message names what was sent,
so that a PIN cannot travel in an exception; ``from None`` keeps the client's own out of it too.
One deadline is around each answer, however it comes, and an answer has a size: the caller waits for
the former, and all callers share the memory.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any, Literal, NoReturn, TypeVar
from urllib.parse import quote

import httpx

from bot.elms.requests import (
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
from bot.errors import BackendError, BackendRefusedError, BackendRejectedError
from bot.records import CALL, CallRecord
from bot.settings import BackendClient

API = "/api/v1"
_FOR_GOOD = (
    httpx.codes.BAD_REQUEST,
    httpx.codes.CONFLICT,
    httpx.codes.REQUEST_ENTITY_TOO_LARGE,
    httpx.codes.UNPROCESSABLE_ENTITY,
)
"""Answers to what was sent itself; any other may be another one another time."""
LARGEST_BYTES = 256 * 1024
"""Of an answer; an account with a hundred activities has 15 KB."""
LONGEST_TEXT = 200
MOST_ITEMS = 500
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
T = TypeVar("T")


class HttpBackend:
    """``bot.interfaces.Backend`` over an ``httpx.AsyncClient`` that has the base address."""

    def __init__(self, client: httpx.AsyncClient, settings: BackendClient) -> None:
        self._client = client
        self._timeout_s = settings.timeout_ms / 1_000
        self._headers = {
            "Authorization": f"Bearer {settings.credential.get_secret_value()}",
            "Accept-Encoding": "identity",
        }

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
        stored = CALL.dump_python(record)
        await self._send("PUT", f"/calls/{quote(record.call_id, safe='')}", json=stored)

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
        return _object(await self._send(method, path, headers, json))

    async def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, json: Any = None
    ) -> bytes:
        """The body of a good answer."""
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream(
                    method,
                    API + path,
                    headers=self._headers | (headers or {}),
                    json=json,
                    timeout=self._timeout_s,
                ) as response,
            ):
                _check_status(response)
                return await _body(response)
        except (TimeoutError, httpx.TimeoutException):
            raise BackendError(f"the backend did not answer in {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise BackendError("the backend cannot be reached; check backend.url") from None
        except (TypeError, ValueError):
            raise BackendRejectedError("the request cannot be written as JSON") from None


def _check_status(response: httpx.Response) -> None:
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise BackendRefusedError("the backend refused; check backend.credential")
    if response.status_code in _FOR_GOOD:
        raise BackendRejectedError(f"the backend answered {response.status_code}")
    if not response.is_success:
        raise BackendError(f"the backend answered {response.status_code}")


async def _body(response: httpx.Response) -> bytes:
    """As it was sent: what is compressed has no size until it is unpacked."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        _outside("compressed")
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LARGEST_BYTES:
            _outside(f"more than {LARGEST_BYTES // 1024} KiB")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object, every name once, without the numbers that JSON does not have."""
    try:
        answer = json.loads(
            body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        _outside("no JSON")
    if not isinstance(answer, dict):
        _outside("no JSON object")
    return answer


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


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
    return _sayable(_is(facts, name, str), name)


def _sayable(text: str, name: str) -> str:
    """Half of a surrogate pair can be written to no file."""
    if len(text) > LONGEST_TEXT or any("\ud800" <= sign <= "\udfff" for sign in text):
        _outside(f"another {name}")
    return text


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
    values = _is(facts, name, list)
    if len(values) > MOST_ITEMS:
        _outside(f"more than {MOST_ITEMS} {name}")
    return values


def _strings(facts: Any, name: str) -> list[str]:
    values = _list(facts, name)
    if not all(isinstance(value, str) for value in values):
        _outside(f"another {name}")
    return [_sayable(value, name) for value in values]


def _date(facts: Any, name: str) -> date:
    return _as_date(_text(facts, name), name)


def _date_or_none(facts: Any, name: str) -> date | None:
    value = _text_or_none(facts, name)
    return None if value is None else _as_date(value, name)


def _as_date(value: Any, name: str) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        _outside(f"no date in {name}")
    if not EARLIEST <= day <= LATEST:
        _outside(f"no date in {name}")
    return day


def _outside(what: str) -> NoReturn:
    """The answer is not in the contract; say what is wrong, never what was in it."""
    raise BackendError(f"the backend's answer is outside the contract: {what}") from None
