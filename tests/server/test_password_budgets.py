"""Which budgets a password uses, key by key, and what a person who has to wait is told (S16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.services.budgets import count, has_room
from server.services.password_tries import (
    Origin,
    Tries,
    too_many,
    tries_of,
    tries_of_session,
)
from tests.support.elms_service import Elms, running_elms, used

pytestmark = pytest.mark.server

QUARTER, DAY = timedelta(minutes=15), timedelta(hours=24)
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    limits = {"sign_ins": 2, "sign_ins_per_address": 5}
    limits |= {"sign_ins_of_strangers": 4, "sign_ins_when_attacked": 1}
    with running_elms(tmp_path, limits=limits) as running:
        yield running


def keys(tries: Tries) -> tuple[str, ...]:
    budgets = [*tries.limits, tries.when_attacked, tries.aimed_at]
    return tuple(each.key for each in budgets if each is not None)


def test_a_known_browser_and_a_session_have_a_count_of_their_own(elms: Elms) -> None:
    known = tries_of(elms.context, "421903", Origin(HERE, "browser-7"))
    session = tries_of_session(elms.context, "d" * 64)
    for tries, key in ((known, "sign-in-known:browser-7"), (session, f"confirm:{'d' * 40}")):
        (only,) = tries.limits
        assert (only.key, only.most, only.window) == (key, 2, QUARTER)
        assert tries.when_attacked is tries.aimed_at is None


def test_a_stranger_is_counted_by_address_by_both_and_by_name(elms: Elms) -> None:
    tries = tries_of(elms.context, "421903", Origin(HERE))
    address, both = tries.limits
    assert (address.most, address.window) == (5, QUARTER)
    assert (both.most, both.window) == (2, QUARTER)
    assert tries.when_attacked is not None
    assert tries.aimed_at is not None
    assert (tries.when_attacked.most, tries.when_attacked.window) == (1, DAY)
    assert (tries.aimed_at.most, tries.aimed_at.window) == (4, DAY)
    kinds = [key.split(":")[0] for key in keys(tries)]
    assert kinds == ["sign-in-address", "sign-in-both", "sign-in-day", "sign-in-name"]
    assert {len(key.split(":")[1]) for key in keys(tries)} == {40}
    assert not any("421903" in key or HERE in key for key in keys(tries))


def test_names_and_addresses_share_no_more_than_they_should(elms: Elms) -> None:
    mine = keys(tries_of(elms.context, "Odessa", Origin(HERE)))
    assert keys(tries_of(elms.context, "oDESSA", Origin(HERE))) == mine
    elsewhere = keys(tries_of(elms.context, "Odessa", Origin(THERE)))
    assert [one == other for one, other in zip(mine, elsewhere, strict=True)] == [
        False,
        False,
        False,
        True,
    ]
    another = keys(tries_of(elms.context, "Rhea", Origin(HERE)))
    assert [one == other for one, other in zip(mine, another, strict=True)] == [
        True,
        False,
        False,
        False,
    ]


def counted(elms: Elms, address: str, name: str = "421903") -> object:
    with elms.context.database.write() as session:
        return tries_of(elms.context, name, Origin(address)).count(session, elms.clock.now)


def test_a_try_is_counted_everywhere_until_its_place_is_full(elms: Elms) -> None:
    uses = [counted(elms, HERE) for _ in range(3)]
    assert [len(each) if isinstance(each, tuple) else each for each in uses] == [4, 4, QUARTER]
    assert [used(elms, key) for key in keys(tries_of(elms.context, "421903", Origin(HERE)))] == [
        2,
        2,
        2,
        2,
    ]
    elms.clock.move(minutes=15)
    assert isinstance(counted(elms, HERE), tuple)


def test_a_name_that_is_attacked_gives_each_address_few_tries_and_counts_no_more(
    elms: Elms,
) -> None:
    for address in range(4):
        assert isinstance(counted(elms, f"203.0.113.{address}"), tuple)
    name = keys(tries_of(elms.context, "421903", Origin(HERE)))[3]
    assert used(elms, name) == 4
    first = counted(elms, HERE)
    assert isinstance(first, tuple)
    assert len(first) == 3
    assert used(elms, name) == 4
    assert counted(elms, HERE) == DAY
    assert counted(elms, "203.0.113.0") == DAY
    assert isinstance(counted(elms, HERE, "another"), tuple)


def test_an_address_that_is_full_is_full_for_every_name(elms: Elms) -> None:
    for number in range(5):
        assert isinstance(counted(elms, HERE, f"name {number}"), tuple)
    assert counted(elms, HERE, "name 9") == QUARTER
    assert isinstance(counted(elms, THERE, "name 9"), tuple)


def test_a_refused_try_leaves_every_budget_as_it_was(elms: Elms) -> None:
    tries = tries_of(elms.context, "421903", Origin(HERE))
    with elms.context.database.write() as session:
        for _ in range(2):
            assert has_room(session, (tries.limits[1],), elms.clock.now)
            count(session, (tries.limits[1],), elms.clock.now, wanted=True)
    assert counted(elms, HERE) == QUARTER
    assert [used(elms, key) for key in keys(tries)] == [0, 2, 0, 0]


@pytest.mark.parametrize(
    ("wait", "words", "seconds"),
    [
        (QUARTER, "wait 15 minutes and", 900),
        (timedelta(minutes=59, seconds=59), "wait 59 minutes and", 3_599),
        (DAY, "wait 24 hours and", 86_400),
    ],
)
def test_too_many_attempts_are_told_how_long_to_wait(
    wait: timedelta, words: str, seconds: int
) -> None:
    error = too_many(wait)
    assert words in str(error)
    assert error.retry_after_s == seconds
