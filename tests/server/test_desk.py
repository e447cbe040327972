"""The representative's check, hand-over cards, notices, stored calls and figures (S10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.models import Attempt, AuditRow, Pin
from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.mail_server import taking_mail

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER, OTHER_RIGHT = ACCOUNTS[1].license_number, ACCOUNTS[1].pin or ""
WRONG = "1357"
REASON = "Application status"
FORGOT = "The educator forgot the PIN"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.fixture
def desk(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("representative")
    return visitor


@pytest.fixture
def supervisor(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    return visitor


def check(desk: Visitor, pin: str, number: str = NUMBER, reason: str = REASON) -> Any:
    return desk.submit("/desk/check", "/desk", license_number=number, pin=pin, reason=reason)


def store(elms: Elms, call_id: str, **more: Any) -> None:
    started = elms.clock.now - timedelta(minutes=2)
    record: dict[str, Any] = {
        "call_id": call_id,
        "started_utc": started.isoformat(),
        "line": "recording",
        "duration_ms": 60_000,
        "outcome": {"outcome": "completed", "reason": "goodbye", "license_number": NUMBER},
        "turns": [],
    }
    answer = elms.client.put(f"/api/v1/calls/{call_id}", json=record | more, headers=BOT)
    assert answer.status_code == 204, answer.text


# -- S10 ---------------------------------------------------------------------------------------


def test_a_right_pin_opens_the_account_for_that_call_only(desk: Visitor) -> None:
    assert desk.get("/desk/account").url.path == "/desk"
    opened = check(desk, RIGHT)
    assert opened.url.path == "/desk/account"
    assert "Verified" in opened.text
    desk.submit("/desk/end", "/desk/account")
    assert desk.get("/desk/account").url.path == "/desk"


def test_a_wrong_pin_opens_nothing(desk: Visitor) -> None:
    assert "Not verified" in check(desk, WRONG).text
    assert desk.get("/desk/account").url.path == "/desk"


def test_a_wrong_pin_closes_what_was_open(desk: Visitor) -> None:
    check(desk, RIGHT)
    check(desk, WRONG)
    assert desk.get("/desk/account").url.path == "/desk"


def test_an_unknown_number_and_a_missing_pin_look_like_a_wrong_pin(desk: Visitor) -> None:
    without = next(account.license_number for account in ACCOUNTS if account.pin is None)
    for number in ("999999", without):
        assert "Not verified" in check(desk, RIGHT, number).text


def test_no_page_for_representatives_contains_a_pin(elms: Elms, desk: Visitor) -> None:
    with elms.context.database.read() as session:
        digests = list(session.scalars(select(Pin.digest)))
    for page in (check(desk, RIGHT), desk.get("/desk"), desk.get("/desk/account")):
        assert RIGHT not in page.text
        assert not any(digest in page.text for digest in digests)


def test_the_check_shares_the_budget_of_the_telephone(elms: Elms, desk: Visitor) -> None:
    for _ in range(4):
        elms.verify(NUMBER, WRONG)
    assert "Locked" in check(desk, WRONG).text
    assert "Locked" in check(desk, RIGHT).text
    assert not elms.verify(NUMBER, RIGHT).json()["verified"]


def test_three_wrong_pins_end_checks_for_the_call(elms: Elms, desk: Visitor) -> None:
    for _ in range(3):
        check(desk, WRONG)
    assert "Locked" in check(desk, RIGHT).text
    desk.submit("/desk/end", "/desk")
    assert check(desk, RIGHT).url.path == "/desk/account"


def test_each_check_is_audited_with_person_and_reason(elms: Elms, desk: Visitor) -> None:
    check(desk, WRONG, reason="Renewal")
    with elms.context.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "pin.checked")).one()
        attempt = session.scalars(select(Attempt)).one()
    assert row.actor == f"user:{attempt.user_id}"
    assert (row.facts["reason"], row.facts["result"]) == ("Renewal", "wrong")
    assert (attempt.channel, attempt.reason) == ("representative", "Renewal")


def test_a_check_without_a_reason_is_refused(elms: Elms, desk: Visitor) -> None:
    assert check(desk, RIGHT, reason="").status_code == 422
    with elms.context.database.read() as session:
        assert session.scalars(select(Attempt)).all() == []


def test_a_reset_sends_one_mail_to_the_owner_of_the_number_and_none_otherwise(
    tmp_path: Path,
) -> None:
    with taking_mail() as mailbox, running_elms(tmp_path, mail=mailbox.plainly) as elms:
        desk = Visitor(elms)
        desk.sign_in("representative")
        for number in ("999999", NUMBER):
            sent = desk.submit("/desk/reset", "/desk", license_number=number, reason=FORGOT)
            assert "on its way" in sent.text
        assert mailbox.subjects == ["Set a new Educator PIN"]
        assert "/pin" in str(mailbox.messages[0].get_payload())


def test_a_representative_starts_a_reset_and_sets_no_pin(elms: Elms, desk: Visitor) -> None:
    desk.submit("/desk/reset", "/desk", license_number=NUMBER, reason=FORGOT)
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    assert desk.get("/pin").status_code == 403
    assert desk.submit("/pin", "/desk", pin="7306", again="7306").status_code == 403


# -- hand-over ---------------------------------------------------------------------------------


def handed_over(elms: Elms, call_id: str, verified: bool, number: str = NUMBER) -> None:
    told = {
        "reason": "asked",
        "license_number": number,
        "verified": verified,
        "failed_field": None if verified else "pin",
        "wanted": "renewal",
    }
    outcome = {"outcome": "transferred", "reason": "asked", "verified": verified}
    store(elms, call_id, outcome=outcome, handover=told)


def test_a_handed_over_call_arrives_as_a_card(elms: Elms, desk: Visitor) -> None:
    handed_over(elms, "call-1", verified=False)
    page = desk.get("/desk").text
    assert "Not verified" in page
    assert "Renewal information" in page
    assert "Continue this call" not in page


def test_a_verified_call_can_be_continued(elms: Elms, desk: Visitor) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    handed_over(elms, "call-1", verified=True)
    assert "Continue this call" in desk.get("/desk").text
    assert desk.submit("/desk/take", "/desk", call_id="call-1").url.path == "/desk/account"


def test_a_call_that_only_claims_to_be_verified_opens_nothing(elms: Elms, desk: Visitor) -> None:
    elms.verify(NUMBER, WRONG, call_id="call-1")
    handed_over(elms, "call-1", verified=True)
    assert desk.submit("/desk/take", "/desk", call_id="call-1").url.path == "/desk"
    assert desk.get("/desk/account").url.path == "/desk"


def test_a_call_can_be_claimed_by_one_person_once(elms: Elms, desk: Visitor) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    handed_over(elms, "call-1", verified=True)
    assert desk.submit("/desk/take", "/desk", call_id="call-1").url.path == "/desk/account"
    desk.submit("/desk/end", "/desk/account")
    other = Visitor(elms)
    other.sign_in("supervisor")
    for visitor in (desk, other):
        page = visitor.get("/desk").text
        assert "Taken" in page
        assert "Continue this call" not in page
        assert "was already taken" in visitor.submit("/desk/take", "/desk", call_id="call-1").text
        assert visitor.get("/desk/account").url.path == "/desk"


@pytest.mark.parametrize("ringing", ["call-1", "call-2"])
def test_the_telephone_opens_the_card_of_its_call(elms: Elms, desk: Visitor, ringing: str) -> None:
    """The representative's INVITE has X-ELMS-Call."""
    for number in (1, 2):
        elms.verify(NUMBER, RIGHT, call_id=f"call-{number}")
        handed_over(elms, f"call-{number}", verified=True)
    page = desk.get(f"/desk?call={ringing}").text
    assert page.count("Continue this call") == 1
    assert f'value="{ringing}"' in page
    assert desk.get("/desk").text.count("Continue this call") == 2


def test_a_call_that_was_not_handed_over_opens_no_card(elms: Elms, desk: Visitor) -> None:
    handed_over(elms, "call-1", verified=True)
    page = desk.get("/desk?call=%3Cscript%3E").text
    assert "That call was not handed over" in page
    assert "<script>" not in page


@pytest.mark.parametrize("outcome", ["completed", "hangup"])
def test_a_verified_call_that_was_not_handed_over_cannot_be_continued(
    elms: Elms, desk: Visitor, outcome: str
) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    store(elms, "call-1", outcome={"outcome": outcome, "reason": "goodbye", "verified": True})
    assert desk.submit("/desk/take", "/desk", call_id="call-1").url.path == "/desk"
    assert desk.get("/desk/account").url.path == "/desk"


def test_an_old_call_cannot_be_continued(elms: Elms, desk: Visitor) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    handed_over(elms, "call-1", verified=True)
    elms.clock.move(minutes=16)
    assert "too long ago" in desk.submit("/desk/take", "/desk", call_id="call-1").text


def taken(desk: Visitor, call_id: str) -> bool:
    desk.submit("/desk/take", "/desk", call_id=call_id)
    return desk.get("/desk/account").url.path == "/desk/account"


def test_a_call_opens_the_account_that_its_card_names(elms: Elms, desk: Visitor) -> None:
    """One call, two accounts: the card is about the one that was verified last."""
    elms.verify(NUMBER, RIGHT, call_id="call-1", attempt=1)
    elms.verify(OTHER, OTHER_RIGHT, call_id="call-1", attempt=2)
    elms.verify(NUMBER, RIGHT, call_id="call-2", attempt=1)
    elms.verify(OTHER, OTHER_RIGHT, call_id="call-2", attempt=2)
    handed_over(elms, "call-1", verified=True, number=NUMBER)
    handed_over(elms, "call-2", verified=True, number=OTHER)
    assert not taken(desk, "call-1")
    assert taken(desk, "call-2")
    assert OTHER in desk.get("/desk/account").text


def test_a_pin_of_an_earlier_call_of_the_same_name_opens_nothing(elms: Elms, desk: Visitor) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    elms.clock.move(days=80)
    handed_over(elms, "call-1", verified=True)
    desk.sign_in("representative")
    assert not taken(desk, "call-1")


@pytest.mark.parametrize("what", ["a new PIN", "a lock"])
def test_a_call_does_not_reopen_a_closed_account(elms: Elms, desk: Visitor, what: str) -> None:
    elms.verify(NUMBER, RIGHT, call_id="call-1")
    handed_over(elms, "call-1", verified=True)
    if what == "a lock":
        for _ in range(5):
            elms.verify(NUMBER, WRONG)
    else:
        owner = Visitor(elms)
        owner.sign_in(NUMBER)
        owner.submit("/pin", "/pin", pin="7306", again="7306")
    assert not taken(desk, "call-1")


# -- notices -----------------------------------------------------------------------------------


def test_a_supervisors_notice_is_heard_in_the_next_call(elms: Elms, supervisor: Visitor) -> None:
    waiting = next(account for account in ACCOUNTS if not account.reached)
    answer = supervisor.submit("/notices", "/notices", renewal="2022-12-01", other="2022-11-30")
    assert "The next caller will hear" in answer.text
    headers = BOT | {"X-Call-Token": elms.token(waiting.license_number, waiting.pin or "")}
    told = elms.client.get("/api/v1/account", headers=headers).json()["application"]
    assert (told["processing_week"], told["reached"]) == ("2022-11-28", True)


@pytest.mark.parametrize(
    ("renewal", "other"),
    [("2022-12-20", "2022-11-30"), ("", "2022-11-30"), ("soon", "x"), ("2001-01-01", "2022-11-30")],
)
def test_impossible_weeks_are_refused(supervisor: Visitor, renewal: str, other: str) -> None:
    answer = supervisor.submit("/notices", "/notices", renewal=renewal, other=other)
    assert answer.status_code == 422
    assert "Please check." in answer.text
    assert f'name="other" type="date" required value="{other}"' in answer.text


def test_closing_days_can_be_added_and_removed(elms: Elms, supervisor: Visitor) -> None:
    def closed() -> list[str]:
        return list(elms.client.get("/api/v1/service", headers=BOT).json()["holidays"])

    supervisor.submit("/holidays", "/notices", on="2022-12-09", name="Ice storm")
    assert "2022-12-09" in closed()
    supervisor.submit("/holidays/remove", "/notices", on="2022-12-09")
    assert "2022-12-09" not in closed()
    assert supervisor.submit("/holidays", "/notices", on="2022-12-09", name=" ").status_code == 422


def test_a_representative_can_read_notices_and_not_change_them(desk: Visitor) -> None:
    assert desk.get("/notices").status_code == 200
    answer = desk.submit("/notices", "/notices", renewal="2022-12-01", other="2022-11-30")
    assert answer.status_code == 403


# -- calls and figures -------------------------------------------------------------------------

TURNS = [
    {
        "field": "license_number",
        "attempt": 1,
        "result": "match",
        "start_ms": 0,
        "end_ms": 9_000,
        "speech_start_ms": 4_000,
        "speech_end_ms": 8_000,
        "reply_after_ms": 190,
        "mode": "voice",
        "confidence": 0.95,
        "value": NUMBER,
        "decision": "accept",
    },
    {"field": "pin", "attempt": 1, "result": "noinput", "start_ms": 9_000, "end_ms": 20_000},
]


def test_calls_can_be_listed_found_and_shown(elms: Elms, desk: Visitor) -> None:
    for index in range(60):
        store(elms, f"call-{index}", turns=TURNS)
    left = {"outcome": "hangup", "reason": "caller", "license_number": "265480"}
    store(elms, "call-x", outcome=left, turns=TURNS)
    assert "61 calls, page 1 of 2" in desk.get("/calls").text
    assert "61 calls, page 2 of 2" in desk.get("/calls?page=2").text
    assert "1 call<" in desk.submit("/calls", "/calls", q="265480").text
    assert "1 call<" in desk.get("/calls?outcome=hangup").text
    shown = desk.get("/calls/call-x").text
    assert "190 ms" in shown
    assert "0.95" in shown
    assert desk.get("/calls/nowhere").status_code == 404


def test_statistics_come_from_stored_turns(elms: Elms, desk: Visitor) -> None:
    for index in range(3):
        store(elms, f"call-{index}", turns=TURNS[:1])
    gone = {"outcome": "hangup", "reason": "caller"}
    store(elms, "call-x", outcome=gone, turns=TURNS)
    page = desk.get("/figures").text
    assert "75%" in page  # three of four served without a person
    assert "Caller hung up (1)" in page
    assert "0.95" in page


def test_statistics_name_days_and_hours_without_calls_and_have_a_table(
    elms: Elms, desk: Visitor
) -> None:
    store(elms, "call-1")
    early = elms.clock.now - timedelta(days=2, hours=3)
    store(elms, "call-2", started_utc=early.isoformat())
    page = desk.get("/figures").text
    for shown in ("Dec 3", "Dec 4", "Dec 5", "7 a.m.", "8 a.m.", "9 a.m."):
        assert f'<th scope="row">{shown}</th>' in page


def test_statistics_without_calls_say_so(desk: Visitor) -> None:
    assert "No calls were stored" in desk.get("/figures").text
