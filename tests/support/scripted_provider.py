"""An OpenID Connect provider on loopback that answers honestly until a test scripts it otherwise.

Its tokens are signed with ``cryptography`` and ``hmac``, not with the library that verifies them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

METADATA, TOKEN, KEYS = "/.well-known/openid-configuration", "/token", "/jwks"
SUBJECT = "subject-of-the-directory-1"
CLIENT = "elms"
Json = dict[str, Any]


def b64(data: bytes) -> str:
    """Base64url without padding, as RFC 7515 has it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    """An integer as a key's member (RFC 7518, section 2)."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class RsaKey:
    """A key that signs with RS256, and its public members."""

    kid: str | None = "first"
    bits: int = 2_048
    use: str = "sig"

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=self.bits)

    def public(self) -> Json:
        numbers = self.private.public_key().public_numbers()
        members = {"kty": "RSA", "use": self.use, "n": number(numbers.n), "e": number(numbers.e)}
        return members if self.kid is None else members | {"kid": self.kid}

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def token(header: object, payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """A compact JWS of any header and payload."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    """Signs with a shared secret."""
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


Reply = Callable[[BaseHTTPRequestHandler], None]


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    """A complete HTTP answer."""

    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return send


@dataclass
class ScriptedProvider:
    """What it answers by path; ``claims`` and ``header`` change the honest token."""

    issuer: str
    key: RsaKey
    now: datetime
    nonce: str = ""
    scripted: dict[str, Reply] = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    make_token: Callable[[ScriptedProvider], str] | None = None
    asked: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)

    def be_honest(self) -> None:
        """Forget what a test scripted."""
        self.make_token = None
        for changed in (self.scripted, self.claims, self.header, self.metadata):
            changed.clear()
        for noted in (self.asked, self.finished):
            noted.clear()

    def honest_metadata(self) -> Json:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}{TOKEN}",
            "jwks_uri": f"{self.issuer}{KEYS}",
        }

    def all_claims(self) -> Json:
        now = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": SUBJECT,
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
        } | self.claims
        return {name: value for name, value in claims.items() if value is not ...}

    def honest_token(self) -> str:
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        payload = json.dumps(self.all_claims()).encode()
        return token(header, payload, self.key.sign)

    def answer(self, path: str) -> Reply:
        if path in self.scripted:
            return self.scripted[path]
        if path == METADATA:
            members = self.honest_metadata() | self.metadata
            found = {name: value for name, value in members.items() if value is not ...}
        elif path == TOKEN:
            made = self.make_token(self) if self.make_token else self.honest_token()
            found = {"access_token": "opaque", "token_type": "Bearer", "id_token": made}
        elif path == KEYS:
            found = {"keys": [self.key.public()]}
        else:
            return reply(b"", 404)
        return reply(json.dumps(found).encode())

    def begun(self, location: str) -> str:
        """Note the nonce of a sign-in that a browser was sent here for; its state."""
        asked = parse_qs(urlsplit(location).query)
        self.nonce = asked["nonce"][0]
        return asked["state"][0]


class _Handler(BaseHTTPRequestHandler):
    provider: ScriptedProvider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.provider.asked.append(path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with suppress(OSError):
            self.provider.answer(path)(self)
            self.provider.finished.append(path)
        self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the base's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@contextmanager
def scripted_provider(key: RsaKey, now: datetime) -> Iterator[ScriptedProvider]:
    """A provider that listens on a free port."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        provider = ScriptedProvider(f"http://127.0.0.1:{server.server_port}", key, now)
        handler.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
