"""A presented PIN: budgets, the lock, and one answer for every refusal (S1, S4, S5, S6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.domain import Status
from server.hashing import Hasher
from server.models import Attempt, Base, CallToken, Educator, PhoneAccess, Pin
from server.seed.demonstration import ACCOUNTS
from server.services.pins import set_pin, unlock
from server.settings import DEMO_PEPPER, HashCost
from tests.support.elms_service import BOT, Elms, running_elms, used
from tests.support.mail_server import taking_mail

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER_NUMBER, OTHER_RIGHT = ACCOUNTS[1].license_number, ACCOUNTS[1].pin or ""
WRONG = "1357"
DATED = Hasher(DEMO_PEPPER, HashCost(memory_kib=16, passes=1))
"""What a service hashed at before its hash cost was changed."""
REFUSED = b'{"verified":false,"token":null,"pace":"normal"}'


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def wrong_times(elms: Elms, times: int, number: str = NUMBER) -> None:
    for _ in range(times):
        assert elms.verify(number, WRONG).content == REFUSED


def results(elms: Elms) -> list[str]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(Attempt.result).order_by(Attempt.id)))


def educator_id(elms: Elms, number: str = NUMBER) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == number)).one()


# -- S1: what is stored ------------------------------------------------------------------------


def test_a_database_dump_alone_reveals_no_pin() -> None:
    """All 10,000 PINs are tried against a stored digest, without the pepper and with another."""
    cost = HashCost(memory_kib=8, passes=1)
    stored = Hasher("the real pepper", cost).hash_pin(RIGHT)
    for guess in ("", "another pepper"):
        thief = Hasher(guess, cost)
        assert not any(thief.check_pin(stored, f"{pin:04}") for pin in range(10_000))
    assert Hasher("the real pepper", cost).check_pin(stored, RIGHT)


def test_the_same_pin_is_stored_differently_each_time(elms: Elms) -> None:
    assert elms.context.hasher.hash_pin(RIGHT) != elms.context.hasher.hash_pin(RIGHT)


def test_no_table_contains_a_pin_or_a_token(elms: Elms) -> None:
    token = elms.token(NUMBER, RIGHT)
    elms.verify(NUMBER, WRONG, caller_number="6015550142")
    with elms.context.database.read() as session:
        dump = repr(
            [
                [tuple(row) for row in session.execute(table.select())]
                for table in Base.metadata.sorted_tables
                if table.name not in {"licenses", "applications", "required_documents"}
            ]
        )
    assert token not in dump
    assert "6015550142" not in dump
    assert "$argon2id$" in dump
    with elms.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Pin))


def test_the_stated_default_cost_is_owasps_first_choice() -> None:
    cost = HashCost()
    assert (cost.memory_kib, cost.passes, cost.lanes) == (19_456, 2, 1)


# -- S4: three per call, five per account ------------------------------------------------------


def test_three_wrong_pins_end_authentication_in_the_call(elms: Elms) -> None:
    for attempt in (1, 2, 3):
        elms.verify(NUMBER, WRONG, call_id="one-call", attempt=attempt)
    right = elms.verify(NUMBER, RIGHT, call_id="one-call", attempt=4)
    assert right.content == REFUSED
    other = elms.verify(OTHER_NUMBER, OTHER_RIGHT, call_id="one-call", attempt=5)
    assert other.content == REFUSED
    assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_two_wrong_pins_leave_a_third_attempt(elms: Elms) -> None:
    for attempt in (1, 2):
        elms.verify(NUMBER, WRONG, call_id="one-call", attempt=attempt)
    assert elms.verify(NUMBER, RIGHT, call_id="one-call", attempt=3).json()["verified"]


def test_five_wrong_pins_lock_the_telephone_for_a_day(elms: Elms) -> None:
    wrong_times(elms, 5)
    assert elms.verify(NUMBER, RIGHT).content == REFUSED
    elms.clock.move(hours=23, minutes=59)
    assert elms.verify(NUMBER, RIGHT).content == REFUSED
    elms.clock.move(minutes=1)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_a_right_pin_in_between_does_not_reset_the_count(elms: Elms) -> None:
    wrong_times(elms, 4)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    wrong_times(elms, 1)
    assert elms.verify(NUMBER, RIGHT).content == REFUSED


def test_four_wrong_pins_a_day_do_not_lock_the_account(elms: Elms) -> None:
    for _ in range(3):
        wrong_times(elms, 4)
        elms.clock.move(hours=24)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_a_lock_is_lifted_on_the_web_and_its_attempts_no_longer_count(elms: Elms) -> None:
    wrong_times(elms, 5)
    elms.clock.move(minutes=1)
    assert unlock(elms.context, educator_id(elms), "test")
    elms.clock.move(minutes=1)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    wrong_times(elms, 4)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_each_lock_is_reported_by_mail_once(tmp_path: Path) -> None:
    with taking_mail() as mailbox, running_elms(tmp_path, mail=mailbox.plainly) as elms:
        for lock in (1, 2):
            wrong_times(elms, 9)
            assert mailbox.subjects == ["Telephone access to your account is locked"] * lock
            elms.clock.move(hours=24 * lock)
    assert not any(NUMBER in message.as_string() for message in mailbox.messages)


def test_a_lock_affects_no_other_account(elms: Elms) -> None:
    wrong_times(elms, 5)
    assert elms.verify(OTHER_NUMBER, OTHER_RIGHT).json()["verified"]


# -- S5: spraying ------------------------------------------------------------------------------


def test_a_caller_number_has_one_budget_over_all_accounts(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"pins_per_caller": 3}) as elms:
        for number in ("111222", "111223", NUMBER):
            elms.verify(number, WRONG, caller_number="6015550142")
        spent = elms.verify(OTHER_NUMBER, OTHER_RIGHT, caller_number="6015550142")
        assert spent.content == REFUSED
        elsewhere = elms.verify(OTHER_NUMBER, OTHER_RIGHT, caller_number="6015550143")
        assert elsewhere.json()["verified"]
        elms.clock.move(hours=25)
        assert elms.verify(OTHER_NUMBER, OTHER_RIGHT, caller_number="6015550142").json()["verified"]


def test_withheld_numbers_share_one_budget(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"pins_withheld": 2}) as elms:
        elms.verify("111222", WRONG)
        elms.verify("111223", WRONG, caller_number="")
        assert elms.verify(NUMBER, RIGHT).content == REFUSED
        assert elms.verify(NUMBER, RIGHT, caller_number="6015550142").json()["verified"]


def test_all_callers_share_a_common_budget(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"pins_overall": 4}) as elms:
        for caller in range(4):
            elms.verify(f"11122{caller}", WRONG, caller_number=f"601555010{caller}")
        assert elms.verify(NUMBER, RIGHT, caller_number="6015550142").content == REFUSED
        elms.clock.move(minutes=61)
        assert elms.verify(NUMBER, RIGHT, caller_number="6015550142").json()["verified"]


def test_right_pins_use_no_budget(tmp_path: Path) -> None:
    limits = {"pins_per_caller": 2, "pins_overall": 2, "pins_per_call": 1, "pins_per_account": 1}
    with running_elms(tmp_path, limits=limits) as elms:
        for attempt in range(1, 9):
            answer = elms.verify(
                NUMBER, RIGHT, call_id="one", attempt=attempt, caller_number="6015550142"
            )
            assert answer.json()["verified"]


# -- an answer that got lost ----------------------------------------------------------------------


def test_a_repeat_has_no_answer_while_the_first_is_being_checked(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow check and an impatient caller: a right PIN is not refused, and costs nothing."""
    meanwhile: list[int] = []
    checks = elms.context.hasher.check_pin

    def slowly(digest: str | None, pin: str, costs: Collection[str]) -> bool:
        repeat = elms.verify(NUMBER, RIGHT, call_id="slow", attempt=1)
        meanwhile.append(repeat.status_code)
        return checks(digest, pin, costs)

    with monkeypatch.context() as patch:
        patch.setattr(elms.context.hasher, "check_pin", slowly)
        first = elms.verify(NUMBER, RIGHT, call_id="slow", attempt=1)
    assert meanwhile == [503]
    assert first.json()["verified"]
    assert elms.verify(NUMBER, RIGHT, call_id="slow", attempt=1).json()["verified"]
    assert results(elms) == ["verified", "verified"]
    assert used(elms, "call:slow") == used(elms, "overall") == 0


# -- S6: one refusal ---------------------------------------------------------------------------


def test_a_right_pin_is_rehashed_at_the_current_cost(elms: Elms) -> None:
    with elms.context.database.write() as session:
        session.get_one(Pin, educator_id(elms)).digest = DATED.hash_pin(RIGHT)
    assert elms.verify(NUMBER, WRONG).content == REFUSED
    assert stored_pin(elms).cost == DATED.cost
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    assert stored_pin(elms).cost == elms.context.hasher.cost
    renewed = stored_pin(elms).digest
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    assert elms.verify(NUMBER, WRONG).content == REFUSED
    assert stored_pin(elms).digest == renewed


def test_a_pin_changed_during_a_check_of_the_old_one_stays_changed(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with elms.context.database.write() as session:
        session.get_one(Pin, educator_id(elms)).digest = DATED.hash_pin(RIGHT)
    check = Hasher.check_pin

    def change_meanwhile(
        self: Hasher, digest: str | None, pin: str, costs: Collection[str]
    ) -> bool:
        right = check(self, digest, pin, costs)
        set_pin(elms.context, educator_id(elms), "7306", "7306", "test")
        return right

    with monkeypatch.context() as patch:
        patch.setattr(Hasher, "check_pin", change_meanwhile)
        assert elms.verify(NUMBER, RIGHT).content == REFUSED
    assert elms.verify(NUMBER, RIGHT).content == REFUSED
    assert elms.verify(NUMBER, "7306").json()["verified"]


def stored_pin(elms: Elms) -> Pin:
    with elms.context.database.read() as session:
        return session.get_one(Pin, educator_id(elms))


def test_a_number_of_another_length_is_unknown_and_not_an_error(elms: Elms) -> None:
    assert elms.verify("42190", RIGHT).content == REFUSED
    assert elms.verify("421903421903", RIGHT).content == REFUSED


# -- tokens ------------------------------------------------------------------------------------


def test_a_token_opens_one_account_for_a_few_minutes(elms: Elms) -> None:
    headers = {"X-Call-Token": elms.token(NUMBER, RIGHT)}
    bot = {"Authorization": "Bearer demonstration-bot-credential"}
    first = elms.client.get("/api/v1/account", headers=headers | bot)
    assert first.json()["application"]["status"] == "IN_REVIEW"
    assert first.headers["Cache-Control"] == "no-store"
    elms.clock.move(minutes=11)
    assert elms.client.get("/api/v1/account", headers=headers | bot).status_code == 401


def test_a_token_ends_when_the_telephone_locks(elms: Elms) -> None:
    """For good: an unlock gives no token back."""
    headers = BOT | {"X-Call-Token": elms.token(NUMBER, RIGHT)}
    others = BOT | {"X-Call-Token": elms.token(OTHER_NUMBER, OTHER_RIGHT)}
    wrong_times(elms, 4)
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 200
    wrong_times(elms, 1)
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 401
    assert elms.client.get("/api/v1/account", headers=others).status_code == 200
    assert unlock(elms.context, educator_id(elms), "test")
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 401


def test_a_right_pin_does_not_open_an_account_locked_during_the_check(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Hasher.check_pin

    def lock_meanwhile(self: Hasher, digest: str | None, pin: str, costs: Collection[str]) -> bool:
        with elms.context.database.write() as session:
            access = session.get_one(PhoneAccess, educator_id(elms))
            access.locked_until = elms.clock.now + timedelta(hours=1)
        return check(self, digest, pin, costs)

    monkeypatch.setattr(Hasher, "check_pin", lock_meanwhile)
    assert elms.verify(NUMBER, RIGHT).content == REFUSED
    assert results(elms) == ["locked"]


def test_a_token_without_the_bots_credential_opens_nothing(elms: Elms) -> None:
    headers = {"X-Call-Token": elms.token(NUMBER, RIGHT)}
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 401
    with elms.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CallToken)) == 1


# -- S7 and S9 ---------------------------------------------------------------------------------


def test_a_caller_number_is_never_a_factor(elms: Elms) -> None:
    mine = "6015550142"
    assert elms.verify(NUMBER, RIGHT, caller_number=mine).json()["verified"]
    assert elms.verify(NUMBER, WRONG, caller_number=mine).content == REFUSED
    assert elms.verify(NUMBER, RIGHT, caller_number="6015550199").json()["verified"]
    assert elms.verify(NUMBER, RIGHT, caller_number=None).json()["verified"]


def test_the_telephone_gets_no_name_and_no_address(elms: Elms) -> None:
    with elms.context.database.read() as session:
        educators = session.scalars(select(Educator)).all()
    for account in ACCOUNTS:
        if account.pin is None:
            continue
        headers = {"X-Call-Token": elms.token(account.license_number, account.pin)} | BOT
        told = elms.client.get("/api/v1/account", headers=headers).text
        assert not any(each.name in told or each.email in told for each in educators)


def test_no_column_exists_for_data_that_is_never_collected() -> None:
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    assert not columns & {"ssn", "social_security_number", "birth_date", "date_of_birth"}


def test_the_telephone_learns_only_that_there_is_a_message(elms: Elms) -> None:
    held = next(each for each in ACCOUNTS if each.status is Status.REPRESENTATIVE_ONLY)
    headers = {"X-Call-Token": elms.token(held.license_number, held.pin or "")} | BOT
    told = elms.client.get("/api/v1/account", headers=headers).json()["application"]
    said = {name: value for name, value in told.items() if value not in (None, [], True, 0)}
    assert set(said) == {"status", "application_type", "queue"}
