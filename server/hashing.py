"""Hashes of what must not be read back: PINs, passwords, tokens, caller numbers.

A PIN is kept as Argon2id (RFC 9106) over HMAC-SHA256 with a pepper that is never in the database
(S1): four digits have 10,000 values, so a hash alone, however slow, would give them all to whoever
holds a copy of the table.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from server.settings import HashCost

TOKEN_BYTES = 32


class Hasher:
    """Hashes and checks PINs and passwords at one cost; safe to share between threads."""

    def __init__(self, pepper: str, cost: HashCost) -> None:
        self._pepper = pepper.encode()
        self._argon2 = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            type=Type.ID,
        )
        self._at_once = BoundedSemaphore(cost.at_once)
        self._dummy = self.hash_pin(secrets.token_hex(8))

    def hash_pin(self, pin: str) -> str:
        """The form in which a PIN is stored."""
        return self._hash(b"pin:", pin)

    def check_pin(self, digest: str | None, pin: str) -> bool:
        """Whether this is the PIN; without a digest the same work is done for nothing (S6)."""
        return self._check(digest, b"pin:", pin)

    def hash_password(self, password: str) -> str:
        """The form in which a password is stored."""
        return self._hash(b"password:", password)

    def check_password(self, digest: str | None, password: str) -> bool:
        """Whether this is the password; without a digest the same work is done for nothing."""
        return self._check(digest, b"password:", password)

    def pseudonym(self, kind: str, value: str) -> str:
        """A keyed digest that stands for a caller number or licence number in budgets."""
        return hmac.new(self._pepper, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def _peppered(self, kind: bytes, secret: str) -> bytes:
        return hmac.new(self._pepper, kind + secret.encode(), hashlib.sha256).digest()

    def _hash(self, kind: bytes, secret: str) -> str:
        with self._at_once:
            return self._argon2.hash(self._peppered(kind, secret))

    def _check(self, digest: str | None, kind: bytes, secret: str) -> bool:
        with self._at_once:
            try:
                right = self._argon2.verify(digest or self._dummy, self._peppered(kind, secret))
            except (VerificationError, InvalidHashError):
                return False
        return right and digest is not None


def new_token() -> str:
    """An unguessable token for a call, a browser session or a form."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """What is stored of a token: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time, whatever their lengths."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest()
    )
