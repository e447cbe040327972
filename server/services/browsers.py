"""Known browsers: a signed cookie records that a person has signed in with this browser (S16).

These are OWASP's device cookies. Strangers who guess passwords share counters with other strangers,
and cannot lock out the browser of the person whose name they use. The cookie grants nothing. It
holds a random number, under which this browser's wrong passwords are counted, and its name contains
a keyed digest of the person's user name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import Response

from server.context import Context
from server.hashing import new_token

PREFIX = "elms-known-"
SECURE_PREFIX = "__Host-" + PREFIX
NAME_LENGTH = 12
DAY_S = 86_400
LOOKED_AT = 4
"""Maximum number of cookies verified per request; only a browser shared by many has more."""
COOKIE = re.compile(r"((?:__Host-)?elms-known-[0-9a-f]{12})=([^;,\s]+)")


def remember(context: Context, response: Response, username: str) -> None:
    """Set a new cookie for this person and browser."""
    settings = context.settings
    name = _cookie(context, username)
    response.set_cookie(
        name,
        _signer(context, name).dumps(new_token()),
        max_age=settings.known_days * DAY_S,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def known_for(context: Context, cookies: Mapping[str, str], username: str) -> str | None:
    """The browser's number if this person has signed in with it, or None."""
    name = _cookie(context, username)
    return _number(context, name, cookies[name]) if name in cookies else None


def known(context: Context, cookies: str) -> str | None:
    """The browser's number, from the Cookie header, if anybody has signed in with it, or None.

    The header is not parsed as a whole, since a stranger's may hold thousands of cookies.
    """
    prefix = _prefix(context)
    mine = (found.groups() for found in COOKIE.finditer(cookies))
    ours = islice((pair for pair in mine if pair[0].startswith(prefix)), LOOKED_AT)
    numbers = (_number(context, name, value) for name, value in ours)
    return next((number for number in numbers if number is not None), None)


def _prefix(context: Context) -> str:
    return SECURE_PREFIX if context.settings.secure_cookies else PREFIX


def _cookie(context: Context, username: str) -> str:
    digest = context.hasher.pseudonym("known browser", username.casefold())
    return _prefix(context) + digest[:NAME_LENGTH]


def _number(context: Context, name: str, value: str) -> str | None:
    try:
        number = _signer(context, name).loads(value, context.settings.known_days * DAY_S)
    except BadData:
        return None
    return str(number)


def _signer(context: Context, name: str) -> URLSafeTimedSerializer:
    """The name is the salt: a cookie renamed for another person has an invalid signature."""
    return URLSafeTimedSerializer(context.hasher.pseudonym("key", "known browser"), salt=name)
