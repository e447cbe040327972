"""Who can lock whom by trying passwords: a person's own browser, nobody (S16, decision 25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.models import AuditRow, Budget
from server.seed.demonstration import ACCOUNTS, PASSWORD, STAFF
from server.services.retention import forget_budgets
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

EDUCATOR, SUPERVISOR = ACCOUNTS[0].license_number, STAFF[-1].username
HERE, THERE = "192.0.2.1", "198.51.100.7"
WRONG = "wrong password"
NAMES = pytest.mark.parametrize("name", [EDUCATOR, SUPERVISOR])


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    """Small limits: four wrong passwords from one place, ten for one name from everywhere."""
    limits = {"sign_ins": 4, "sign_ins_per_address": 8}
    limits |= {"sign_ins_of_strangers": 10, "sign_ins_when_attacked": 2}
    with running_elms(tmp_path, limits=limits) as running:
        yield running


def tries(elms: Elms, name: str, address: str, times: int = 1, password: str = WRONG) -> list[int]:
    """What a stranger's browser at an address is answered."""
    return [Visitor(elms, address).sign_in(name, password).status_code for _ in range(times)]


def gets_in(elms: Elms, name: str, address: str) -> bool:
    """Whether a new browser at an address gets in with the right password."""
    return Visitor(elms, address).sign_in(name).url.path in ("/home", "/desk")


def own_browser(elms: Elms, name: str, address: str = HERE) -> Visitor:
    """A browser with which the person signed in once; signed out again."""
    visitor = Visitor(elms, address)
    assert visitor.sign_in(name).url.path in ("/home", "/desk")
    visitor.client.cookies.delete("elms")
    return visitor


def returns(visitor: Visitor, name: str) -> bool:
    """Whether the person gets in again with that browser."""
    came = visitor.sign_in(name).url.path in ("/home", "/desk")
    visitor.client.cookies.delete("elms")
    return came


@NAMES
def test_a_stranger_is_locked_out_only_at_the_strangers_address(elms: Elms, name: str) -> None:
    known = own_browser(elms, name)
    assert tries(elms, name, HERE, 6) == [403] * 4 + [429] * 2
    assert tries(elms, name, HERE, password=PASSWORD) == [429]  # nothing is looked at any more
    assert returns(known, name)  # at the same address
    assert gets_in(elms, name, THERE)
    other = ACCOUNTS[1].license_number if name == EDUCATOR else EDUCATOR
    assert gets_in(elms, other, HERE)
    elms.clock.move(minutes=16)
    assert gets_in(elms, name, HERE)


@NAMES
def test_strangers_who_keep_trying_from_everywhere_lock_nobody_out(elms: Elms, name: str) -> None:
    known = own_browser(elms, name)
    for day in range(3):
        for number in range(6):
            tries(elms, name, f"203.0.113.{number}", 3)
        tries(elms, name, HERE, 5)
        assert tries(elms, name, "203.0.113.0", password=PASSWORD) == [429]  # it is attacked
        assert returns(known, name)
        assert gets_in(elms, name, f"198.51.100.{day}")  # an address that nobody has used
        elms.clock.move(hours=20)


def test_a_name_attacked_from_everywhere_allows_each_address_few_attempts(elms: Elms) -> None:
    for number in range(3):
        assert tries(elms, EDUCATOR, f"203.0.113.{number}", 3) == [403] * 3
    assert tries(elms, EDUCATOR, "203.0.113.99", 4) == [403] * 2 + [429] * 2
    refused = Visitor(elms, "203.0.113.99").sign_in(EDUCATOR)
    assert refused.headers["Retry-After"] == "86400"
    assert "24 hours" in refused.text
    elms.clock.move(minutes=16)
    assert tries(elms, EDUCATOR, "203.0.113.99") == [429]  # a quarter of an hour is not enough
    elms.clock.move(hours=24)
    assert tries(elms, EDUCATOR, "203.0.113.99") == [403]


def test_an_address_that_tries_many_names_has_to_wait_and_stops_adding_rows(elms: Elms) -> None:
    known = own_browser(elms, EDUCATOR)
    for number in range(8):
        assert tries(elms, f"name-{number}", HERE) == [403]

    def rows() -> tuple[int, ...]:
        with elms.context.database.read() as session:
            counts = (select(func.count()).select_from(table) for table in (Budget, AuditRow))
            return tuple(session.execute(count).scalar_one() for count in counts)

    before = rows()
    for number in range(4):
        assert tries(elms, f"other-{number}", HERE) == [429]
    assert rows() == before
    assert returns(known, EDUCATOR)
    assert gets_in(elms, SUPERVISOR, THERE)


def test_wrong_passwords_in_the_persons_browser_lock_only_that_browser(elms: Elms) -> None:
    stolen, at_work = own_browser(elms, EDUCATOR), own_browser(elms, EDUCATOR, THERE)
    for _ in range(4):
        assert stolen.sign_in(EDUCATOR, WRONG).status_code == 403
    assert not returns(stolen, EDUCATOR)
    assert returns(at_work, EDUCATOR)
    assert gets_in(elms, EDUCATOR, HERE)


def test_a_browser_known_for_one_name_is_unknown_for_another(elms: Elms) -> None:
    attacker = own_browser(elms, ACCOUNTS[1].license_number)
    for _ in range(4):
        assert attacker.sign_in(EDUCATOR, WRONG).status_code == 403
    assert attacker.sign_in(EDUCATOR).status_code == 429
    assert returns(attacker, ACCOUNTS[1].license_number)


def test_attempts_during_a_wait_do_not_extend_it(elms: Elms) -> None:
    tries(elms, EDUCATOR, HERE, 4)
    for _ in range(3):
        elms.clock.move(minutes=4)
        assert tries(elms, EDUCATOR, HERE) == [429]
    elms.clock.move(minutes=4)
    assert gets_in(elms, EDUCATOR, HERE)


def test_a_right_password_uses_no_budget(elms: Elms) -> None:
    for _ in range(9):
        assert gets_in(elms, EDUCATOR, HERE)
    tries(elms, EDUCATOR, HERE, 3)
    assert gets_in(elms, EDUCATOR, HERE)


def test_no_stranger_affects_the_counts_of_a_signed_in_person(elms: Elms) -> None:
    visitor = Visitor(elms, HERE)
    visitor.sign_in(EDUCATOR)
    tries(elms, EDUCATOR, HERE, 5)

    def confirms(password: str) -> int:
        return visitor.submit("/confirm", "/confirm", password=password, next="/pin").status_code

    assert confirms(PASSWORD) == 200
    assert [confirms(WRONG) for _ in range(5)] == [403] * 4 + [429]
    assert confirms(PASSWORD) == 429
    elms.clock.move(minutes=16)
    assert confirms(PASSWORD) == 200


def test_the_cookie_of_a_known_browser_reveals_and_opens_nothing(elms: Elms) -> None:
    visitor = own_browser(elms, EDUCATOR)
    (cookie,) = [each for each in visitor.client.cookies.jar if "known" in each.name]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert EDUCATOR not in cookie.name + (cookie.value or "")
    assert visitor.get("/home").url.path == "/sign-in"


def test_expired_counts_are_removed_by_the_service_itself(elms: Elms) -> None:
    tries(elms, "invented", HERE)
    elms.clock.move(hours=25)
    tries(elms, EDUCATOR, THERE, 4)
    forget_budgets(elms.context)
    with elms.context.database.read() as session:
        left = session.scalars(select(Budget.key)).all()
    assert len(left) == 4
    assert tries(elms, EDUCATOR, THERE) == [429]


@pytest.mark.parametrize("name", ["nul\0name", "\ud7ff\ufffe", "x" * 200, " ", "ﬁ\u202eA"])
def test_all_names_are_refused_alike(elms: Elms, name: str) -> None:
    assert tries(elms, name, HERE) == [403]
