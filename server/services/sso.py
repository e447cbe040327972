"""OpenID Connect: the authorization code flow with PKCE (RFC 7636), state and nonce.

Authlib writes the authorization request and the PKCE challenge, joserfc checks the ID token's
signature and claims (OpenID Connect Core 3.1.3.7); the answer's issuer is checked as RFC 9207 says.
Nobody is created here: a person is found by issuer and subject, or, once, by a name claim that
equals the user name of an account that has no subject yet.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select

from server.context import Context
from server.errors import RuleError
from server.hashing import same
from server.models import User
from server.services import audit

SCOPE = "openid profile"
FLOW_SECONDS = 600
LEEWAY_S = 30
TIMEOUT_S = 10
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
FAILED = "The single sign-on did not work. Please try again."


@dataclass(frozen=True, slots=True)
class Start:
    """Where the browser goes, and what its cookie keeps meanwhile."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with."""

    state: str
    code: str = field(repr=False)
    issuer: str | None


def begin(context: Context, to: str, again: bool) -> Start:
    """Begin a sign-in; ``again`` wants the person to prove who they are once more (S11)."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    settings = context.settings.sso
    asked = {
        "redirect_uri": _callback(context),
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    with httpx.Client(timeout=TIMEOUT_S) as client:
        metadata = _metadata(context, client)
    address = prepare_grant_uri(
        metadata["authorization_endpoint"], settings.client_id, "code", **asked
    )
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "to": to, "again": again}
    return Start(str(address), _signer(context).dumps(kept))


def finish(context: Context, cookie: str, answer: Answer) -> tuple[int, str]:
    """End a sign-in; return whose it is and where to go on. Raises RuleError."""
    try:
        kept: dict[str, Any] = _signer(context).loads(cookie, max_age=FLOW_SECONDS)
    except BadSignature:
        raise RuleError("The sign-in took too long. Please try again.") from None
    if not same(answer.state, str(kept["state"])):
        raise RuleError(FAILED)
    try:
        claims = _claims(context, kept, answer)
    except (JoseError, httpx.HTTPError, KeyError, ValueError):
        raise RuleError(FAILED) from None
    return _person(context, claims), str(kept["to"])


def _claims(context: Context, kept: dict[str, Any], answer: Answer) -> dict[str, Any]:
    settings = context.settings.sso
    with httpx.Client(timeout=TIMEOUT_S) as client:
        metadata = _metadata(context, client)
        if answer.issuer is not None and answer.issuer != metadata["issuer"]:
            raise ValueError("another provider answered")
        exchanged = client.post(
            metadata["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": answer.code,
                "redirect_uri": _callback(context),
                "code_verifier": kept["verifier"],
            },
            auth=(quote(settings.client_id), quote(settings.client_secret.get_secret_value())),
        ).raise_for_status()
        keys = KeySet.import_key_set(client.get(metadata["jwks_uri"]).raise_for_status().json())
    token = exchanged.json()
    decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(context.now().timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": settings.client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": kept["nonce"]},
    )
    registry.validate(decoded.claims)
    if kept["again"]:
        ago_s = context.now().timestamp() - int(decoded.claims["auth_time"])
        if ago_s > FLOW_SECONDS:
            raise ValueError("the person was not asked again")
    return dict(decoded.claims)


def _person(context: Context, claims: dict[str, Any]) -> int:
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    name = claims.get(context.settings.sso.name_claim)
    with context.database.write() as session:
        user = session.scalars(
            select(User).where(User.oidc_issuer == issuer, User.oidc_subject == subject)
        ).one_or_none()
        if user is None and isinstance(name, str):
            user = session.scalars(
                select(User).where(User.username == name, User.oidc_subject.is_(None))
            ).one_or_none()
            if user is not None:
                user.oidc_issuer, user.oidc_subject = issuer, subject
        audit.record(
            session,
            at=context.now(),
            actor="web",
            action="sign-in.succeeded" if user else "sign-in.failed",
            subject=f"user:{user.id}" if user else "user:unknown",
            facts={"how": "single sign-on"},
        )
        user_id = user.id if user else None
    if user_id is None:
        raise RuleError("There is no ELMS account for this sign-in.")
    return user_id


def _callback(context: Context) -> str:
    return f"{context.settings.address}/sso/callback"


def _metadata(context: Context, client: httpx.Client) -> dict[str, Any]:
    issuer = str(context.settings.sso.issuer).rstrip("/")
    try:
        answer = client.get(f"{issuer}/.well-known/openid-configuration")
        metadata: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        raise RuleError("The single sign-on cannot be reached. Please try again later.") from None
    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
        raise RuleError(FAILED)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(str(metadata.get(name, ""))).scheme not in _schemes(issuer):
            raise RuleError(FAILED)
    return metadata


def _schemes(issuer: str) -> tuple[str, ...]:
    """Plain HTTP only towards a provider on this computer."""
    host = urlsplit(issuer).hostname
    return ("https", "http") if host in ("127.0.0.1", "localhost", "::1") else ("https",)


def _signer(context: Context) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(context.hasher.pseudonym("key", "single sign-on"))
