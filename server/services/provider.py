"""Calls to the OpenID Connect provider: its metadata, code exchange, and keys.

A provider is another computer, and may be broken, slow, or hostile. Each response is limited in
size and parsed strictly, and one deadline covers all calls of a step, however slowly bytes arrive.
Error messages never repeat what the provider sent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, TypeVar

import httpx
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from server.errors import ServerError
from server.protected_address import is_protected
from server.services.provider_keys import KeyDocument, key_set
from server.strict_json import parse_json

T = TypeVar("T")
Shape = TypeVar("Shape", bound=BaseModel)
TOTAL_S = 10
"""Seconds for all calls of one step together."""
MOST_BYTES = 256 * 1024
"""Maximum size of a response; key sets with certificate chains have tens of KiB."""
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class ProviderError(ServerError):
    """The provider's response cannot be accepted."""


class ProviderAwayError(ServerError):
    """The provider did not respond in time."""


def _protected(address: str) -> str:
    if not is_protected(address, query=True):
        raise ValueError("not a protected address")
    return address


Endpoint = Annotated[str, AfterValidator(_protected)]


class Metadata(BaseModel):
    """The provider's published metadata (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(frozen=True, strict=True)

    issuer: Endpoint
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    names_itself: bool = Field(False, alias="authorization_response_iss_parameter_supported")


class _Tokens(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    id_token: str = Field(pattern=r"^[A-Za-z0-9_.-]+\z", repr=False)


@dataclass(frozen=True, slots=True)
class Code:
    """The parameters for exchanging an authorization code, and the code's claimed issuer.

    ``issuer`` is the callback's ``iss`` (RFC 9207), None if missing.
    """

    form: Mapping[str, str] = field(repr=False)
    client: tuple[str, str] = field(repr=False)
    issuer: str | None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An ID token not yet verified, its issuer, and the keys to verify it with."""

    issuer: str
    id_token: str = field(repr=False)
    keys: KeySet


def discover(issuer: str) -> Metadata:
    """Get the provider's metadata. Raises ProviderError or ProviderAwayError."""
    return _in_time(_discover(issuer))


def exchange(issuer: str, code: Code) -> Exchanged:
    """Exchange a code for an ID token. Raises ProviderError or ProviderAwayError."""
    return _in_time(_exchange(issuer, code))


async def _discover(issuer: str) -> Metadata:
    async with _client() as client:
        return await _metadata(client, issuer)


async def _exchange(issuer: str, code: Code) -> Exchanged:
    async with _client() as client:
        metadata = await _metadata(client, issuer)
        _check_sender(metadata, code.issuer)  # before the code goes anywhere
        request = client.build_request("POST", metadata.token_endpoint, data=dict(code.form))
        tokens = await _ask(
            client, request, "token endpoint", _Tokens, httpx.BasicAuth(*code.client)
        )
        request = client.build_request("GET", metadata.jwks_uri)
        keys = await _ask(client, request, "key set", KeyDocument)
    try:
        return Exchanged(metadata.issuer, tokens.id_token, key_set(keys))
    except ValueError as error:
        raise ProviderError(f"key set: {error}") from None


async def _metadata(client: httpx.AsyncClient, issuer: str) -> Metadata:
    base = issuer.rstrip("/")
    request = client.build_request("GET", f"{base}/.well-known/openid-configuration")
    metadata = await _ask(client, request, "metadata", Metadata)
    if metadata.issuer.rstrip("/") != base:
        raise ProviderError("metadata: another issuer")
    return metadata


def _check_sender(metadata: Metadata, issuer: str | None) -> None:
    """Refuse another provider's code (RFC 9207, section 2.4)."""
    if issuer is None and metadata.names_itself:
        raise ProviderError("callback: no issuer")
    if issuer is not None and issuer != metadata.issuer:
        raise ProviderError("callback: another issuer")


@cache
def _tls() -> ssl.SSLContext:
    """TLS context with the trusted authorities; cached, since reading them is slow."""
    return httpx.create_ssl_context()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers=HEADERS, timeout=TOTAL_S, verify=_tls(), follow_redirects=False
    )


async def _ask(
    client: httpx.AsyncClient,
    request: httpx.Request,
    what: str,
    shape: type[Shape],
    auth: httpx.Auth | None = None,
) -> Shape:
    answer = await client.send(request, auth=auth, stream=True)
    try:
        if answer.status_code != httpx.codes.OK:
            raise ProviderError(f"{what}: status {answer.status_code}")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise ProviderError(f"{what}: compressed")
        body = await _read(answer, what)
    finally:
        await answer.aclose()
    try:
        return shape.model_validate(parse_json(body))
    except ValidationError as error:
        place = error.errors(include_input=False)[0]["loc"]
        raise ProviderError(f"{what}: no valid {place[0] if place else 'object'}") from None
    except ValueError:
        raise ProviderError(f"{what}: not valid JSON") from None


async def _read(answer: httpx.Response, what: str) -> bytes:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise ProviderError(f"{what}: over {MOST_BYTES} bytes")
    return bytes(body)


def _in_time(work: Coroutine[Any, Any, T]) -> T:
    async def limited() -> T:
        async with asyncio.timeout(TOTAL_S):
            return await work

    try:
        return asyncio.run(limited())
    except TimeoutError:
        raise ProviderAwayError(f"no answer within {TOTAL_S} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ProviderAwayError(type(error).__name__) from None
