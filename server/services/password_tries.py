"""Limits on password attempts that cannot be used to lock out somebody else (S16, decision 25).

Wrong passwords are counted by origin:

- a browser that the person has signed in with has its own count, and so does a session that asks
  for the password again; strangers cannot use up either;
- other browsers are counted by address, and by address and name;
- they are also counted by name. That count refuses nobody: once it is used up, each address has
  only a few attempts per day for the name. An address that has not tried the name has them all.

Rows are always locked in this order: address, address and name, name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.context import Context
from server.errors import TooManyError
from server.services.budgets import Allowance, count, has_room

QUARTER = timedelta(minutes=15)
DAY = timedelta(hours=24)
DIGEST = 40


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of a password: an address, and the number of a browser known for the name."""

    address: str = "unknown"
    browser: str | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """Budgets of an attempt; ``when_attacked`` applies once the name's ``aimed_at`` is used up."""

    limits: tuple[Allowance, ...]
    when_attacked: Allowance | None = None
    aimed_at: Allowance | None = None

    def count(self, session: Session, now: datetime) -> tuple[int, ...] | timedelta:
        """Count the attempt as wrong in advance; return its uses, or how long to wait.

        A refused attempt is not counted, so that trying again does not prolong the wait. It leaves
        no row either, or invented names would fill the table.
        """
        for limit in self.limits:
            if not has_room(session, (limit,), now):
                return limit.window
        counted = self.limits
        if self.when_attacked is not None and self.aimed_at is not None:
            few_left = has_room(session, (self.when_attacked,), now)
            attacked = not has_room(session, (self.aimed_at,), now)
            if attacked and not few_left:
                return self.when_attacked.window
            counted += (self.when_attacked,) if attacked else (self.when_attacked, self.aimed_at)
        return count(session, counted, now, wanted=True)


def tries_of(context: Context, username: str, origin: Origin) -> Tries:
    """The budgets for signing in."""
    limits = context.settings.limits
    if origin.browser is not None:
        return Tries((Allowance(f"sign-in-known:{origin.browser}", limits.sign_ins, QUARTER),))
    name = username.casefold()

    def key(kind: str, value: str) -> str:
        return f"sign-in-{kind}:{context.hasher.pseudonym(f'sign-in {kind}', value)[:DIGEST]}"

    both = f"{origin.address} {name}"
    return Tries(
        limits=(
            Allowance(key("address", origin.address), limits.sign_ins_per_address, QUARTER),
            Allowance(key("both", both), limits.sign_ins, QUARTER),
        ),
        when_attacked=Allowance(key("day", both), limits.sign_ins_when_attacked, DAY),
        aimed_at=Allowance(key("name", name), limits.sign_ins_of_strangers, DAY),
    )


def tries_of_session(context: Context, digest: str) -> Tries:
    """The budgets for repeating the password within a session."""
    return Tries(
        (Allowance(f"confirm:{digest[:DIGEST]}", context.settings.limits.sign_ins, QUARTER),)
    )


def too_many(wait: timedelta) -> TooManyError:
    """The error that asks a person to wait."""
    hours = wait // timedelta(hours=1)
    how_long = f"{hours} hours" if hours else f"{wait // timedelta(minutes=1)} minutes"
    return TooManyError(
        f"Too many attempts. Please wait {how_long} and try again, or use a browser that you have "
        "signed in with before.",
        int(wait.total_seconds()),
    )
