"""Encrypts what people must be able to read again, such as a number to call back.

The key comes from the pepper, which is never in the database: a copy of the database alone shows
nothing. AES-256-GCM in a compact JWE (RFC 7516).
"""

from __future__ import annotations

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Sealer:
    """Seals and opens texts for one purpose, with a key of its own."""

    def __init__(self, pepper: str, purpose: str) -> None:
        secret = hmac.new(pepper.encode(), f"seal:{purpose}".encode(), hashlib.sha256).digest()
        self._key = OctKey.import_key(secret)

    def seal(self, text: str) -> str:
        """Encrypt; the same text is sealed differently each time."""
        return jwe.encrypt_compact(_HEADER, text.encode(), self._key)

    def open(self, sealed: str) -> str | None:
        """Decrypt; None if it was changed, or sealed under another pepper."""
        try:
            plain = jwe.decrypt_compact(sealed, self._key).plaintext
        except (JoseError, ValueError):
            return None
        return plain.decode() if plain is not None else None
