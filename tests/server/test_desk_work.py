"""A representative's work at the desk: who waits, letters, notes, and access (S10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.models import AuditRow, Call
from server.pages.words import reason
from server.seed.demonstration import ACCOUNTS
from server.services.call_notes import may_hold_a_pin
from server.services.retention import export
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

LETTER = ACCOUNTS[1]
NUMBER, PIN = LETTER.license_number, LETTER.pin or ""
CODES = ("license_number", "gave-up", "dtmf", "nomatch", "noinput", "yesno")


@pytest.fixture(scope="module")
def elms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elms]:
    with running_elms(tmp_path_factory.mktemp("desk")) as running:
        yield running


def staff(elms: Elms, name: str = "representative") -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in(name)
    return visitor


def turn(field: str, result: str = "match", **more: Any) -> dict[str, Any]:
    times = {"start_ms": 0, "end_ms": 1_000}
    return {"field": field, "attempt": 1, "result": result, "mode": "dtmf"} | times | more


def store(elms: Elms, call_id: str, outcome: dict[str, Any], **more: Any) -> None:
    record: dict[str, Any] = {
        "call_id": call_id,
        "started_utc": (elms.clock.now - timedelta(minutes=1)).isoformat(),
        "line": "recording",
        "duration_ms": 60_000,
        "outcome": outcome,
    }
    answer = elms.client.put(f"/api/v1/calls/{call_id}", json=record | more, headers=BOT)
    assert answer.status_code == 204, answer.text


def hand_over(elms: Elms, call_id: str, verified: bool = False, **more: Any) -> None:
    reason = "caller asked" if verified else "could not understand license_number"
    told = {
        "reason": reason,
        "license_number": NUMBER if verified else None,
        "verified": verified,
        "failed_field": None if verified else "license_number",
        "wanted": "representative" if verified else None,
    }
    outcome = {"outcome": "transferred", "reason": reason, "verified": verified}
    store(elms, call_id, outcome, handover=told, **more)


def rows(elms: Elms, action: str) -> list[AuditRow]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action)))


# -- who waits ---------------------------------------------------------------------------------


def test_the_longest_waiting_call_is_first_and_every_state_is_in_words(elms: Elms) -> None:
    hand_over(elms, "waits-long")
    elms.clock.move(minutes=3)
    hand_over(elms, "waits-little", verified=True)
    page = staff(elms).get("/desk").text
    assert page.index("waits-long") < page.index("waits-little")
    assert "Waiting 3 min" in page
    assert "We could not understand the license number" in page
    assert not [code for code in CODES if f">{code}" in page or f" {code} " in page]


def test_the_others_see_who_claimed_a_call(elms: Elms) -> None:
    hand_over(elms, "unverified")
    taking, watching = staff(elms), staff(elms, "supervisor")
    assert taking.submit("/desk/take-unverified", call_id="unverified").url.path == "/desk/check"
    page = watching.get("/desk").text
    assert "Taken by" in page
    again = watching.submit("/desk/take-unverified", call_id="unverified")
    assert "was already taken" in again.text
    assert taking.get("/desk/account").url.path == "/desk"


def test_refreshing_the_list_does_not_extend_a_session(elms: Elms) -> None:
    watching = staff(elms)
    for _ in range(4):
        elms.clock.move(minutes=10)
        last = watching.get("/desk/waiting")
    assert last.status_code == 401


def test_only_staff_see_the_list(elms: Elms) -> None:
    assert staff(elms, NUMBER).get("/desk/waiting").status_code == 401


# -- from a call to its account and back -------------------------------------------------------


def test_a_call_opens_its_account_and_mails_with_one_link_back(elms: Elms) -> None:
    elms.verify(NUMBER, PIN, call_id="with-letter")
    hand_over(elms, "with-letter", verified=True)
    desk = staff(elms)
    account = desk.submit("/desk/take", call_id="with-letter")
    assert 'href="/desk/account/letters"' in account.text
    assert 'href="/calls/with-letter"' in account.text
    letters = desk.get("/desk/account/letters")
    assert "requirements letter" in letters.text.lower()
    assert 'href="/desk/account"' in desk.get("/calls/with-letter").text
    assert desk.submit("/desk/end").url.path == "/calls/with-letter"
    assert desk.get("/desk/account/letters").url.path == "/desk"
    assert 'href="/desk/account"' not in desk.get("/calls/with-letter").text


# -- what a call shows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verified", "why", "pins", "refused"),
    [(True, "caller said goodbye", 2, 1), (False, "three PINs that were not right", 3, 3)],
)
def test_a_refused_pin_is_shown_as_refused(
    elms: Elms, verified: bool, why: str, pins: int, refused: int
) -> None:
    turns = [turn("license_number"), *[turn("pin", decision="accept") for _ in range(pins)]]
    outcome = {"outcome": "completed", "reason": why, "verified": verified}
    store(elms, f"pins-{pins}", outcome, turns=turns)
    page = staff(elms).get(f"/calls/pins-{pins}").text
    assert page.count("Refused: not the account’s PIN</span>") == refused
    assert page.count("Accepted") == pins - refused
    assert not [code for code in CODES if f">{code}" in page]


def test_an_unchecked_pin_is_not_shown_as_refused(elms: Elms) -> None:
    outcome = {"outcome": "failed", "reason": "records could not be reached"}
    store(elms, "unchecked", outcome, turns=[turn("pin")])
    page = staff(elms).get("/calls/unchecked").text
    assert "Not checked" in page
    assert "Refused" not in page


def test_a_call_is_read_as_the_caller_heard_it(elms: Elms) -> None:
    asked = turn("license_number", heard="Your number? [interrupted]", unheard="Or press pound.")
    record = {"heard": "[not kept] Goodbye."}
    store(elms, "heard", {"outcome": "completed", "reason": "goodbye"}, turns=[asked], **record)
    page = staff(elms).get("/calls/heard").text
    assert "Your number? (interrupted)" in page
    assert "Not heard: </span>Or press pound." in page
    assert "(not kept) Goodbye." in page
    assert "asked for the license number" not in page


def test_a_call_of_an_older_bot_is_told_in_our_words(elms: Elms) -> None:
    outcome = {"outcome": "completed", "reason": "goodbye"}
    store(elms, "older", outcome, turns=[turn("license_number")])
    assert "asked for the license number." in staff(elms).get("/calls/older").text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("caller left at pin", "The caller hung up at the PIN"),
        ("could not understand menu", "We could not understand the menu"),
        ("caller said nothing at new_question", "The caller said nothing at the question"),
        ("something_new", "Something new"),
    ],
)
def test_reasons_are_written_as_sentences(told: str, words: str) -> None:
    assert reason(told).startswith(words)


# -- notes and what became of it ---------------------------------------------------------------


def test_notes_and_a_disposition_are_kept_with_the_call(elms: Elms) -> None:
    hand_over(elms, "noted")
    desk = staff(elms)
    desk.submit("/calls/noted/notes", note="Sent the form from 2024 to license 421903.")
    desk.submit("/calls/noted/disposition", disposition="Question answered")
    page = staff(elms, "supervisor").get("/calls/noted").text
    assert "Sent the form from 2024" in page
    assert "<option selected>Question answered" in page
    assert [row.subject for row in rows(elms, "call.noted")] == ["call:noted"]
    assert "form" not in str([row.facts for row in rows(elms, "call.noted")])
    hand_over(elms, "noted")
    with elms.context.database.read() as session:
        call = session.scalars(select(Call).where(Call.call_id == "noted")).one()
        assert call.disposition == "Question answered"


@pytest.mark.parametrize(
    ("note", "is_refused"),
    [
        ("the PIN is 7306", True),
        ("7 3 0 6", True),
        ("7-3-0-6", True),
        ("seven three zero six", True),
        ("license 421903", False),
        ("received in 2022, at 10:30", False),
        ("three or four letters", False),
        ("call 601-359-3483", True),
    ],
)
def test_a_note_with_four_digits_is_refused(note: str, is_refused: bool) -> None:
    assert may_hold_a_pin(note) is is_refused


def test_a_note_with_a_pin_is_stored_nowhere(elms: Elms) -> None:
    hand_over(elms, "secret")
    answer = staff(elms).submit("/calls/secret/notes", note="PIN 7306")
    assert answer.status_code == 422
    assert "7306" not in answer.text
    with elms.context.database.read() as session:
        call = session.scalars(select(Call).where(Call.call_id == "secret")).one()
        assert call.notes == []


def test_a_records_request_has_the_notes_on_the_educators_calls(elms: Elms) -> None:
    outcome = {"outcome": "completed", "reason": "goodbye", "verified": True}
    store(elms, "exported", outcome | {"license_number": NUMBER})
    staff(elms).submit("/calls/exported/notes", note="Asked for a copy.")
    found = {call["call_id"]: call for call in export(elms.context, NUMBER)["calls"]}
    assert [note["text"] for note in found["exported"]["notes"]] == ["Asked for a copy."]


# -- reset and unlock --------------------------------------------------------------------------


def test_a_supervisor_unlocks_with_a_reason_that_is_audited(elms: Elms) -> None:
    owner = ACCOUNTS[2]
    for attempt in range(5):
        elms.verify(owner.license_number, "1357", call_id=f"wrong-{attempt}")
    supervisor, number = staff(elms, "supervisor"), owner.license_number
    assert supervisor.submit("/desk/unlock", license_number=number).status_code == 422
    assert not elms.verify(owner.license_number, owner.pin or "").json()["verified"]
    done = supervisor.submit(
        "/desk/unlock", license_number=number, reason="The educator mistyped the PIN"
    )
    assert "it is unlocked" in done.text
    assert elms.verify(owner.license_number, owner.pin or "").json()["verified"]
    row = rows(elms, "phone.unlocked")[-1]
    assert row.facts == {"reason": "The educator mistyped the PIN"}
    assert row.actor.startswith("user:")


def test_a_representative_unlocks_nothing(elms: Elms) -> None:
    desk = staff(elms)
    asked = desk.submit("/desk/unlock", license_number=NUMBER, reason="Other")
    assert asked.status_code == 403
    assert "Unlock" not in desk.get("/desk/access").text


def test_a_reset_has_its_reason_in_the_audit_log(elms: Elms) -> None:
    why = "The educator forgot the PIN"
    staff(elms).submit("/desk/reset", license_number=NUMBER, reason=why)
    assert rows(elms, "reset.started")[-1].facts == {"reason": "The educator forgot the PIN"}
