"""Refusals take the same time (S6): hundreds of interleaved tries, judged by a rank test.

What is tested is not a duration but whether a stranger could tell reasons apart by a try: the
chance that a try for one reason takes longer than one for another (the area under the ROC curve)
has to be near one half. A round has one try for each reason, in changing order, so that a busy
machine slows all alike; the hash costs a fifth of what it costs in service.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select

from server.models import Attempt, Educator, PhoneAccess, Pin
from server.seed.demonstration import ACCOUNTS
from server.services.verification import Presented, verify
from tests.elms import Elms, running_elms

pytestmark = pytest.mark.server

TRIES = 150
TELLING = 0.14
"""An advantage over guessing; the standard error at 150 against 150 tries is 0.033."""

NUMBER, LOCKED = ACCOUNTS[0].license_number, ACCOUNTS[1].license_number
NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
REASONS = {"wrong": NUMBER, "unknown": "999999", "no-pin": NO_PIN, "locked": LOCKED}
OPEN = {"pins_per_account": 100_000, "pins_withheld": 100_000, "pins_overall": 100_000}


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    cost = {"memory_kib": 4_096, "passes": 1}
    with running_elms(tmp_path, limits=OPEN, hash_cost=cost) as running:
        yield running


def hash_at_this_cost(elms: Elms) -> None:
    """The template's PINs were hashed cheaply; in service all are hashed at one cost."""
    digest = elms.context.hasher.hash_pin("0813")
    with elms.context.database.write() as session:
        for pin in session.scalars(select(Pin)):
            pin.digest = digest


def forget_attempts(elms: Elms) -> None:
    """No account ever has hundreds of attempts to count, as it would have here."""
    with elms.context.database.write() as session:
        session.execute(delete(Attempt))


def lock(elms: Elms) -> None:
    with elms.context.database.write() as session:
        access = session.scalars(
            select(PhoneAccess)
            .join(Educator, Educator.id == PhoneAccess.educator_id)
            .where(Educator.license_number == LOCKED)
        ).one()
        access.locked_until = elms.clock.now.replace(year=2023)


def area(first: list[float], second: list[float]) -> float:
    """The chance that a value of the second list is greater (Mann-Whitney)."""
    wins = sum((b > a) + 0.5 * (b == a) for a in first for b in second)
    return wins / (len(first) * len(second))


def test_nobody_can_tell_refusals_apart_by_their_time(elms: Elms) -> None:
    lock(elms)
    hash_at_this_cost(elms)
    taken: dict[str, list[float]] = {reason: [] for reason in REASONS}
    order = Random(1)
    for index in range(TRIES):
        forget_attempts(elms)
        for reason, number in order.sample(list(REASONS.items()), len(REASONS)):
            shown = Presented(number, "1357", f"{reason}-{index}", 1, "dtmf", None)
            started = time.perf_counter()
            result = verify(elms.context, shown).result
            taken[reason].append(time.perf_counter() - started)
            assert result == reason
    for reason in REASONS:
        assert abs(area(taken["wrong"], taken[reason]) - 0.5) < TELLING, reason
