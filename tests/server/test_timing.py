"""Refusals take the same time (S6): hundreds of interleaved tries, compared pair by pair.

What is tested is not a duration but whether a stranger could tell reasons apart by their time: of
two tries beside each other, one for each reason, either has to be the longer one about as often.
A round has one try for each reason, in changing order, so that a busy machine slows all alike. The
time in which a try had no processor is not counted: it is chance alone, and would hide a
difference. The hash costs two fifths of what it costs in service.

The hash's cost was changed lately: some PINs and passwords are still stored at an older, cheaper
cost. Whose they are must not show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select

from server.context import Context
from server.errors import RuleError
from server.hashing import Hasher
from server.models import Attempt, Educator, PhoneAccess, Pin, User
from server.seed.demonstration import ACCOUNTS, STAFF
from server.services.password_tries import Origin
from server.services.sign_in import sign_in
from server.services.verification import Presented, verify
from server.settings import DEMO_PEPPER, HashCost
from tests.support.elms_service import Elms, running_elms

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

ROUNDS = 120
TELLING = 0.19
"""An advantage over guessing; its standard error over 120 rounds is 0.046."""
SCHEDSTAT = Path("/proc/thread-self/schedstat")
TODAY = HashCost(memory_kib=8_192, passes=1)
DATED = Hasher(DEMO_PEPPER, HashCost(memory_kib=2_048, passes=1))

WRONG = "1357"
NUMBER, LOCKED, DATED_NUMBER, DATED_LOCKED = (each.license_number for each in ACCOUNTS[:4])
NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
REFUSALS = {
    "wrong": NUMBER,
    "wrong, dated hash": DATED_NUMBER,
    "unknown": "999999",
    "no-pin": NO_PIN,
    "locked": LOCKED,
    "locked, dated hash": DATED_LOCKED,
}
NAMES = {"known": NUMBER, "known, dated hash": STAFF[0].username, "unknown": "nobody"}

OPEN = {
    "pins_per_account": 100_000,
    "pins_withheld": 100_000,
    "pins_overall": 100_000,
    "sign_ins": 100_000,
    "sign_ins_per_address": 100_000,
    "sign_ins_of_strangers": 100_000,
}


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path, limits=OPEN, hash_cost=TODAY.model_dump()) as running:
        hash_at_two_costs(running.context)
        lock(running)
        yield running


def hash_at_two_costs(context: Context) -> None:
    """Most at today's cost, some still at the one before it."""
    today, dated = context.hasher, DATED
    pins = today.hash_pin("0813"), dated.hash_pin("0813")
    passwords = today.hash_password("Magnolia"), dated.hash_password("Magnolia")
    with context.database.write() as session:
        for pin, number in session.execute(select(Pin, Educator.license_number).join(Educator)):
            pin.digest = pins[number in (DATED_NUMBER, DATED_LOCKED)]
        for user in session.scalars(select(User)):
            user.password_digest = passwords[user.username == STAFF[0].username]


def forget_attempts(context: Context) -> None:
    """No account ever has hundreds of attempts to count, as it would have here."""
    with context.database.write() as session:
        session.execute(delete(Attempt))


def lock(elms: Elms) -> None:
    with elms.context.database.write() as session:
        for access in session.scalars(
            select(PhoneAccess)
            .join(Educator, Educator.id == PhoneAccess.educator_id)
            .where(Educator.license_number.in_((LOCKED, DATED_LOCKED)))
        ):
            access.locked_until = elms.clock.now.replace(year=2023)


def undisturbed_s() -> float:
    """Seconds without those in which this thread was ready and had no processor (proc(5))."""
    waited_ns = int(SCHEDSTAT.read_text().split()[1]) if SCHEDSTAT.is_file() else 0
    return time.perf_counter() - waited_ns / 1e9


def advantages(
    context: Context, cases: Mapping[str, str], attempt: Callable[[str, str], None]
) -> dict[str, float]:
    """How much better than guessing each case is told from the first one by the longer try."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    order = Random(1)
    for index in range(ROUNDS):
        forget_attempts(context)
        for name, subject in order.sample(list(cases.items()), len(cases)):
            started = undisturbed_s()
            attempt(subject, f"{name.replace(' ', '-')}-{index}")
            taken[name].append(undisturbed_s() - started)
    usual = taken.pop(next(iter(cases)))
    return {name: round(abs(longer(times, usual) - 0.5), 3) for name, times in taken.items()}


def longer(these: list[float], those: list[float]) -> float:
    """In which share of the rounds these took longer."""
    return sum(a > b for a, b in zip(these, those, strict=True)) / len(those)


def telling(found: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if value >= TELLING}


def test_refusals_cannot_be_distinguished_by_their_time(elms: Elms) -> None:
    def present(number: str, call_id: str) -> None:
        result = verify(elms.context, Presented(number, WRONG, call_id, 1, "dtmf", None)).result
        assert call_id.startswith(result)

    assert telling(advantages(elms.context, REFUSALS, present)) == {}


def test_existing_names_cannot_be_recognized_by_the_time_of_a_refusal(elms: Elms) -> None:
    def attempt(name: str, _: str) -> None:
        with pytest.raises(RuleError):
            sign_in(elms.context, name, "wrong password", Origin())

    assert telling(advantages(elms.context, NAMES, attempt)) == {}


@pytest.mark.parametrize("leak", ["a hash less", "a hash more"])
def test_a_refusal_with_different_steps_is_detected(
    elms: Elms, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    """Otherwise the tests above would prove nothing on a machine as busy as this one."""
    check = Hasher.check_pin

    def leaks(self: Hasher, digest: str | None, pin: str, costs: Collection[str] = ()) -> bool:
        if digest is None and leak == "a hash more":
            self.hash_pin(pin)
        return (digest is not None or leak == "a hash more") and check(self, digest, pin, costs)

    def present(number: str, call_id: str) -> None:
        verify(elms.context, Presented(number, WRONG, call_id, 1, "dtmf", None))

    monkeypatch.setattr(Hasher, "check_pin", leaks)
    cases = {name: REFUSALS[name] for name in ("wrong", "unknown")}
    assert set(telling(advantages(elms.context, cases, present))) == {"unknown"}
