"""A provider that answers anything but what it should: one friendly page, one line in the log."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from server.services import provider as calls
from tests.support.elms_service import Elms
from tests.support.scripted_provider import (
    KEYS,
    METADATA,
    SUBJECT,
    TOKEN,
    Reply,
    RsaKey,
    ScriptedProvider,
    hs256,
    reply,
    token,
)
from tests.support.sso_visits import Visit, elms_and_provider

pytestmark = pytest.mark.server

KEY = RsaKey()
GIB = 1024**3
ENDPOINTS = {"metadata": METADATA, "token endpoint": TOKEN, "key set": KEYS}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Elms, ScriptedProvider]]:
    with elms_and_provider(tmp_path_factory.mktemp("sso"), KEY) as running:
        yield running


@pytest.fixture
def visit(both: tuple[Elms, ScriptedProvider]) -> Visit:
    return Visit.to_an_honest_provider(*both)


def a_gibibyte(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(GIB))
    request.end_headers()
    for _ in range(GIB // 65_536):
        request.wfile.write(b" " * 65_536)


BOMB = gzip.compress(b" " * (50 * 1024 * 1024), 1)
"""Fifty mebibytes, a few hundred kibibytes on the line."""


def garbage(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")


def nothing(request: BaseHTTPRequestHandler) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def cut_short(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"id_token": ')


def many_headers(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    for each in range(20_000):
        request.send_header(f"X-{each}", "x" * 100)
    request.end_headers()


ANYTHING: dict[str, Reply] = {
    "nothing at all": reply(b""),
    "a list": reply(b"[]"),
    "a number": reply(b"7"),
    "a long number": reply(b"7" * 5_000),
    "a string": reply(b'"id_token"'),
    "null": reply(b"null"),
    "true": reply(b"true"),
    "not a number": reply(b"NaN"),
    "an empty object": reply(b"{}"),
    "HTML": reply(b"<!DOCTYPE html><title>Sign in</title>", Content_Type="text/html"),
    "not UTF-8": reply(b'{"id_token": "\xff"}'),
    "half a document": reply(b'{"id_token": "'),
    "two documents": reply(b"{} {}"),
    "lists 3000 deep": reply(b"[" * 3_000 + b"]" * 3_000),
    "objects 3000 deep": reply(b'{"a":' * 3_000 + b"1" + b"}" * 3_000),
    "lists 100000 deep": reply(b"[" * 100_000),
    "an error's status": reply(b'{"error": "invalid_grant"}', 400),
    "no content": reply(b"", 204),
    "another good status": reply(b"{}", 201),
    "a fault": reply(b"{}", 500),
    "a redirect": reply(b"", 302, Location="/elsewhere"),
    "a redirect of a form": reply(b"", 307, Location="/elsewhere"),
    "a redirect to nowhere": reply(b"", 301),
    "a gibibyte": a_gibibyte,
    "a compressed bomb": reply(BOMB, Content_Encoding="gzip"),
    "many headers": many_headers,
    "no HTTP": garbage,
    "a closed connection": nothing,
    "half of what was promised": cut_short,
}
AWAY = {"no HTTP", "a closed connection", "half of what was promised", "many headers"}
"""What is no answer at all: the page says that the single sign-on cannot be reached."""


@pytest.mark.parametrize("name", ANYTHING)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_any_answer_of_any_endpoint_gives_one_error_page(
    visit: Visit, endpoint: str, name: str
) -> None:
    path = ENDPOINTS[endpoint]

    def break_it() -> None:
        visit.provider.finished.clear()
        visit.provider.scripted[path] = ANYTHING[name]

    cause = visit.check_refused(visit.go(meanwhile=break_it), 503 if name in AWAY else 403)
    assert name in AWAY or cause.startswith(f"{endpoint}: ")
    assert "/elsewhere" not in visit.provider.asked
    assert name != "a gibibyte" or path not in visit.provider.finished


@pytest.mark.parametrize("name", ANYTHING)
def test_a_sign_in_cannot_start_without_metadata(visit: Visit, name: str) -> None:
    visit.provider.scripted[METADATA] = ANYTHING[name]
    visit.check_refused(visit.go(), 503)


def trickle(request: BaseHTTPRequestHandler) -> None:
    """A body whose bytes come one by one, each sooner than any pause would be too long."""
    request.send_response(200)
    request.send_header("Content-Length", "600")
    request.end_headers()
    for _ in range(600):
        request.wfile.write(b" ")
        time.sleep(0.1)


def trickle_of_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(600):
        request.wfile.write(b"x")
        time.sleep(0.1)
    request.wfile.write(b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("slow", [trickle, trickle_of_headers])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_one_deadline_covers_a_slow_answer(
    visit: Visit, endpoint: str, slow: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "TOTAL_S", 1)
    path = ENDPOINTS[endpoint]

    def slow_down() -> None:
        visit.provider.finished.clear()
        visit.provider.scripted[path] = slow

    visit.check_refused(visit.go(meanwhile=slow_down), 503)
    assert path not in visit.provider.finished


TOKENS_WITHOUT_A_TOKEN = [
    b'{"access_token": "opaque"}',
    b'{"id_token": null}',
    b'{"id_token": 7}',
    b'{"id_token": true}',
    b'{"id_token": ["a.b.c"]}',
    b'{"id_token": {"a": 1}}',
    b'{"id_token": ""}',
    b'{"id_token": "a"}',
    b'{"id_token": "a.b"}',
    b'{"id_token": "a.b.c.d.e"}',
    b'{"id_token": "a b.c"}',
    b'{"id_token": "a.b.c\\n"}',
    b'{"id_token": "\\ud800.b.c"}',
    b'{"id_token": "..."}',
    b'{"id_token": "' + b"." * 200_000 + b'"}',
    b'{"id_token": "' + b"a" * 200_000 + b'"}',
    b'{"ID_TOKEN": "a.b.c"}',
]


@pytest.mark.parametrize("body", TOKENS_WITHOUT_A_TOKEN, ids=lambda body: body[:30].decode())
def test_an_answer_without_an_id_token_is_one_error_page(visit: Visit, body: bytes) -> None:
    visit.provider.scripted[TOKEN] = reply(body)
    visit.check_refused(visit.go())


def test_two_tokens_in_one_answer_are_refused(visit: Visit) -> None:
    def twice(request: BaseHTTPRequestHandler) -> None:
        honest = visit.provider.honest_token()
        body = f'{{"id_token": "a.b.c", "id_token": "{honest}"}}'
        reply(body.encode())(request)

    visit.provider.scripted[TOKEN] = twice
    assert visit.check_refused(visit.go()) == "token endpoint: not valid JSON"


# -- metadata ------------------------------------------------------------------------------------

ADDRESSES: list[object] = [
    ...,
    None,
    7,
    "",
    [],
    {},
    "/token",
    "//127.0.0.1/token",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://idp.example/token",
    "http://127.0.0.1.idp.example/token",
    "http://127.0.0.1@idp.example/token",
    "https://user:password@idp.example/token",
    "https://",
    "https://:443/token",
    "https://[::1/token",
    "https://idp.example:port/token",
    "https://idp.example:99999/token",
    "https://idp.example/to ken",
    "https://idp.example/token\r\nX-Evil: 1",
    "https://idp.example/t\u00f6ken",
    "https://idp.example/token#fragment",
    "https://idp.example/" + "x" * 2_000,
]


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"])
def test_an_unprotected_or_broken_address_is_not_followed(
    visit: Visit, name: str, address: object
) -> None:
    visit.provider.metadata[name] = address
    assert visit.check_refused(visit.go(), 503) == f"metadata: no valid {name}"


def test_another_issuer_in_the_metadata_is_refused(visit: Visit) -> None:
    visit.provider.metadata["issuer"] = "https://idp.example"
    assert visit.check_refused(visit.go(), 503) == "metadata: another issuer"


def test_a_provider_can_have_a_query_in_its_address(visit: Visit) -> None:
    visit.provider.metadata["authorization_endpoint"] = f"{visit.provider.issuer}/go?tenant=ms"
    assert visit.go().status_code == 303
    assert visit.is_signed_in


# -- keys ----------------------------------------------------------------------------------------

SECRET = b"a secret that the key set publishes"
SMALL = RsaKey(bits=1_024)
NO_KEYS: dict[str, object] = {
    "keys missing": {"key": []},
    "no list": {"keys": {}},
    "a string": {"keys": "keys"},
    "empty": {"keys": []},
    "no objects": {"keys": [None, 1, "a", [], True]},
    "no kind": {"keys": [{"kid": "first"}]},
    "another kind": {"keys": [KEY.public() | {"kty": "PQ"}]},
    "a kind that is a list": {"keys": [KEY.public() | {"kty": ["RSA"]}]},
    "no modulus": {"keys": [{"kty": "RSA", "kid": "first", "e": "AQAB"}]},
    "a modulus that is a number": {"keys": [KEY.public() | {"n": 65_537}]},
    "a modulus that is no Base64": {"keys": [KEY.public() | {"n": "*" * 342}]},
    "a huge modulus": {"keys": [KEY.public() | {"n": "x" * 100_000}]},
    "an exponent of nothing": {"keys": [KEY.public() | {"e": ""}]},
    "an even exponent": {"keys": [KEY.public() | {"e": "Ag"}]},
    "another curve": {"keys": [{"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA", "kid": "first"}]},
    "a point off the curve": {
        "keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "first"}]
    },
    "a small key": {"keys": [SMALL.public()]},
    "a key for encryption": {"keys": [KEY.public() | {"use": "enc"}]},
    "a key for another algorithm": {"keys": [KEY.public() | {"alg": "PS512"}]},
    "a name that is a list": {"keys": [KEY.public() | {"kid": ["first"]}]},
    "too many": {"keys": [KEY.public()] * 101},
}


@pytest.mark.parametrize("name", NO_KEYS)
def test_a_key_set_without_the_key_is_one_error_page(visit: Visit, name: str) -> None:
    visit.provider.scripted[KEYS] = reply(json.dumps(NO_KEYS[name]).encode())
    if name == "a small key":
        visit.provider.make_token = lambda provider: token(
            {"alg": "RS256", "kid": "first"},
            json.dumps(provider.all_claims()).encode(),
            SMALL.sign,
        )
    visit.check_refused(visit.go())


def test_a_shared_secret_is_not_accepted_as_a_public_key(visit: Visit) -> None:
    member = {"kty": "oct", "kid": "first", "k": "YSBzZWNyZXQgdGhhdCB0aGUga2V5IHNldCBwdWJsaXNoZXM"}
    visit.provider.scripted[KEYS] = reply(json.dumps({"keys": [member]}).encode())
    visit.provider.make_token = lambda provider: token(
        {"alg": "HS256", "kid": "first"}, json.dumps(provider.all_claims()).encode(), hs256(SECRET)
    )
    visit.check_refused(visit.go())


def test_unusable_keys_in_a_key_set_are_ignored(visit: Visit) -> None:
    keys = [None, {"kty": "PQ"}, {"kty": "EC", "crv": "P-1"}, KEY.public() | {"oth": {"a": []}}]
    visit.provider.scripted[KEYS] = reply(json.dumps({"keys": keys}).encode())
    assert visit.go().headers["Location"] == "/"
    assert visit.is_signed_in


def test_an_honest_provider_signs_its_person_in(visit: Visit, tmp_path: Path) -> None:
    assert visit.go("/sso?next=/credentials").headers["Location"] == "/credentials"
    assert visit.provider.all_claims()["sub"] == SUBJECT
    assert [line["event"] for line in visit.logs] == ["request", "request"]
    assert visit.is_signed_in
