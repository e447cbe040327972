"""OpenID Connect: the authorization code flow with PKCE (RFC 7636), state, and nonce.

Authlib builds the authorization request and the PKCE challenge; ``provider`` calls the provider,
``id_token`` verifies its ID token, and ``links`` finds the account. No accounts are created. The
time of the person's last sign-in at the provider is passed on: it alone counts for a page that
requires a recent confirmation (S11).
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import quote

import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadData, URLSafeSerializer

from server.context import Context
from server.errors import RuleError, SignInAwayError
from server.hashing import same
from server.services import audit
from server.services.id_token import LEEWAY_S, Expected, IdTokenError, Proved, verify_id_token
from server.services.links import claim_educator, linked_user
from server.services.provider import Code, ProviderAwayError, ProviderError, discover, exchange

log = structlog.get_logger("elms.server")

FLOW_SECONDS = 600
FAILED = "Single sign-on failed. Please try again."
AWAY = "Single sign-on cannot be reached. Please try again later."
TOO_LONG = "The sign-in took too long. Please try again."
STOPPED = "The sign-in was not completed. Please try again."
UNKNOWN = (
    "There is no ELMS account for this sign-in. If you have one, ask the department to link it to "
    "the identifier {subject}."
)


@dataclass(frozen=True, slots=True)
class Start:
    """The browser's destination, and the cookie that it keeps meanwhile."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The parameters with which the provider sent the browser back."""

    state: str
    code: str = field(repr=False)
    issuer: str | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A finished sign-in: the user, the next page, and when the provider last authenticated them.

    ``proved_at`` is None if unknown.
    """

    user_id: int
    to: str
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Flow:
    """A started sign-in, as kept in the signed cookie; ``began`` is in seconds since 1970."""

    state: str
    nonce: str
    verifier: str
    to: str
    again: bool
    began: float


def begin(context: Context, to: str, again: bool) -> Start:
    """Start a sign-in; with ``again``, the provider asks for the password again (S11)."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    settings = context.settings.sso
    try:
        metadata = discover(str(settings.issuer))
    except (ProviderError, ProviderAwayError) as error:
        _refuse(error)
    asked = {
        "redirect_uri": _callback(context),
        "scope": settings.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    address = prepare_grant_uri(
        metadata.authorization_endpoint, settings.client_id, "code", **asked
    )
    flow = _Flow(state, nonce, verifier, to, again, context.now().timestamp())
    return Start(str(address), str(_signer(context).dumps(asdict(flow))))


def finish(context: Context, cookie: str, answer: Answer) -> SignIn:
    """Finish a sign-in. Raises RuleError, or SignInAwayError if the provider does not respond."""
    flow = _flow(context, cookie, answer.state)
    if not answer.code:
        log.warning("sso.refused", cause="callback: no code")
        raise RuleError(STOPPED)
    try:
        proved = _prove(context, flow, answer)
    except (ProviderError, ProviderAwayError, IdTokenError) as error:
        _refuse(error)
    return SignIn(_person(context, proved), flow.to, proved.proved_at)


def _refuse(error: Exception) -> NoReturn:
    """One line for the operator, one sentence for the person."""
    log.warning("sso.refused", cause=str(error))
    if isinstance(error, ProviderAwayError):
        raise SignInAwayError(AWAY) from None
    raise RuleError(FAILED) from None


def _prove(context: Context, flow: _Flow, answer: Answer) -> Proved:
    settings = context.settings.sso
    secret = settings.client_secret.get_secret_value()
    form = {
        "grant_type": "authorization_code",
        "code": answer.code,
        "redirect_uri": _callback(context),
        "code_verifier": flow.verifier,
    }
    client = (quote(settings.client_id, safe=""), quote(secret, safe=""))
    exchanged = exchange(str(settings.issuer), Code(form, client, answer.issuer))
    expected = Expected(exchanged.issuer, settings.client_id, flow.nonce)
    proved = verify_id_token(exchanged.id_token, exchanged.keys, expected, context.now())
    if flow.again and not _is_after(proved.proved_at, flow.began):
        raise IdTokenError("nobody was asked again")
    return proved


def _is_after(proved_at: datetime | None, began: float) -> bool:
    """Return True if the person was authenticated after the flow began, allowing for clock skew."""
    return proved_at is not None and proved_at.timestamp() >= began - LEEWAY_S


def _person(context: Context, proved: Proved) -> int:
    settings = context.settings.sso
    issuer = str(settings.issuer)
    with context.database.write() as session:
        user = linked_user(session, issuer, proved.subject)
        facts = {"how": "single sign-on"}
        if user is None and settings.license_claim is not None:
            named = proved.claims.get(settings.license_claim)
            if claim_educator(session, issuer, proved.subject, named):
                facts["linked"] = "by the license claim"
                user = linked_user(session, issuer, proved.subject)
        audit.record(
            session,
            at=context.now(),
            actor="web",
            action="sign-in.succeeded" if user else "sign-in.failed",
            subject=f"user:{user.id}" if user else "user:unknown",
            facts=facts,
        )
    if user is None:
        raise RuleError(UNKNOWN.format(subject=proved.subject))
    return user.id


def _callback(context: Context) -> str:
    return f"{context.settings.address}/sso/callback"


def _flow(context: Context, cookie: str, state: str) -> _Flow:
    """The sign-in that this browser started, if the provider's response belongs to it."""
    try:
        kept: dict[str, Any] = _signer(context).loads(cookie)
    except BadData:
        log.warning("sso.refused", cause="callback: no sign-in was begun here")
        raise RuleError(TOO_LONG) from None
    flow = _Flow(**kept)
    age_s = context.now().timestamp() - flow.began
    if not -LEEWAY_S <= age_s <= FLOW_SECONDS:
        log.warning("sso.refused", cause="callback: too late")
        raise RuleError(TOO_LONG)
    if not same(state, flow.state):
        log.warning("sso.refused", cause="callback: another state")
        raise RuleError(FAILED)
    return flow


def _signer(context: Context) -> URLSafeSerializer:
    return URLSafeSerializer(context.hasher.pseudonym("key", "single sign-on"))
