"""A repeated request repeats only what is the same in every part, for a minute (S15)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server.models import Attempt, Educator, PhoneAccess
from server.seed.demonstration import ACCOUNTS
from server.services.pins import set_pin, unlock
from tests.support.elms_service import BOT, Elms, running_elms, used
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER, OTHER_RIGHT = ACCOUNTS[1].license_number, ACCOUNTS[1].pin or ""
LOCKED, LOCKED_RIGHT = ACCOUNTS[2].license_number, ACCOUNTS[2].pin or ""
NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
UNKNOWN = "999999"
WRONG, NEW = "1357", "7306"
REFUSED = b'{"verified":false,"token":null,"pace":"normal"}'
CALL = "one-call"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        with running.context.database.write() as session:
            session.get_one(PhoneAccess, educator_id(running, LOCKED)).locked_until = (
                running.clock.now + timedelta(hours=24)
            )
        yield running


@pytest.fixture
def looks(elms: Elms, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The PINs that were compared with somebody's."""
    seen: list[str] = []
    check = elms.context.hasher.check_pin

    def watched(digest: str | None, pin: str, costs: Collection[str] = ()) -> bool:
        if digest is not None:
            seen.append(pin)
        return check(digest, pin, costs)

    monkeypatch.setattr(elms.context.hasher, "check_pin", watched)
    return seen


def educator_id(elms: Elms, number: str) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == number)).one()


def results(elms: Elms) -> list[str]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(Attempt.result).order_by(Attempt.id)))


def present(elms: Elms, number: str, pin: str, attempt: int = 1, call: str = CALL) -> bytes:
    answer: bytes = elms.verify(number, pin, call_id=call, attempt=attempt).content
    return answer


def opens(elms: Elms, number: str, pin: str, attempt: int = 1, call: str = CALL) -> bool:
    """Whether there is a token, and it opens an account."""
    answer = elms.verify(number, pin, call_id=call, attempt=attempt).json()
    if not answer["verified"]:
        return False
    headers = BOT | {"X-Call-Token": answer["token"]}
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 200
    return True


# -- what is not the same ----------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 80])
@pytest.mark.parametrize(
    ("number", "pin", "counted"),
    [
        (OTHER, "0000", "wrong"),
        (OTHER, OTHER_RIGHT, "wrong"),
        (LOCKED, LOCKED_RIGHT, "locked"),
        (NO_PIN, WRONG, "no-pin"),
        (UNKNOWN, RIGHT, "unknown"),
    ],
)
def test_a_verified_attempt_opens_no_other_account(
    elms: Elms, looks: list[str], number: str, pin: str, counted: str, days: int
) -> None:
    """Whoever has one PIN asks for another account under the same call and attempt."""
    assert opens(elms, NUMBER, RIGHT)
    elms.clock.move(days=days)
    with elms.context.database.write() as session:
        session.get_one(PhoneAccess, educator_id(elms, LOCKED)).locked_until = (
            elms.clock.now + timedelta(hours=24)
        )
    assert present(elms, number, pin) == REFUSED
    assert results(elms) == ["verified", counted]
    assert looks == [RIGHT]
    assert used(elms, f"call:{CALL}") == used(elms, "withheld") == used(elms, "overall") == 1


def test_a_refused_attempt_is_not_a_free_attempt_at_another_account(elms: Elms) -> None:
    assert present(elms, NUMBER, WRONG) == REFUSED
    assert present(elms, OTHER, OTHER_RIGHT) == REFUSED
    assert results(elms) == ["wrong", "wrong"]
    assert used(elms, f"call:{CALL}") == 2


def test_requests_under_a_used_attempt_count_until_the_account_locks(
    elms: Elms, looks: list[str]
) -> None:
    for index in range(5):
        assert opens(elms, NUMBER, RIGHT, call=f"call-{index}")
        assert present(elms, OTHER, OTHER_RIGHT, call=f"call-{index}") == REFUSED
    assert not opens(elms, OTHER, OTHER_RIGHT, call="another")
    assert looks == [RIGHT] * 5
    assert results(elms)[-1] == "locked"


def test_an_attempt_at_the_desk_is_not_repeated_on_the_telephone(elms: Elms) -> None:
    desk = Visitor(elms)
    desk.sign_in("representative")
    checked = desk.submit(
        "/desk/check", "/desk", license_number=NUMBER, pin=RIGHT, reason="Renewal"
    )
    assert checked.url.path == "/desk/account"
    with elms.context.database.read() as session:
        attempt = session.scalars(select(Attempt)).one()
    assert present(elms, NUMBER, RIGHT, attempt.number, attempt.call_id) == REFUSED
    assert results(elms) == ["verified", "wrong"]


# -- a success that is asked for again ----------------------------------------------------------


def test_a_success_can_be_repeated_for_a_minute(elms: Elms, looks: list[str]) -> None:
    assert opens(elms, NUMBER, RIGHT)
    elms.clock.move(seconds=59)
    assert opens(elms, NUMBER, RIGHT)
    assert used(elms, f"call:{CALL}") == 0
    elms.clock.move(seconds=1)
    assert present(elms, NUMBER, RIGHT) == REFUSED
    assert results(elms) == ["verified", "verified", "wrong"]
    assert looks == [RIGHT, RIGHT]
    assert opens(elms, NUMBER, RIGHT, attempt=2)


def test_a_wrong_pin_under_a_verified_attempt_is_a_wrong_pin(elms: Elms, looks: list[str]) -> None:
    assert opens(elms, NUMBER, RIGHT)
    for guess in ("0123", "0124", RIGHT):
        assert present(elms, NUMBER, guess) == REFUSED
    assert looks == [RIGHT, "0123"]
    assert results(elms) == ["verified", "wrong"]
    assert used(elms, f"call:{CALL}") == 1


def test_guesses_under_verified_attempts_lock_the_account(elms: Elms, looks: list[str]) -> None:
    for index in range(6):
        assert opens(elms, NUMBER, RIGHT, call=f"call-{index}") == (index < 5)
        present(elms, NUMBER, f"012{index}", call=f"call-{index}")
    assert len(looks) == 10
    assert results(elms).count("wrong") == 5


def test_a_repeated_success_is_subject_to_the_lock(elms: Elms, looks: list[str]) -> None:
    assert opens(elms, NUMBER, RIGHT)
    for index in range(5):
        present(elms, NUMBER, WRONG, call=f"guess-{index}")
    assert present(elms, NUMBER, RIGHT) == REFUSED
    assert looks == [RIGHT, *[WRONG] * 5]


def test_a_repeated_success_is_subject_to_every_budget(elms: Elms, looks: list[str]) -> None:
    assert opens(elms, NUMBER, RIGHT)
    for attempt in (2, 3, 4):
        present(elms, OTHER, WRONG, attempt)
    assert present(elms, NUMBER, RIGHT) == REFUSED
    assert results(elms)[-1] == "over-budget"
    assert looks == [RIGHT, *[WRONG] * 3]


def test_after_a_pin_change_the_old_pin_repeats_nothing(elms: Elms) -> None:
    assert opens(elms, NUMBER, RIGHT)
    set_pin(elms.context, educator_id(elms, NUMBER), NEW, NEW, "test")
    assert present(elms, NUMBER, RIGHT) == REFUSED
    assert opens(elms, NUMBER, NEW, attempt=2)
    assert results(elms) == ["verified", "wrong", "verified"]


# -- a refusal that is asked for again ----------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "pin"), [(NUMBER, WRONG), (LOCKED, LOCKED_RIGHT), (NO_PIN, RIGHT), (UNKNOWN, RIGHT)]
)
def test_a_refusal_is_repeated_for_a_minute_without_a_check(
    elms: Elms, looks: list[str], number: str, pin: str
) -> None:
    assert present(elms, number, pin) == REFUSED
    before = list(looks)
    elms.clock.move(seconds=59)
    assert present(elms, number, RIGHT) == REFUSED
    assert len(results(elms)) == used(elms, f"call:{CALL}") == 1
    elms.clock.move(seconds=1)
    assert present(elms, number, RIGHT) == REFUSED
    assert len(results(elms)) == used(elms, f"call:{CALL}") == 2
    assert looks == before


def test_an_unlock_does_not_revive_an_old_answer(elms: Elms) -> None:
    for index in range(5):
        present(elms, NUMBER, WRONG, call=f"guess-{index}")
    assert unlock(elms.context, educator_id(elms, NUMBER), "test")
    assert present(elms, NUMBER, RIGHT, call="guess-0") == REFUSED
    assert opens(elms, NUMBER, RIGHT)
