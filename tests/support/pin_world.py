"""The server and the model of its rules side by side: what is done to one is done to the other."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select

from server.errors import BusyError
from server.hashing import token_digest
from server.models import Attempt, BudgetUse, CallToken, Educator, PhoneAccess, Pin, User
from server.seed.demonstration import ACCOUNTS
from server.services import retention
from server.services.handovers import take_handover
from server.services.pins import set_pin, unlock
from server.services.representative_desk import check_caller
from server.services.sign_in import SignedIn, find_session, open_session
from server.services.verification import Presented, verify
from tests.support.elms_service import BOT, running_elms
from tests.support.pin_model import BusyInModelError, Ended, Model

LIMITS = {
    "pins_per_call": 3,
    "pins_per_account": 5,
    "pins_per_caller": 6,
    "pins_withheld": 7,
    "pins_per_representative": 6,
    "pins_overall": 12,
    "lock_hours": 24,
    "lock_hours_most": 96,
    "requests_per_minute": 1_000_000,
}
"""The model's, written once more."""
FIRST, SECOND = ACCOUNTS[0].license_number, ACCOUNTS[1].license_number
WITHOUT = next(account.license_number for account in ACCOUNTS if account.pin is None)
UNKNOWN = "999999"
OWNED = {FIRST: ACCOUNTS[0].pin, SECOND: ACCOUNTS[1].pin, WITHOUT: None}
STAFF = ["representative", "representative2"]
CALLERS = {
    "6015550142": "caller +16015550142",
    "+1 (601) 555-0142": "caller +16015550142",
    "6015550143": "caller +16015550143",
    None: "withheld",
    "Anonymous": "withheld",
}
STARTED = datetime(2022, 12, 5, 16, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """What a caller's line sends."""

    license_number: str
    pin: str
    call_id: str
    attempt: int
    caller_number: str | None


@dataclass
class Record:
    """A call that was handed over."""

    whose: str
    at: datetime
    taken: bool = False


class PinWorld:
    """Does things, and fails where the server and the model part."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.elms = self.stack.enter_context(running_elms(folder, limits=LIMITS))
        self.context = self.elms.context
        self.model = Model(dict(OWNED))
        self.tokens: list[str] = []
        self.refusals: set[tuple[bytes, tuple[tuple[str, str], ...]]] = set()
        self.looks = 0
        self._records: dict[str, Record] = {}
        self._sessions: dict[str, str] = {}
        self._meanwhile: Callable[[], None] | None = None
        self._watch_the_hasher()
        self._write_without_waiting()
        with self.context.database.read() as session:
            educators = session.scalars(select(Educator).where(Educator.license_number.in_(OWNED)))
            self._educators = {each.license_number: each.id for each in educators}
            people = session.scalars(select(User).where(User.username.in_(STAFF)))
            self._users = {each.username: each.id for each in people}

    @property
    def now(self) -> datetime:
        return self.elms.clock.now

    def right_pin(self, whose: str) -> str:
        return self.model.accounts[whose].pin or "1357"

    def set_clock(self, by: timedelta) -> None:
        self.elms.clock.now += by

    # -- callers -------------------------------------------------------------------------------

    def send(self, request: Request, meanwhile: Callable[[], None] | None = None) -> None:
        """Present a PIN; others may act while it is being looked at."""
        before, begun = self.looks, self._begin(request)
        looked: list[int] = []

        def act() -> None:
            looked.append(self.looks - before)
            if meanwhile is not None:
                meanwhile()

        self._meanwhile = act
        answer = self.elms.verify(
            request.license_number,
            request.pin,
            call_id=request.call_id,
            attempt=request.attempt,
            caller_number=request.caller_number,
        )
        assert answer.status_code == 200
        assert looked == [begun.looked_at]
        self._compare(request, self.model.finish(begun, self.now), answer)

    def send_inside(self, request: Request) -> None:
        """Present another PIN while one is being looked at."""
        presented = Presented(
            request.license_number,
            request.pin,
            request.call_id,
            request.attempt,
            "dtmf",
            request.caller_number,
        )
        before = self.looks
        try:
            begun = self._begin(request)
        except BusyInModelError:
            with pytest.raises(BusyError):
                verify(self.context, presented)
            assert self.looks == before
            return
        checked = verify(self.context, presented)
        assert self.looks - before == begun.looked_at
        ended = self.model.finish(begun, self.now)
        assert (checked.result, checked.locked_now) == (ended.result, ended.locked_now)
        if checked.token is not None:
            self._issued(checked.token, request)

    def use_token(self, token: str) -> None:
        headers = BOT | {"X-Call-Token": token}
        answer = self.elms.client.get("/api/v1/account", headers=headers)
        assert (answer.status_code == 200) == (self.model.read(token, self.now) is not None)

    # -- representatives and owners ------------------------------------------------------------

    def check(self, who: str, whose: str, pin: str) -> Request:
        """A representative's check, and what a telephone would send under its call and number."""
        before = self.looks
        word, _ = check_caller(self.context, self.me(who), whose, pin, "Renewal")
        after = self.me(who)
        assert after.call_id is not None
        begun = self.model.begin(self.now, whose, pin, after.call_id, None, f"user {who}")
        assert self.looks - before == begun.looked_at
        ended = self.model.finish(begun, self.now)
        shut = ended.result in ("locked", "over-budget") or ended.locked_now
        if ended.result == "verified":
            assert self.model.accounts[whose].pin == pin
            assert (word, after.opened_educator_id) == ("verified", self._educators[whose])
        else:
            assert word == ("locked" if shut else "not verified")
            assert after.opened_educator_id is None
        assert begun.row is not None
        return Request(whose, pin, after.call_id, begun.row.number, None)

    def hand_over(self, who: str, call: str, whose: str) -> None:
        """Store a record and take the call; what is sent again under its name changes nothing."""
        record = {
            "call_id": call,
            "started_utc": STARTED.isoformat(),
            "line": "text",
            "duration_ms": 1,
            "outcome": {"outcome": "transferred", "reason": "asked"},
            "handover": {"reason": "asked", "license_number": whose, "verified": True},
        }
        self.elms.client.put(f"/api/v1/calls/{call}", json=record, headers=BOT)
        kept = self._records.setdefault(call, Record(whose, self.now))
        waits = not kept.taken and kept.at > self.now - timedelta(minutes=15)
        opens = waits and self.model.verified_in(call, kept.whose, self.now)
        assert take_handover(self.context, self.me(who), call) == opens
        if opens:
            kept.taken = True
            assert self.me(who).opened_educator_id == self._educators[kept.whose]

    def me(self, who: str) -> SignedIn:
        """A representative who is signed in, again if need be."""
        found = find_session(self.context, self._sessions.get(who))
        if found is None:
            self._sessions[who] = open_session(self.context, self._users[who], self.context.now())
            found = find_session(self.context, self._sessions[who])
        assert found is not None
        return found

    def set_pin(self, whose: str, pin: str) -> None:
        set_pin(self.context, self._educators[whose], pin, pin, "owner")
        self.model.set_pin(whose, pin)

    def unlock(self, whose: str) -> None:
        unlocked = unlock(self.context, self._educators[whose], "owner")
        assert unlocked == self.model.unlock(whose, self.now)

    def purge(self) -> None:
        retention.purge(self.context)
        self.model.purge(self.now)
        oldest = self.now - timedelta(days=400)
        for kept in self._records.values():
            kept.at = min(kept.at, self.now)
        self._records = {
            call: kept for call, kept in self._records.items() if min(kept.at, STARTED) >= oldest
        }

    # -- what holds after every step -----------------------------------------------------------

    def compare(self) -> None:
        """Rows, uses of budgets and locks are the model's, and so are their times."""
        with self.context.database.read() as session:
            logged = session.execute(select(BudgetUse.key, BudgetUse.at)).all()
            rows = session.execute(select(Attempt.result, Attempt.at, Attempt.outdated)).all()
            pins = session.scalar(select(func.count()).select_from(Pin))
            locks = {
                whose: session.get_one(PhoneAccess, number).locked_until
                for whose, number in self._educators.items()
            }
        tries = [(each.result, each.at, each.outdated) for each in self.model.tries]
        assert Counter(tuple(row) for row in rows) == Counter(tries)
        assert self._logs(logged) == self._logs(self.model.uses())
        assert locks == {name: each.locked_until for name, each in self.model.accounts.items()}
        others = sum(each.pin is not None and each.license_number not in OWNED for each in ACCOUNTS)
        assert pins == others + sum(each.pin is not None for each in self.model.accounts.values())

    def _logs(self, uses: Iterable[Any]) -> Counter[tuple[str, tuple[datetime, ...]]]:
        """The times in each log. Caller numbers have no name in the database."""
        users = {f"user:{number}": f"user {name}" for name, number in self._users.items()}
        logs: dict[str, list[datetime]] = {}
        for key, at in uses:
            logs.setdefault(users.get(key, key.removeprefix("call:")), []).append(at)
        return Counter(
            ("caller" if key.startswith("caller") else key, tuple(sorted(times)))
            for key, times in logs.items()
        )

    def _begin(self, request: Request) -> Any:
        caller = request.caller_number
        name = CALLERS.get(caller) or f"caller +1{caller}"
        return self.model.begin(
            self.now, request.license_number, request.pin, request.call_id, request.attempt, name
        )

    def _compare(self, request: Request, ended: Ended, answer: httpx.Response) -> None:
        token = answer.json()["token"]
        assert (token is not None) == answer.json()["verified"] == (ended.result == "verified")
        if token is not None:
            self._issued(token, request)
            return
        headers = [(n, v) for n, v in answer.headers.items() if n != "x-request-id"]
        self.refusals.add((answer.content, tuple(sorted(headers))))

    def _issued(self, token: str, request: Request) -> None:
        """Only with the account's own current PIN, behind no lock; it opens that account."""
        account = self.model.accounts[request.license_number]
        assert account.pin == request.pin
        assert not account.locked(self.now)
        with self.context.database.read() as session:
            whose = session.get_one(CallToken, token_digest(token)).educator_id
        assert whose == self._educators[request.license_number]
        self.tokens.append(token)
        self.model.issued(token, request.license_number, self.now)

    # -- how the server is watched -------------------------------------------------------------

    def _watch_the_hasher(self) -> None:
        check = self.context.hasher.check_pin

        def watched(digest: str | None, pin: str, costs: Collection[str] = ()) -> bool:
            meanwhile, self._meanwhile = self._meanwhile, None
            self.looks += digest is not None
            right = check(digest, pin, costs)
            if meanwhile is not None:
                meanwhile()
            return right

        self.context.hasher.check_pin = watched  # type: ignore[method-assign]

    def _write_without_waiting(self) -> None:
        """SQLite need not survive a loss of power here."""

        def configure(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous = OFF")

        if self.context.database.is_sqlite:
            self.context.database.engine.dispose()
            event.listen(self.context.database.engine, "connect", configure)
