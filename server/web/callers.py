"""Identifies the sender of a request by its head: bot, known browser, or stranger (S16)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.types import Scope

from server.context import Context
from server.hashing import same
from server.services import browsers
from server.web.addresses import address_key


class Kind(StrEnum):
    """The kinds of callers, known without the database."""

    BOT = "bot"
    KNOWN = "known"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request; ``key`` is the key of its limits."""

    kind: Kind
    key: str


def caller_of(context: Context, scope: Scope) -> Caller:
    """The sender of a request. A known browser is counted by its cookie, not by its address."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    address = address_key(str(client[0])) if client else "local"
    if is_bot(context, headers.get("authorization", "")):
        return Caller(Kind.BOT, address)
    number = browsers.known(context, headers.get("cookie", ""))
    return Caller(Kind.STRANGER, address) if number is None else Caller(Kind.KNOWN, number)


def is_bot(context: Context, authorization: str) -> bool:
    """Return True if the header has the bot's bearer credential (S13); compared in constant
    time.
    """
    expected = context.settings.bot_credential.get_secret_value()
    scheme, _, given = authorization.partition(" ")
    return bool(expected) and scheme.lower() == "bearer" and same(given, expected)
