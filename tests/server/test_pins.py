"""The rules for PINs, over all ten thousand, and what a change of an account writes (S8, S11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.domain import NoticeKind, Pace
from server.errors import PinRefusedError, RuleError
from server.models import Attempt, AuditRow, CallToken, Educator, OutboxNotice, PhoneAccess, Pin
from server.services.pins import set_pace, set_pin, standing, unlock, why_refused
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

NUMBER, OLD = "421903", "5827"
OTHER = "300715"
WITHOUT_PIN = "627581"
NEW = "7306"

SEQUENCES = [
    "0123",
    "1234",
    "2345",
    "3456",
    "4567",
    "5678",
    "6789",
    "7890",
    "3210",
    "4321",
    "5432",
    "6543",
    "7654",
    "8765",
    "9876",
    "0987",
]
DIGITS = "0123456789"
RULES: list[tuple[str, set[str]]] = [
    ("All four digits are the same.", {digit * 4 for digit in DIGITS}),
    ("The digits are in sequence, such as 1234.", set(SEQUENCES)),
    (
        "The first two digits are repeated, such as 1212.",
        {(one + other) * 2 for one in DIGITS for other in DIGITS},
    ),
    (
        "The digits are two pairs, such as 1122.",
        {one * 2 + other * 2 for one in DIGITS for other in DIGITS},
    ),
    ("The digits are a column of the telephone keypad.", {"2580", "0852"}),
    ("It looks like a year. Many people choose a year.", {str(1930 + each) for each in range(100)}),
    (
        "It is part of your license number.",
        {"4219", "2190", "1903", "3091", "0912", "9124"},
    ),
]
"""In the order in which they are given as a reason; the last is of 421903."""


def test_each_pin_is_refused_for_the_first_rule_that_it_breaks_or_not_at_all() -> None:
    for each in range(10_000):
        pin = f"{each:04}"
        reasons = [why for why, broken in RULES if pin in broken]
        assert why_refused(pin, NUMBER) == (reasons[0] if reasons else None), pin


@pytest.mark.parametrize(
    "pin",
    ["", "123", "58270", "582", "58a7", " 827", "582 ", "-827", "5.27", "٥٨٢٧", "５８２７", "²³²³"],
)
def test_only_four_digits_are_a_pin(pin: str) -> None:
    assert why_refused(pin, NUMBER) == "A PIN must have four digits, 0 to 9."


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def educator(elms: Elms, number: str = NUMBER) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == number)).one()


def everything(elms: Elms) -> dict[str, list[Any]]:
    """All that a change may touch."""
    with elms.context.database.read() as session:
        return {
            "pins": [tuple(row) for row in session.execute(select(Pin.educator_id, Pin.digest))],
            "access": [
                (row.educator_id, row.locked_until, row.lockouts, row.pace)
                for row in session.scalars(select(PhoneAccess))
            ],
            "tokens": list(session.scalars(select(CallToken.educator_id))),
            "outdated": list(session.scalars(select(Attempt.outdated).order_by(Attempt.id))),
            "notices": [
                (row.educator_id, row.kind, row.created_at)
                for row in session.scalars(select(OutboxNotice).order_by(OutboxNotice.id))
            ],
        }


def last_row(elms: Elms) -> tuple[Any, ...]:
    with elms.context.database.read() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        return row.at, row.actor, row.action, row.subject, row.facts


def number_of_rows(elms: Elms) -> int:
    with elms.context.database.read() as session:
        return len(session.scalars(select(AuditRow.number)).all())


def lock(elms: Elms, *numbers: str, hours: int = 24) -> None:
    with elms.context.database.write() as session:
        for number in numbers:
            access = session.get_one(PhoneAccess, educator(elms, number))
            access.locked_until = elms.clock.now + timedelta(hours=hours)
            access.lockouts = 2


@pytest.mark.parametrize(
    ("number", "kind", "action"),
    [
        (NUMBER, NoticeKind.PIN_CHANGED, "pin.changed"),
        (WITHOUT_PIN, NoticeKind.PIN_SET, "pin.set"),
    ],
)
def test_a_new_pin_is_stored_announced_and_audited_for_its_owner_only(
    elms: Elms, number: str, kind: NoticeKind, action: str
) -> None:
    mine, others = educator(elms, number), educator(elms, OTHER)
    for each in (NUMBER, OTHER):
        elms.verify(each, "1357")
    elms.token(OTHER, "9164")
    if number == NUMBER:
        elms.token(NUMBER, OLD)
    lock(elms, number, OTHER)
    before = everything(elms)
    elms.clock.move(minutes=7)
    assert set_pin(elms.context, mine, NEW, NEW, "user:12") is kind
    after = everything(elms)
    changed = {who for who, digest in after["pins"] if dict(before["pins"]).get(who) != digest}
    assert changed == {mine}
    with elms.context.database.read() as session:
        pin = session.get_one(Pin, mine)
        assert elms.context.hasher.check_pin(pin.digest, NEW)
        assert pin.set_at == elms.clock.now
    access = {row[0]: row[1:3] for row in after["access"]}
    assert access[mine] == (None, 0)
    assert access[others] == (elms.clock.now + timedelta(hours=24, minutes=-7), 2)
    assert after["tokens"] == [others]
    assert after["notices"] == [(mine, kind.value, elms.clock.now)]
    assert last_row(elms) == (elms.clock.now, "user:12", action, f"educator:{mine}", {})
    outdated = {NUMBER: [True, False, False, True], WITHOUT_PIN: [False, False, False]}
    assert after["outdated"] == outdated[number]


@pytest.mark.parametrize(
    ("pin", "again", "words"),
    [
        (NEW, "7307", "The two entries differ. Please enter the same four digits twice."),
        ("1234", "1234", "in sequence, such as 1234. Please choose another PIN."),
        ("1903", "1903", "It is part of your license number. Please choose another PIN."),
        ("", "", "A PIN must have four digits, 0 to 9. Please choose another PIN."),
    ],
)
def test_a_pin_that_is_refused_changes_nothing(
    elms: Elms, pin: str, again: str, words: str
) -> None:
    elms.token(NUMBER, OLD)
    lock(elms, NUMBER)
    before = everything(elms), number_of_rows(elms)
    with pytest.raises(PinRefusedError, match=words):
        set_pin(elms.context, educator(elms), pin, again, "user:1")
    assert (everything(elms), number_of_rows(elms)) == before


@pytest.mark.parametrize(("reason", "facts"), [(None, {}), ("Other", {"reason": "Other"})])
def test_an_unlock_opens_one_telephone_and_is_announced_and_recorded(
    elms: Elms, reason: str | None, facts: dict[str, str]
) -> None:
    mine, others = educator(elms), educator(elms, OTHER)
    lock(elms, NUMBER, OTHER)
    assert unlock(elms.context, mine, "user:3", reason)
    after = everything(elms)
    access = {row[0]: row[1:3] for row in after["access"]}
    assert access[mine] == (None, 0)
    assert access[others] == (elms.clock.now + timedelta(hours=24), 2)
    assert after["notices"] == [(mine, "unlocked", elms.clock.now)]
    assert last_row(elms) == (
        elms.clock.now,
        "user:3",
        "phone.unlocked",
        f"educator:{mine}",
        facts,
    )


@pytest.mark.parametrize("hours", [None, 0, -1])
def test_an_unlocked_account_cannot_be_unlocked(elms: Elms, hours: int | None) -> None:
    if hours is not None:
        lock(elms, NUMBER, hours=hours)
    before = everything(elms), number_of_rows(elms)
    assert not unlock(elms.context, educator(elms), "user:3")
    assert (everything(elms), number_of_rows(elms)) == before


@pytest.mark.parametrize("pace", Pace)
def test_a_pace_is_kept_for_its_owner_only(elms: Elms, pace: Pace) -> None:
    mine, others = educator(elms), educator(elms, OTHER)
    other = {"normal": "slow", "slow": "normal"}[pace]
    for each in (mine, others):
        assert set_pace(elms.context, each, other, "user:1") == other
    assert set_pace(elms.context, mine, pace.value, "user:4") is pace
    paces = {row[0]: row[3] for row in everything(elms)["access"]}
    assert (paces[mine], paces[others]) == (pace.value, other)
    wanted = ("user:4", "pace.set", f"educator:{mine}", {"pace": pace.value})
    assert last_row(elms) == (elms.clock.now, *wanted)


@pytest.mark.parametrize("pace", ["", "SLOW", "fast", "normal "])
def test_another_pace_is_refused_and_changes_nothing(elms: Elms, pace: str) -> None:
    before = everything(elms), number_of_rows(elms)
    with pytest.raises(RuleError, match="one of the two paces"):
        set_pace(elms.context, educator(elms), pace, "user:1")
    assert (everything(elms), number_of_rows(elms)) == before


def test_the_home_page_is_told_of_pin_lock_and_pace_of_its_owner(elms: Elms) -> None:
    lock(elms, NUMBER)
    set_pin(elms.context, educator(elms, OTHER), NEW, NEW, "test")
    set_pace(elms.context, educator(elms, OTHER), "slow", "test")
    told = {}
    with elms.context.database.read() as session:
        for number in (NUMBER, OTHER, WITHOUT_PIN):
            found = standing(elms.context, session, educator(elms, number))
            told[number] = (found.pin_set_at is not None, found.locked_until, found.pace)
            if number == OTHER:
                assert found.pin_set_at == elms.clock.now
    assert told == {
        NUMBER: (True, elms.clock.now + timedelta(hours=24), Pace.NORMAL),
        OTHER: (True, None, Pace.SLOW),
        WITHOUT_PIN: (False, None, Pace.NORMAL),
    }
