"""Refusals take the same time (S6): hundreds of interleaved tries, judged by a rank test.

What is tested is not a duration but whether a stranger could tell reasons apart by a try: the
chance that a try for one reason takes longer than one for another (the area under the ROC curve)
has to be near one half. A round has one try for each reason, in changing order, so that a busy
machine slows all alike; the hash costs a fifth of what it costs in service.

The hash's cost was changed lately: some PINs and passwords are still stored at an older, cheaper
cost. Whose they are must not show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select

from server.context import Context
from server.errors import RuleError
from server.hashing import Hasher
from server.models import Attempt, Educator, PhoneAccess, Pin, User
from server.seed.demonstration import ACCOUNTS, STAFF
from server.services.sign_in import check_password
from server.services.verification import Presented, verify
from server.settings import DEMO_PEPPER, HashCost
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

TRIES = 150
TELLING = 0.14
"""An advantage over guessing; the standard error at 150 against 150 tries is 0.033."""
TODAY = HashCost(memory_kib=4_096, passes=1)
DATED = Hasher(DEMO_PEPPER, HashCost(memory_kib=1_024, passes=1))

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


def area(first: list[float], second: list[float]) -> float:
    """The chance that a value of the second list is greater (Mann-Whitney)."""
    wins = sum((b > a) + 0.5 * (b == a) for a in first for b in second)
    return wins / (len(first) * len(second))


def advantages(
    context: Context, cases: Mapping[str, str], attempt: Callable[[str, str], None]
) -> dict[str, float]:
    """How much better than guessing each case is told from the first one by one try's time."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    order = Random(1)
    for index in range(TRIES):
        forget_attempts(context)
        for name, subject in order.sample(list(cases.items()), len(cases)):
            started = time.perf_counter()
            attempt(subject, f"{name.replace(' ', '-')}-{index}")
            taken[name].append(time.perf_counter() - started)
    usual = taken[next(iter(cases))]
    return {name: round(abs(area(usual, times) - 0.5), 3) for name, times in taken.items()}


def telling(found: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if value >= TELLING}


def test_nobody_can_tell_refusals_apart_by_their_time(elms: Elms) -> None:
    def present(number: str, call_id: str) -> None:
        result = verify(elms.context, Presented(number, WRONG, call_id, 1, "dtmf", None)).result
        assert call_id.startswith(result)

    assert telling(advantages(elms.context, REFUSALS, present)) == {}


def test_nobody_can_tell_names_that_sign_in_by_the_time_of_a_refusal(elms: Elms) -> None:
    def sign_in(name: str, _: str) -> None:
        with pytest.raises(RuleError):
            check_password(elms.context, name, "wrong password")

    assert telling(advantages(elms.context, NAMES, sign_in)) == {}
