"""Correcting a fast clock neither loosens a limit nor locks anyone out (S17).

Every test does something while the clock is ahead, sets it right, and looks at what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from server.models import Attempt, AuditRow, BudgetUse, Call, Educator, OutboxNotice
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.services import audit, retention
from server.services.outbox import deliver
from server.services.pins import set_pin, unlock
from tests.support.elms_service import BOT, Elms, running_elms, used
from tests.support.form_browser import Visitor
from tests.support.handed_over import hand_over
from tests.support.mail_server import taking_mail

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER, OTHER_RIGHT = ACCOUNTS[1].license_number, ACCOUNTS[1].pin or ""
WRONG, NEW = "1357", "7306"
CALLER = "+16015550142"
AHEAD = [timedelta(minutes=2), timedelta(hours=26), timedelta(days=40), timedelta(days=2_000)]
ahead = pytest.mark.parametrize("by", AHEAD, ids=str)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.fixture
def educator_id(elms: Elms) -> int:
    with elms.context.database.read() as session:
        return session.scalars(select(Educator.id).where(Educator.license_number == NUMBER)).one()


def verified(elms: Elms, **more: Any) -> bool:
    return bool(elms.verify(NUMBER, RIGHT, **more).json()["verified"])


def wrong_times(elms: Elms, times: int) -> None:
    for _ in range(times):
        assert not elms.verify(NUMBER, WRONG).json()["verified"]


# -- the account's lock ----------------------------------------------------------------------------


@ahead
def test_wrong_pins_dated_ahead_count_for_a_day(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    wrong_times(elms, 4)
    elms.clock.now -= by
    wrong_times(elms, 1)
    assert not verified(elms)
    elms.clock.move(hours=24)
    assert verified(elms)


@ahead
def test_a_lock_dated_ahead_lasts_its_own_length(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    wrong_times(elms, 5)
    elms.clock.now -= by
    assert not verified(elms)
    elms.clock.move(hours=23, minutes=59)
    assert not verified(elms)
    elms.clock.move(minutes=1)
    assert verified(elms)


@ahead
def test_a_second_lock_dated_ahead_lasts_twice_as_long(elms: Elms, by: timedelta) -> None:
    wrong_times(elms, 5)
    elms.clock.move(hours=24)
    elms.clock.now += by
    wrong_times(elms, 5)
    elms.clock.now -= by
    assert not verified(elms)
    elms.clock.move(hours=47, minutes=59)
    assert not verified(elms)
    elms.clock.move(minutes=1)
    assert verified(elms)


@ahead
def test_the_owner_sees_a_lock_as_long_as_it_lasts(
    elms: Elms, educator_id: int, by: timedelta
) -> None:
    elms.clock.now += by
    wrong_times(elms, 5)
    elms.clock.now -= by
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    page = visitor.get("/home").text
    assert "December 6, 2022, 10:00 a.m." in page
    assert unlock(elms.context, educator_id, "test")
    assert verified(elms)


@ahead
@pytest.mark.parametrize("how", ["unlock", "new PIN"])
def test_an_unlock_dated_ahead_does_not_disable_locks(
    elms: Elms, educator_id: int, how: str, by: timedelta
) -> None:
    elms.clock.now += by
    wrong_times(elms, 5)
    if how == "unlock":
        assert unlock(elms.context, educator_id, "test")
    else:
        set_pin(elms.context, educator_id, RIGHT, RIGHT, "test")
    elms.clock.now -= by
    assert verified(elms)
    wrong_times(elms, 5)
    assert not verified(elms)


def test_an_unlock_and_wrong_pins_at_the_same_moment_both_count(
    elms: Elms, educator_id: int
) -> None:
    """A clock that stands: what follows the unlock counts, what came before does not."""
    wrong_times(elms, 5)
    assert unlock(elms.context, educator_id, "test")
    wrong_times(elms, 4)
    assert verified(elms)
    wrong_times(elms, 1)
    assert not verified(elms)


# -- budgets -----------------------------------------------------------------------------------


@ahead
def test_a_budget_dated_ahead_lasts_one_window(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    for index in range(15):
        elms.verify(f"11{index:04}", WRONG, caller_number=CALLER)
    elms.clock.now -= by
    assert not verified(elms, caller_number=CALLER)
    elms.clock.move(hours=23, minutes=59)
    assert not verified(elms, caller_number=CALLER)
    elms.clock.move(minutes=1)
    assert verified(elms, caller_number=CALLER)


@ahead
def test_the_common_budget_dated_ahead_opens_again(tmp_path: Path, by: timedelta) -> None:
    with running_elms(tmp_path, limits={"pins_overall": 2}) as elms:
        elms.clock.now += by
        for index in range(3):
            elms.verify(f"11{index:04}", WRONG)
        elms.clock.now -= by
        assert not verified(elms)
        elms.clock.move(hours=1)
        assert verified(elms)


@ahead
def test_wrong_passwords_dated_ahead_wait_a_quarter_of_an_hour(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    visitor = Visitor(elms)
    for _ in range(10):
        visitor.sign_in(NUMBER, "wrong password")
    elms.clock.now -= by
    assert visitor.sign_in(NUMBER).status_code == 429
    elms.clock.move(minutes=15)
    assert visitor.sign_in(NUMBER).url.path == "/home"


# -- repeats -----------------------------------------------------------------------------------


@ahead
def test_an_attempt_dated_ahead_is_not_a_repeat_and_not_busy_forever(
    elms: Elms, by: timedelta
) -> None:
    elms.clock.now += by
    assert verified(elms, call_id="mine")
    with elms.context.database.write() as session:
        session.add(pending("other", 1, elms))
    elms.clock.now -= by
    assert not verified(elms, call_id="mine")
    assert elms.verify(NUMBER, RIGHT, call_id="other").status_code == 200
    assert used(elms, "call:mine") == 1
    assert verified(elms, call_id="mine", attempt=2)


def pending(call_id: str, number: int, elms: Elms) -> Attempt:
    return Attempt(
        call_id=call_id,
        number=number,
        at=elms.clock.now,
        subject=elms.context.hasher.pseudonym("license", NUMBER),
        channel="telephone",
        mode="dtmf",
        result="pending",
    )


def test_a_repeat_works_while_the_clock_is_adjusted_by_a_second(elms: Elms) -> None:
    assert verified(elms, call_id="mine")
    elms.clock.move(seconds=-1)
    assert verified(elms, call_id="mine")
    assert used(elms, "call:mine") == 0


# -- tokens and sessions ----------------------------------------------------------------------


@ahead
def test_a_token_dated_ahead_lasts_ten_minutes(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    headers = BOT | {"X-Call-Token": elms.token(NUMBER, RIGHT)}
    elms.clock.now -= by

    def opens() -> bool:
        return bool(elms.client.get("/api/v1/account", headers=headers).status_code == 200)

    assert opens()
    elms.clock.move(minutes=9, seconds=59)
    assert opens()
    elms.clock.move(seconds=1)
    assert not opens()


@ahead
def test_a_known_browser_dated_ahead_stays_no_longer_than_others(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    elms.clock.now -= by
    assert visitor.get("/home").url.path == "/home"
    elms.clock.move(minutes=30)
    assert visitor.get("/home").url.path == "/sign-in"


@ahead
def test_a_session_dated_ahead_ends_after_twelve_hours(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    elms.clock.now -= by
    for _ in range(36):
        assert visitor.get("/home").url.path == "/home"
        elms.clock.move(minutes=20)
    assert visitor.get("/home").url.path == "/sign-in"


@ahead
def test_a_password_confirmation_dated_ahead_is_requested_again(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    elms.clock.now -= by
    assert visitor.get("/pin").url.path == "/confirm"
    good = visitor.submit("/confirm", "/confirm", password=PASSWORD, next="/pin")
    assert good.url.path == "/pin"


# -- hand-over, mail ---------------------------------------------------------------------------


@ahead
def test_calls_dated_ahead_block_nobody(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    for index in range(8):
        hand_over(elms, f"ahead-{index}", NUMBER)
    elms.clock.now -= by
    desk = Visitor(elms)
    desk.sign_in("representative")
    desk.get("/desk")
    elms.clock.move(minutes=1)
    assert verified(elms, call_id="now")
    hand_over(elms, "now", NUMBER)
    assert 'value="now"' in desk.get("/desk").text
    assert desk.submit("/desk/take", "/desk", call_id="now").url.path == "/desk/account"
    elms.clock.move(minutes=15)
    assert "Continue this call" not in desk.get("/desk").text


@ahead
def test_a_mail_that_was_claimed_ahead_is_sent_once(tmp_path: Path, by: timedelta) -> None:
    with taking_mail() as mailbox, running_elms(tmp_path, mail=mailbox.plainly) as elms:
        with elms.context.database.write() as session:
            someone = session.scalars(select(Educator.id).limit(1)).one()
            at = elms.clock.now + by
            notice = OutboxNotice(educator_id=someone, kind="locked", created_at=at, claimed_at=at)
            session.add(notice)
        elms.clock.move(minutes=8)
        assert [deliver(elms.context), deliver(elms.context)] == [1, 0]
        assert len(mailbox.messages) == 1


# -- retention ---------------------------------------------------------------------------------


@ahead
def test_records_dated_ahead_are_purged_in_time(elms: Elms, by: timedelta) -> None:
    elms.clock.now += by
    wrong_times(elms, 5)
    hand_over(elms, "ahead", NUMBER)
    elms.clock.now -= by
    retention.purge(elms.context)
    assert not verified(elms)
    elms.clock.move(days=400, seconds=1)
    purged = retention.purge(elms.context)
    assert (purged.attempts, purged.calls, purged.notices) == (6, 1, 1)
    with elms.context.database.read() as session:
        for table in (Attempt, Call, OutboxNotice, BudgetUse):
            assert session.scalars(select(table)).all() == []


@pytest.mark.parametrize("dated", ["behind", "ahead"])
def test_no_clock_makes_audit_rows_disappear_early_or_stay_too_long(elms: Elms, dated: str) -> None:
    """A row dated wrongly goes with its neighbors; the chain stays whole."""
    years = timedelta(days=4_000)
    wrong_times(elms, 1)
    elms.clock.now += years if dated == "ahead" else -years
    wrong_times(elms, 1)
    elms.clock.now += -years if dated == "ahead" else years
    wrong_times(elms, 1)
    assert retention.purge(elms.context).audit_rows == 0
    elms.clock.move(days=2_556)
    purged = retention.purge(elms.context).audit_rows
    with elms.context.database.read() as session:
        assert audit.verify_chain(session).broken_at is None
        left = session.scalars(select(AuditRow.action).order_by(AuditRow.number)).all()
    assert purged == 5
    assert left == ["retention.purged"]


def test_a_record_with_a_start_ahead_is_purged_in_time(elms: Elms) -> None:
    hand_over(elms, "mine", NUMBER)
    with elms.context.database.write() as session:
        session.execute(update(Call).values(started_at=elms.clock.now + timedelta(days=20_000)))
    elms.clock.move(days=401)
    assert retention.purge(elms.context).calls == 1
