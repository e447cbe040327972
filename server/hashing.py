"""Hashes of values that must not be recoverable: PINs, passwords, tokens, caller numbers.

A PIN is stored as Argon2id (RFC 9106) over HMAC-SHA256 with a pepper that is never in the database
(S1). Four digits have only 10,000 values, so a hash alone, however slow, would reveal them to
anyone with a copy of the table.

The cost of a hash is a setting that grows over the years, while stored hashes keep the cost they
were made with. A check therefore does one Argon2id at *every* cost stored anywhere: the real digest
at its own, dummies at the others. Its duration does not reveal whose digest it was, or whether
there was one (S6).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Collection
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from server.settings import HashCost

PIN, PASSWORD = b"pin:", b"password:"
"""Kind of secret, as a prefix in the HMAC. Each kind has its own places, so that a flood of
passwords does not delay PINs (S16)."""
TOKEN_BYTES = 32
SALT_BYTES, HASH_BYTES = 16, 32


class Hasher:
    """Hashes PINs and passwords at one cost, and checks them at any; thread-safe."""

    def __init__(self, pepper: str, cost: HashCost) -> None:
        self._pepper = pepper.encode()
        self._argon2 = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            salt_len=SALT_BYTES,
            hash_len=HASH_BYTES,
            type=Type.ID,
        )
        self._at_once = {
            PIN: BoundedSemaphore(cost.at_once),
            PASSWORD: BoundedSemaphore(cost.passwords_at_once),
        }
        self.cost = cost_of(self.hash_pin(secrets.token_hex(8)))

    def hash_pin(self, pin: str) -> str:
        """The digest to store for a PIN."""
        return self._hash(PIN, pin)

    def check_pin(self, digest: str | None, pin: str, costs: Collection[str] = ()) -> bool:
        """Return True if the PIN is right; ``costs`` are all costs at which PINs are stored
        (S6).
        """
        return self._check(digest, PIN, pin, costs)

    def hash_password(self, password: str) -> str:
        """The digest to store for a password."""
        return self._hash(PASSWORD, password)

    def check_password(
        self, digest: str | None, password: str, costs: Collection[str] = ()
    ) -> bool:
        """Return True if the password is right; ``costs`` are all costs at which passwords are
        stored.
        """
        return self._check(digest, PASSWORD, password, costs)

    def is_dated(self, digest: str) -> bool:
        """Return True if a digest was made at another cost than the current one."""
        return cost_of(digest) != self.cost

    def pseudonym(self, kind: str, value: str) -> str:
        """A keyed digest that stands for a caller number or license number in budgets."""
        return hmac.new(self._pepper, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def _peppered(self, kind: bytes, secret: str) -> bytes:
        return hmac.new(self._pepper, kind + secret.encode(), hashlib.sha256).digest()

    def _hash(self, kind: bytes, secret: str) -> str:
        with self._at_once[kind]:
            return self._argon2.hash(self._peppered(kind, secret))

    def _check(self, digest: str | None, kind: bytes, secret: str, costs: Collection[str]) -> bool:
        """Run one Argon2id at each cost, in a fixed order, whatever the digest."""
        peppered = self._peppered(kind, secret)
        own = cost_of(digest) if digest is not None else self.cost
        right = False
        with self._at_once[kind]:
            for cost in sorted({self.cost, own, *costs}):
                mine = digest if cost == own else None
                matches = self._matches(mine or _dummy(cost), peppered)
                right = right or (mine is not None and matches)
        return right

    def _matches(self, digest: str, peppered: bytes) -> bool:
        try:
            return self._argon2.verify(digest, peppered)
        except (VerificationError, InvalidHashError):
            return False


def cost_of(digest: str) -> str:
    """The cost part of a digest, such as ``$argon2id$v=19$m=19456,t=2,p=1``."""
    return digest.rsplit("$", 2)[0]


def _dummy(cost: str) -> str:
    """A digest with this cost that nothing matches."""
    salt, hashed = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (SALT_BYTES, HASH_BYTES)
    )
    return f"{cost}${salt}${hashed}"


def new_token() -> str:
    """A random token for a call, a browser session, or a form."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """The digest to store for a token: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time, even if their lengths differ."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest()
    )
