"""Refusals: the same bytes and the same steps, whatever was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select

from server.domain import CheckResult
from server.hashing import Hasher, cost_of
from server.models import Attempt, Educator, PhoneAccess, Pin
from server.seed.demonstration import ACCOUNTS
from server.settings import DEMO_PEPPER, HashCost
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER_NUMBER, OTHER_RIGHT = ACCOUNTS[1].license_number, ACCOUNTS[1].pin or ""
THIRD_NUMBER, THIRD_RIGHT = ACCOUNTS[2].license_number, ACCOUNTS[2].pin or ""
NO_PIN_NUMBER = next(account.license_number for account in ACCOUNTS if account.pin is None)
UNKNOWN_NUMBER = "999999"
WRONG = "1357"
DATED = Hasher(DEMO_PEPPER, HashCost(memory_kib=16, passes=1))
"""What a service hashed at before its hash cost was changed."""


REFUSED = b'{"verified":false,"token":null,"pace":"normal"}'


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def results(elms: Elms) -> list[str]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(Attempt.result).order_by(Attempt.id)))


def educator_id(elms: Elms, number: str = NUMBER) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == number)).one()


@dataclass(frozen=True)
class Refusal:
    """What is refused, and the result that is written."""

    result: CheckResult
    number: str
    pin: str
    more: dict[str, Any] = field(default_factory=dict)


def refusals(elms: Elms) -> dict[str, Refusal]:
    """Something that is refused for each reason."""
    with elms.context.database.write() as session:
        access = session.get_one(PhoneAccess, educator_id(elms, OTHER_NUMBER))
        access.locked_until = elms.clock.now + timedelta(hours=24)
    for attempt in (1, 2, 3):
        elms.verify(UNKNOWN_NUMBER, WRONG, call_id="spent", attempt=attempt)
    assert elms.verify(THIRD_NUMBER, THIRD_RIGHT, call_id="used").json()["verified"]
    return {
        "unknown": Refusal(CheckResult.UNKNOWN, UNKNOWN_NUMBER, RIGHT),
        "no PIN": Refusal(CheckResult.NO_PIN, NO_PIN_NUMBER, RIGHT),
        "locked": Refusal(CheckResult.LOCKED, OTHER_NUMBER, OTHER_RIGHT),
        "wrong": Refusal(CheckResult.WRONG, NUMBER, WRONG),
        "over budget": Refusal(
            CheckResult.OVER_BUDGET, NUMBER, RIGHT, {"call_id": "spent", "attempt": 4}
        ),
        "over budget, unknown": Refusal(
            CheckResult.OVER_BUDGET, UNKNOWN_NUMBER, RIGHT, {"call_id": "spent", "attempt": 5}
        ),
        "used attempt": Refusal(CheckResult.WRONG, NUMBER, RIGHT, {"call_id": "used"}),
        "used attempt, unknown": Refusal(
            CheckResult.UNKNOWN, UNKNOWN_NUMBER, RIGHT, {"call_id": "used"}
        ),
    }


def test_every_refusal_has_the_same_bytes_and_headers(elms: Elms) -> None:
    sent = refusals(elms)
    answers = [elms.verify(each.number, each.pin, **each.more) for each in sent.values()]
    assert results(elms)[-len(sent) :] == [each.result.value for each in sent.values()]
    assert {answer.content for answer in answers} == {REFUSED}
    assert {answer.status_code for answer in answers} == {200}
    heads = [
        sorted((name, value) for name, value in answer.headers.items() if name != "x-request-id")
        for answer in answers
    ]
    assert all(head == heads[0] for head in heads)


def steps_of(
    elms: Elms, sent: Mapping[str, Refusal], monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[str]]:
    """The statements, and each Argon2id with its cost, in order."""
    steps: list[str] = []
    check = PasswordHasher.verify

    def hashed(self: PasswordHasher, digest: str, secret: bytes) -> bool:
        steps.append(cost_of(digest))
        return check(self, digest, secret)

    def statement(_c: object, _k: object, sql: str, *_: object) -> None:
        steps.append(" ".join(sql.split()))

    monkeypatch.setattr(PasswordHasher, "verify", hashed)
    event.listen(elms.context.database.engine, "before_cursor_execute", statement)
    taken: dict[str, list[str]] = {}
    for why, each in sent.items():
        steps.clear()
        elms.verify(each.number, each.pin, **each.more)
        taken[why] = list(steps)
    assert results(elms)[-len(sent) :] == [each.result.value for each in sent.values()]
    return taken


def costs_of(steps: list[str]) -> list[str]:
    return [step for step in steps if step.startswith("$argon2id$")]


def test_every_refusal_takes_the_same_steps(elms: Elms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements in the same order, and exactly one Argon2id."""
    taken = steps_of(elms, refusals(elms), monkeypatch)
    assert costs_of(taken["wrong"]) == [elms.context.hasher.cost]
    for why, theirs in taken.items():
        assert theirs == taken["wrong"], why


def test_every_repeated_refusal_takes_the_same_steps(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal that is asked for again says no more than the first time."""
    first = refusals(elms)
    again = {
        why: replace(each, more=each.more | {"call_id": f"call-{index}", "attempt": 1})
        for index, (why, each) in enumerate(first.items())
        if why in ("unknown", "no PIN", "locked", "wrong")
    }
    for each in again.values():
        assert elms.verify(each.number, each.pin, **each.more).content == REFUSED
    taken = steps_of(elms, again, monkeypatch)
    assert costs_of(taken["wrong"]) == [elms.context.hasher.cost]
    for why, theirs in taken.items():
        assert theirs == taken["wrong"], why


@pytest.mark.parametrize("dated", [NUMBER, OTHER_NUMBER, "nobody"])
def test_every_refusal_takes_the_same_steps_after_the_hash_cost_was_changed(
    elms: Elms, monkeypatch: pytest.MonkeyPatch, dated: str
) -> None:
    """One Argon2id at each cost that is stored, whoever's PIN is stored at which."""
    sent = refusals(elms)
    with elms.context.database.write() as session:
        for pin, number in session.execute(select(Pin, Educator.license_number).join(Educator)):
            hasher = elms.context.hasher if number != dated else DATED
            pin.digest = hasher.hash_pin(RIGHT)
    taken = steps_of(elms, sent, monkeypatch)
    expected = {elms.context.hasher.cost} | (set() if dated == "nobody" else {DATED.cost})
    assert costs_of(taken["wrong"]) == sorted(expected)
    for why, theirs in taken.items():
        assert theirs == taken["wrong"], why
