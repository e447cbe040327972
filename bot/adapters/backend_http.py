"""The ELMS backend over HTTP: one request, one response; violations of the contract are faults.

There are no retries here: the dialog knows whether its caller is still there. No message quotes a
request, so that no PIN gets into an exception; ``from None`` hides the client's exceptions too.
Each response has one deadline, since the caller waits for it, and a maximum size, since all callers
share the memory.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

import httpx
from pydantic import StrictBool, TypeAdapter, ValidationError

from bot.elms.requests import (
    Account,
    BackendAnswer,
    FetchAccount,
    FetchService,
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
"""Statuses that reject the request itself; others may succeed later."""
LARGEST_BYTES = 256 * 1024
"""Maximum size of a response; an account with a hundred activities has 15 KB."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Check:
    """The part of a response that a refusal has, too; that for a right PIN has more."""

    verified: StrictBool


_CHECK, _VERIFIED = TypeAdapter(_Check), TypeAdapter(Verified)
_ACCOUNT, _SERVICE = TypeAdapter(Account), TypeAdapter(Service)


class HttpBackend:
    """Implements ``bot.interfaces.Backend`` with an ``httpx.AsyncClient`` that has a base URL."""

    def __init__(self, client: httpx.AsyncClient, settings: BackendClient) -> None:
        self._client = client
        self._timeout_s = settings.timeout_ms / 1_000
        self._headers = {
            "Authorization": f"Bearer {settings.credential.get_secret_value()}",
            "Accept-Encoding": "identity",
        }

    async def ask(self, request: Request, call_id: str, caller_number: str | None) -> BackendAnswer:
        """Send one request of the dialog. Raises BackendError."""
        match request:
            case Verify():
                return await self._verify(request, call_id, caller_number)
            case FetchAccount(token=token):
                return _read(_ACCOUNT, await self._send("GET", "/account", {"X-Call-Token": token}))
            case FetchService():
                return _read(_SERVICE, await self._send("GET", "/service"))

    async def store_call(self, record: CallRecord) -> None:
        """Store the record of an ended call; idempotent. Raises BackendError."""
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
        body = await self._send("POST", "/verifications", json=sent)
        if not _read(_CHECK, body).verified:
            return NotVerified()
        return _read(_VERIFIED, body)

    async def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, json: Any = None
    ) -> bytes:
        """Return the body of a successful response."""
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
            raise BackendError(
                f"the backend did not respond within {self._timeout_s:g} s"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise BackendError("the backend cannot be reached; check backend.url") from None
        except (TypeError, ValueError):
            raise BackendRejectedError("the request cannot be written as JSON") from None


def _check_status(response: httpx.Response) -> None:
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise BackendRefusedError("the backend rejected the credential; check backend.credential")
    if response.status_code in _FOR_GOOD:
        raise BackendRejectedError(f"the backend answered {response.status_code}")
    if not response.is_success:
        raise BackendError(f"the backend answered {response.status_code}")


async def _body(response: httpx.Response) -> bytes:
    """The body as sent; compressed bodies are rejected, since their size is unknown."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        _outside("compressed")
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LARGEST_BYTES:
            _outside(f"more than {LARGEST_BYTES // 1024} KiB")
    return bytes(body)


def _read(answer: TypeAdapter[T], body: bytes) -> T:
    """Parse a response of the contract; ignore unknown members."""
    try:
        return answer.validate_python(_object(body))
    except ValidationError as error:
        _outside(".".join(map(str, error.errors(include_input=False)[0]["loc"])))


def _object(body: bytes) -> dict[str, Any]:
    """Parse a strict JSON object: no duplicate names, no NaN or infinity."""
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
        raise ValueError("duplicate name")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _outside(what: str) -> NoReturn:
    """Raise a fault for a violation of the contract, without quoting the response."""
    raise BackendError(f"the backend's response violates the contract: {what}") from None
