"""Checks who may connect: HTTP Basic or a bearer credential, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac


def same(given: str, expected: str) -> bool:
    """Return True if two secrets are equal; the time taken does not reveal where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def admits(authorization: str, username: str, credential: str) -> bool:
    """Return True if this Authorization header has the credential; always, if none is set."""
    if not credential:
        return True
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return same(rest.strip(), credential)
        case "basic":
            return same(_basic(rest), f"{username}:{credential}")
        case _:
            return False


def _basic(encoded: str) -> str:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
