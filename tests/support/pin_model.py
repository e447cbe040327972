"""What the rules say of presented PINs, written a second time: plain lists and a clock.

It shares no code with the server. ``begin`` is everything up to the moment at which the PIN may be
looked at, ``finish`` what follows, so that others can act in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
HALF_A_MINUTE = timedelta(seconds=30)
TOKEN = timedelta(minutes=10)
KEPT = timedelta(days=90)
PER_CALL, PER_ACCOUNT, PER_CALLER, WITHHELD = 3, 5, 6, 7
PER_REPRESENTATIVE, OVERALL = 6, 12
FIRST_LOCK = timedelta(hours=24)


@dataclass(eq=False)
class Try:
    """One presented PIN that was written down."""

    whose: str
    call: str
    number: int
    who: str
    at: datetime
    result: str = "pending"
    outdated: bool = False


@dataclass
class Account:
    """One educator's telephone."""

    pin: str | None
    locked_until: datetime | None = None
    locks: int = 0

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


@dataclass(eq=False)
class Token:
    whose: str
    end: datetime


@dataclass
class Use:
    at: datetime


@dataclass
class Begun:
    """A request whose PIN is about to be looked at, or not to be."""

    whose: str
    right: bool
    answer: str | None
    row: Try | None
    uses: dict[str, Use] = field(default_factory=dict)

    @property
    def looked_at(self) -> bool:
        return self.answer is None


@dataclass
class Ended:
    result: str
    locked_now: bool = False


class BusyInModelError(Exception):
    """The same request is being checked."""


class Model:
    """The rules S4, S5, S10, S15, S17."""

    def __init__(self, pins: dict[str, str | None]) -> None:
        self.accounts = {number: Account(pin) for number, pin in pins.items()}
        self.tries: list[Try] = []
        self.logs: dict[str, list[Use]] = {}
        self.tokens: dict[str, Token] = {}

    def begin(
        self, now: datetime, whose: str, pin: str, call: str, number: int | None, caller: str
    ) -> Begun:
        """``caller`` is "withheld", "caller ..." or "user ..."; the latter are representatives."""
        who = caller if caller.startswith("user") else "telephone"
        if number is None:
            number = max((each.number for each in self.tries if each.call == call), default=0) + 1
        room = self._room(now, call, caller)
        earlier = [each for each in self.tries if (each.call, each.number) == (call, number)]
        same = [each for each in earlier if (each.whose, each.who) == (whose, who)]
        repeats = bool(same) and abs(now - same[0].at) < MINUTE
        if repeats and same[-1].result == "pending" and abs(now - same[-1].at) < HALF_A_MINUTE:
            raise BusyInModelError
        self._touch(whose, now)
        if repeats and same[-1].result != "verified":
            return Begun(whose, False, same[-1].result, None)
        row = Try(whose, call, number, who, now)
        answer = self._answer(whose, room, bool(earlier) and not repeats, now)
        account = self.accounts.get(whose)
        begun = Begun(whose, account is not None and account.pin == pin, answer, row)
        self.tries.append(row)
        if room:
            for key in (call, caller, "overall"):
                begun.uses[key] = Use(now)
                self.logs[key].append(begun.uses[key])
        return begun

    def finish(self, begun: Begun, now: datetime) -> Ended:
        if begun.row is None:
            return Ended(str(begun.answer))
        account = self.accounts.get(begun.whose)
        result = begun.answer or ("verified" if begun.right else "wrong")
        if result == "verified" and begun.row.outdated:
            result = "wrong"
        elif result == "verified" and account and account.locked(now):
            result = "locked"
        begun.row.result = result
        if result == "verified":
            for key, use in begun.uses.items():
                self.logs[key] = [each for each in self.logs[key] if each is not use]
        return Ended(result, result == "wrong" and self._lock_if_used_up(begun.whose, now))

    def issued(self, token: str, whose: str, now: datetime) -> None:
        self.tokens[token] = Token(whose, now + TOKEN)

    def read(self, token: str, now: datetime) -> str | None:
        """Whose account a token opens."""
        found = self.tokens.get(token)
        if found is None or found.end <= now:
            return None
        found.end = min(found.end, now + TOKEN)
        return found.whose

    def set_pin(self, whose: str, pin: str) -> None:
        self.accounts[whose].pin = pin
        self._open_again(whose)
        self._end_tokens(whose)

    def unlock(self, whose: str, now: datetime) -> bool:
        if not self.accounts[whose].locked(now):
            return False
        self._open_again(whose)
        return True

    def verified_in(self, call: str, whose: str, now: datetime) -> bool:
        """Whether a call that was handed over opens an account."""
        right = [
            each
            for each in self.tries
            if (each.call, each.who, each.result) == (call, "telephone", "verified")
            and not each.outdated
            and now - 2 * HOUR < each.at <= now
        ]
        return bool(right) and right[-1].whose == whose and not self.accounts[whose].locked(now)

    def purge(self, now: datetime) -> None:
        for each in self.tries:
            each.at = min(each.at, now)
        self.tries = [each for each in self.tries if each.at >= now - KEPT]
        for key, log in self.logs.items():
            for use in log:
                use.at = min(use.at, now)
            self.logs[key] = [use for use in log if use.at > now - DAY]
        for token in self.tokens.values():
            token.end = min(token.end, now + TOKEN)
        self.tokens = {name: each for name, each in self.tokens.items() if each.end >= now}

    def uses(self) -> list[tuple[str, datetime]]:
        return [(key, use.at) for key, log in self.logs.items() for use in log]

    def _room(self, now: datetime, call: str, caller: str) -> bool:
        kinds = {"withheld": WITHHELD, "caller": PER_CALLER, "user": PER_REPRESENTATIVE}
        most = {call: PER_CALL, caller: kinds[caller.split(maxsplit=1)[0]], "overall": OVERALL}
        for key in most:
            window = HOUR if key == "overall" else DAY
            log = self.logs.setdefault(key, [])
            for use in log:
                use.at = min(use.at, now)
            self.logs[key] = [use for use in log if use.at > now - window]
        return all(len(self.logs[key]) < most[key] for key in most)

    def _touch(self, whose: str, now: datetime) -> None:
        account = self.accounts.get(whose)
        if account is None:
            return
        for each in self.tries:
            if each.whose == whose:
                each.at = min(each.at, now)
        if account.locked_until is not None:
            longest = now + _length(max(account.locks - 1, 0))
            account.locked_until = min(account.locked_until, longest)

    def _answer(self, whose: str, room: bool, used: bool, now: datetime) -> str | None:
        account = self.accounts.get(whose)
        if not room:
            return "over-budget"
        if account is None:
            return "unknown"
        counted = self._count(whose, now, "wrong", "pending")
        if account.locked(now) or counted >= PER_ACCOUNT:
            return "locked"
        if account.pin is None:
            return "no-pin"
        return "wrong" if used else None

    def _count(self, whose: str, now: datetime, *results: str) -> int:
        return sum(
            each.whose == whose
            and each.at > now - DAY
            and not each.outdated
            and each.result in results
            for each in self.tries
        )

    def _lock_if_used_up(self, whose: str, now: datetime) -> bool:
        account = self.accounts[whose]
        if account.locked(now) or self._count(whose, now, "wrong") < PER_ACCOUNT:
            return False
        account.locked_until = now + _length(account.locks)
        account.locks += 1
        self._end_tokens(whose)
        return True

    def _open_again(self, whose: str) -> None:
        self.accounts[whose].locked_until = None
        self.accounts[whose].locks = 0
        for each in self.tries:
            each.outdated = each.outdated or each.whose == whose

    def _end_tokens(self, whose: str) -> None:
        self.tokens = {n: each for n, each in self.tokens.items() if each.whose != whose}


def _length(locks: int) -> timedelta:
    lengths = (FIRST_LOCK, FIRST_LOCK * 2, FIRST_LOCK * 4)
    return lengths[min(locks, 2)]
