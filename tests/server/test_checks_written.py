"""What each check of a PIN leaves: one attempt, one audit row, and the uses of its budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.domain import Channel, CheckResult, Pace
from server.errors import RuleError
from server.models import Attempt, AuditRow, CallToken, Educator, OutboxNotice, PhoneAccess, User
from server.services.representative_desk import (
    ACCESS_REASONS,
    REASONS,
    check_caller,
    end_call,
    start_reset,
    unlock_for,
)
from server.services.sign_in import SignedIn, find_session
from server.services.verification import Presented, allowances, verify
from tests.support.elms_service import Elms, running_elms, used
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER, RIGHT = "421903", "5827"
SLOW, SLOW_RIGHT = "815402", "7418"
NO_PIN, UNKNOWN = "627581", "999999"
WRONG = "1357"
CALLER = "6015550142"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def educator(elms: Elms, number: str) -> int | None:
    with elms.context.database.read() as session:
        wanted = select(Educator.id).where(Educator.license_number == number)
        return session.scalars(wanted).one_or_none()


def last_attempt(elms: Elms) -> Attempt:
    with elms.context.database.read() as session:
        return session.scalars(select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()


def last_row(elms: Elms) -> AuditRow:
    with elms.context.database.read() as session:
        return session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()


def by_telephone(number: str, pin: str, call: str = "a-call", attempt: int = 4) -> Presented:
    return Presented(number, pin, call, attempt, "mixed", CALLER)


def lock(elms: Elms, number: str) -> None:
    with elms.context.database.write() as session:
        access = session.get_one(PhoneAccess, educator(elms, number))
        access.locked_until = elms.clock.now + timedelta(hours=1)


RESULTS = [
    (NUMBER, RIGHT, CheckResult.VERIFIED),
    (NUMBER, WRONG, CheckResult.WRONG),
    (SLOW, SLOW_RIGHT, CheckResult.LOCKED),
    (NO_PIN, WRONG, CheckResult.NO_PIN),
    (UNKNOWN, RIGHT, CheckResult.UNKNOWN),
]


def test_a_check_by_telephone_is_written_down(elms: Elms) -> None:
    lock(elms, SLOW)
    for index, (number, pin, result) in enumerate(RESULTS):
        elms.clock.move(minutes=3)
        call, who, before = f"call-{index}", educator(elms, number), used(elms, "overall")
        checked = verify(elms.context, by_telephone(number, pin, call))
        assert (checked.result, checked.educator_id, checked.locked_now) == (result, who, False)
        assert (checked.token is not None) is (result is CheckResult.VERIFIED)
        attempt = last_attempt(elms)
        assert (attempt.call_id, attempt.number, attempt.mode) == (call, 4, "mixed")
        assert (attempt.at, attempt.educator_id) == (elms.clock.now, who)
        assert (attempt.channel, attempt.result) == ("telephone", result.value)
        assert (attempt.user_id, attempt.reason, attempt.outdated) == (None, None, False)
        assert number not in attempt.subject
        row = last_row(elms)
        assert (row.at, row.actor, row.action) == (elms.clock.now, "bot", "pin.checked")
        assert row.subject == (f"educator:{who}" if who else "educator:unknown")
        assert row.facts == {
            "call": call,
            "attempt": 4,
            "mode": "mixed",
            "channel": "telephone",
            "result": result.value,
            "locked": False,
            "reason": None,
        }
        spent = 0 if result is CheckResult.VERIFIED else 1
        assert used(elms, f"call:{call}") == used(elms, "overall") - before == spent


def test_the_wrong_pin_that_locks_says_so_once_and_ends_the_accounts_tokens(elms: Elms) -> None:
    elms.token(NUMBER, RIGHT)
    elms.token(SLOW, SLOW_RIGHT)
    for count in range(1, 8):
        checked = verify(elms.context, by_telephone(NUMBER, WRONG, f"call-{count}"))
        assert checked.locked_now is (count == 5)
        assert last_row(elms).facts["locked"] is (count == 5)
        assert checked.result is (CheckResult.WRONG if count <= 5 else CheckResult.LOCKED)
    with elms.context.database.read() as session:
        access = session.get_one(PhoneAccess, educator(elms, NUMBER))
        assert access.locked_until == elms.clock.now + timedelta(hours=24)
        assert access.lockouts == 1
        assert list(session.scalars(select(CallToken.educator_id))) == [educator(elms, SLOW)]
        notices = session.scalars(select(OutboxNotice)).all()
    assert [(each.educator_id, each.kind) for each in notices] == [
        (educator(elms, NUMBER), "locked")
    ]


def test_the_pace_of_an_account_is_revealed_only_with_its_right_pin(elms: Elms) -> None:
    presented = [(SLOW, WRONG), (SLOW, SLOW_RIGHT), (NUMBER, RIGHT)]
    told = [
        verify(elms.context, by_telephone(number, pin, f"call-{pin}")).pace
        for number, pin in presented
    ]
    assert told == [Pace.NORMAL, Pace.SLOW, Pace.NORMAL]


def test_a_token_is_of_its_call_and_its_account(elms: Elms) -> None:
    verify(elms.context, by_telephone(NUMBER, RIGHT))
    with elms.context.database.read() as session:
        token = session.scalars(select(CallToken)).one()
    assert (token.educator_id, token.call_id) == (educator(elms, NUMBER), "a-call")
    assert token.expires_at == elms.clock.now + timedelta(minutes=10)


WHO_ASKS: list[tuple[dict[str, Any], str, int]] = [
    ({"caller_number": CALLER}, "caller", 7),
    ({"caller_number": None}, "withheld", 9),
    ({"caller_number": ""}, "withheld", 9),
    ({"channel": Channel.REPRESENTATIVE, "user_id": 12}, "user:12", 8),
    ({"channel": Channel.REPRESENTATIVE, "user_id": 3, "caller_number": CALLER}, "user:3", 8),
]


def test_a_check_uses_the_budgets_of_its_call_of_who_asks_and_of_everybody(
    tmp_path: Path,
) -> None:
    limits = {"pins_per_call": 2, "pins_per_caller": 7, "pins_withheld": 9}
    limits |= {"pins_per_representative": 8, "pins_overall": 11}
    day, hour = timedelta(hours=24), timedelta(hours=1)
    with running_elms(tmp_path, limits=limits) as elms:
        for more, key, most in WHO_ASKS:
            presented = Presented(
                NUMBER, WRONG, "a-call", 1, "dtmf", **({"caller_number": None} | more)
            )
            call, who, everybody = allowances(elms.context, presented)
            assert (call.key, call.most, call.window) == ("call:a-call", 2, day)
            assert (who.key.split(":")[0] if key == "caller" else who.key) == key
            assert CALLER not in who.key
            assert (who.most, who.window) == (most, day)
            assert (everybody.key, everybody.most, everybody.window) == ("overall", 11, hour)


def test_attempts_without_a_number_take_the_next_of_their_call(elms: Elms) -> None:
    for call, expected in (("one", 1), ("one", 2), ("other", 1), ("one", 3)):
        verify(elms.context, Presented(UNKNOWN, WRONG, call, None, "voice", None))
        assert (last_attempt(elms).number, last_row(elms).facts["attempt"]) == (expected, expected)


# -- the desk ------------------------------------------------------------------------------------


@pytest.fixture
def desk(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("representative")
    return visitor


def me(elms: Elms, desk: Visitor) -> SignedIn:
    found = find_session(elms.context, desk.client.cookies["elms"], is_watching=True)
    assert found is not None
    return found


def test_a_check_at_the_desk_is_written_down_and_opens_its_account(
    elms: Elms, desk: Visitor
) -> None:
    with elms.context.database.read() as session:
        user = session.scalars(select(User.id).where(User.username == "representative")).one()
    for reason in REASONS:
        result = check_caller(elms.context, me(elms, desk), NUMBER, RIGHT, reason)
        assert result == ("verified", CheckResult.VERIFIED)
        attempt, row, opened = last_attempt(elms), last_row(elms), me(elms, desk)
        assert (attempt.channel, attempt.mode, attempt.number) == ("representative", "voice", 1)
        assert (attempt.user_id, attempt.reason) == (user, reason)
        assert (row.actor, row.facts["channel"]) == (f"user:{user}", "representative")
        assert row.facts["reason"] == reason
        assert opened.opened_educator_id == educator(elms, NUMBER)
        assert opened.call_id == attempt.call_id
        assert (attempt.call_id[:5], len(attempt.call_id)) == ("desk-", 21)
        end_call(elms.context, opened)
        closed = me(elms, desk)
        assert (closed.call_id, closed.handled_call, closed.opened_educator_id) == (None,) * 3


def test_a_wrong_pin_at_the_desk_closes_what_the_same_call_had_opened(
    elms: Elms, desk: Visitor
) -> None:
    check_caller(elms.context, me(elms, desk), NUMBER, RIGHT, REASONS[0])
    opened = me(elms, desk)
    check_caller(elms.context, opened, NUMBER, WRONG, REASONS[0])
    assert (last_attempt(elms).call_id, last_attempt(elms).number) == (opened.call_id, 2)
    assert me(elms, desk).opened_educator_id is None
    assert me(elms, desk).call_id == opened.call_id


def test_the_desk_is_told_that_an_account_is_locked_whatever_locked_it(
    elms: Elms, desk: Visitor
) -> None:
    told = []
    for _ in range(7):
        told.append(check_caller(elms.context, me(elms, desk), NUMBER, WRONG, REASONS[0]))
        if len(told) % 2 == 0:
            end_call(elms.context, me(elms, desk))
    not_verified = ("not verified", CheckResult.WRONG)
    assert told[:4] == [not_verified] * 4
    assert told[4:] == [("locked", CheckResult.WRONG), *[("locked", CheckResult.LOCKED)] * 2]
    over = [check_caller(elms.context, me(elms, desk), UNKNOWN, WRONG, REASONS[0])]
    over += [check_caller(elms.context, me(elms, desk), UNKNOWN, WRONG, REASONS[0])]
    over += [check_caller(elms.context, me(elms, desk), UNKNOWN, WRONG, REASONS[0])]
    assert over[0] == ("not verified", CheckResult.UNKNOWN)
    assert over[-1] == ("locked", CheckResult.OVER_BUDGET)


def test_another_reason_is_refused(elms: Elms, desk: Visitor) -> None:
    before = last_row(elms).number
    for reason in ("", "application status", "Other ", ACCESS_REASONS[0]):
        with pytest.raises(RuleError, match="what the call is about"):
            check_caller(elms.context, me(elms, desk), NUMBER, RIGHT, reason)
    for reason in ("", "Renewal", "other"):
        for helps in (start_reset, unlock_for):
            with pytest.raises(RuleError, match="choose a reason"):
                helps(elms.context, me(elms, desk), NUMBER, reason)
    assert last_row(elms).number == before


def test_a_reset_is_recorded_and_announced_to_the_numbers_owner(elms: Elms, desk: Visitor) -> None:
    who = educator(elms, NUMBER)
    for reason in ACCESS_REASONS:
        for number, subject in ((NUMBER, f"educator:{who}"), (UNKNOWN, "educator:unknown")):
            start_reset(elms.context, me(elms, desk), number, reason)
            row = last_row(elms)
            assert (row.at, row.actor) == (elms.clock.now, me(elms, desk).actor)
            assert (row.action, row.facts) == ("reset.started", {"reason": reason})
            assert row.subject == subject
    with elms.context.database.read() as session:
        notices = session.scalars(select(OutboxNotice)).all()
    told = [(each.educator_id, each.kind, each.created_at) for each in notices]
    assert told == [(who, "reset", elms.clock.now)] * len(ACCESS_REASONS)


def test_an_unlock_is_written_down_also_where_there_was_no_lock(elms: Elms, desk: Visitor) -> None:
    lock(elms, NUMBER)
    asked = {SLOW: "unlock.without-lock", UNKNOWN: "unlock.without-lock", NUMBER: "phone.unlocked"}
    for number, action in asked.items():
        unlock_for(elms.context, me(elms, desk), number, ACCESS_REASONS[1])
        who, row = educator(elms, number), last_row(elms)
        assert (row.at, row.actor) == (elms.clock.now, me(elms, desk).actor)
        assert (row.action, row.facts) == (action, {"reason": ACCESS_REASONS[1]})
        assert row.subject == (f"educator:{who}" if who else "educator:unknown")
        with elms.context.database.read() as session:
            locked = session.get_one(PhoneAccess, educator(elms, NUMBER)).locked_until
        assert (locked is None) is (number == NUMBER)
