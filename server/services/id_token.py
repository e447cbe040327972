"""Verifies an ID token, following OpenID Connect Core 1.0, section 3.1.3.7.

joserfc verifies the signature and the times; the form of every claim used is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from server.errors import ServerError
from server.strict_json import parse_json

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Only signatures with a private key, which nobody but the provider can make."""
LEEWAY_S = 30
"""Allowed difference between the provider's clock and ours."""
LONGEST_SUBJECT = 200


class IdTokenError(ServerError):
    """The ID token is invalid; the message quotes nothing from it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Required contents of the token: this issuer, this client, and this sign-in."""

    issuer: str
    client_id: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Proved:
    """The person who signed in; ``proved_at`` is when the provider last authenticated them, if
    known.
    """

    subject: str
    proved_at: datetime | None
    claims: dict[str, Any]


def verify_id_token(token: str, keys: KeySet, expected: Expected, now: datetime) -> Proved:
    """Verify signature and claims. Raises IdTokenError."""
    claims = _signed_claims(token, keys)
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise IdTokenError(f"{error.error} {getattr(error, 'claim', '')}".strip()) from None
    _check_party(claims, expected.client_id)
    return Proved(_subject(claims), _proved_at(claims, now), claims)


def _signed_claims(token: str, keys: KeySet) -> dict[str, Any]:
    try:
        verified = jws.deserialize_compact(token, keys, algorithms=ALGORITHMS)
    except JoseError as error:
        raise IdTokenError(error.error) from None
    except (TypeError, RecursionError):  # a header whose crit is not a list, or deeply nested
        raise IdTokenError("invalid header") from None
    try:
        claims = parse_json(verified.payload or b"")
    except ValueError:
        raise IdTokenError("not valid JSON") from None
    if not isinstance(claims, dict):
        raise IdTokenError("no claims")
    return claims


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several audiences must have been issued to us."""
    audiences, party = claims["aud"], claims.get("azp")
    if party is None and isinstance(audiences, list) and len(audiences) > 1:
        raise IdTokenError("missing_claim azp")
    if party is not None and party != client_id:
        raise IdTokenError("invalid_claim azp")


def _subject(claims: dict[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise IdTokenError("invalid_claim sub")
    if not (subject.isascii() and subject.isprintable()):
        raise IdTokenError("invalid_claim sub")
    return subject


def _proved_at(claims: dict[str, Any], now: datetime) -> datetime | None:
    """``auth_time``, capped to now if the clocks differ slightly; unknown if further ahead."""
    seconds = claims.get("auth_time")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise IdTokenError("invalid_claim auth_time")
    if not 0 <= seconds < inf:
        raise IdTokenError("invalid_claim auth_time")
    if seconds > now.timestamp() + LEEWAY_S:
        return None
    return min(datetime.fromtimestamp(seconds, UTC), now)
