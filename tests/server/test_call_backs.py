"""Call-backs: stored once with their call, listed at the desk, done by somebody, and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from server.models import AuditRow, CallBack
from server.pages.words import clock
from server.sealing import Sealer
from server.seed.call_backs import invent_call_backs
from server.seed.calls import invent_calls
from server.seed.demonstration import ACCOUNTS
from server.services import audit, retention
from server.services.call_backs import done_promises, open_promises
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

LICENSE = ACCOUNTS[0].license_number
NUMBER, WRITTEN = "6015550142", "601-555-0142"
PROMISE = {"number": NUMBER, "earliest": "08:00", "latest": "12:00", "earlier_call_id": "call-0"}

NO_EARLIER = {"earlier_call_id": None}


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.fixture
def desk(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("representative")
    return visitor


def put(elms: Elms, call_id: str = "call-1", **more: Any) -> Any:
    record: dict[str, Any] = {
        "call_id": call_id,
        "started_utc": (elms.clock.now - timedelta(minutes=2)).isoformat(),
        "line": "telephone",
        "duration_ms": 38_000,
        "outcome": {"outcome": "call-back", "reason": "nobody could take the call"},
        "turns": [],
    }
    return elms.client.put(f"/api/v1/calls/{call_id}", json=record | more, headers=BOT)


def promised(elms: Elms, call_id: str = "call-1", **more: Any) -> None:
    answer = put(elms, call_id, call_back=PROMISE | more)
    assert answer.status_code == 204, answer.text


def stored(elms: Elms) -> list[CallBack]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(CallBack).order_by(CallBack.id)))


def done(desk: Visitor, number: int, note: str = "") -> str:
    page = desk.submit("/call-backs/done", "/call-backs", call_back=str(number), note=note)
    return str(page.text)


# -- storing -----------------------------------------------------------------------------------


def test_a_promise_is_stored_once_however_often_its_call_is_sent(elms: Elms) -> None:
    record: dict[str, Any] = {"started_utc": "2022-12-05T16:00:00Z", "call_back": PROMISE}
    assert [put(elms, **record).status_code for _ in range(3)] == [204, 204, 204]
    assert len(stored(elms)) == 1


@pytest.mark.parametrize(
    "other",
    [
        None,
        PROMISE | {"number": "6015550143"},
        PROMISE | {"latest": "17:30"},
        PROMISE | {"earlier_call_id": None},
    ],
)
def test_another_promise_under_the_same_call_is_refused(
    elms: Elms, other: dict[str, Any] | None
) -> None:
    record: dict[str, Any] = {"started_utc": "2022-12-05T16:00:00Z"}
    assert put(elms, **record, call_back=PROMISE).status_code == 204
    assert put(elms, **record, call_back=other).status_code == 409
    assert [each.latest for each in stored(elms)] == ["12:00"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "601555014"},
        {"number": "60155501422"},
        {"number": "1015550142"},
        {"number": "+16015550142"},
        {"earliest": "8:00"},
        {"latest": "24:00"},
        {"latest": "noon"},
        {"note": "hello"},
    ],
)
def test_an_invalid_promise_is_refused_and_not_quoted(elms: Elms, wrong: dict[str, str]) -> None:
    answer = put(elms, call_back=PROMISE | wrong)
    assert answer.status_code == 422
    assert not any(value in answer.text for value in wrong.values())
    assert stored(elms) == []


def test_only_the_bot_can_store_promises(elms: Elms) -> None:
    body = {"call_id": "call-1", "call_back": PROMISE}
    assert elms.client.put("/api/v1/calls/call-1", json=body).status_code == 401


def test_the_database_alone_reveals_no_number(elms: Elms) -> None:
    """It is sealed with a key from the pepper, which is not in the database (as S1)."""
    promised(elms)
    with elms.context.database.read() as session:
        rows = [tuple(row) for row in session.execute(text("select * from call_backs"))]
        audited = json.dumps([row.facts for row in session.scalars(select(AuditRow))])
    assert NUMBER not in str(rows) + audited
    assert "5550142" not in str(rows) + audited


def test_sealed_values_open_only_with_the_same_pepper_and_purpose() -> None:
    sealer = Sealer("pepper", "telephone number")
    sealed = sealer.seal(NUMBER)
    assert sealer.open(sealed) == NUMBER
    assert sealer.seal(NUMBER) != sealed
    assert Sealer("another", "telephone number").open(sealed) is None
    assert Sealer("pepper", "something else").open(sealed) is None
    changed = sealed[:-3] + ("AAA" if sealed[-3:] != "AAA" else "BBB")
    assert (sealer.open(changed), sealer.open("")) == (None, None)


# -- the desk ----------------------------------------------------------------------------------


def test_the_desk_lists_call_backs_with_the_longest_waiting_first(
    elms: Elms, desk: Visitor
) -> None:
    assert "Nobody is waiting" in desk.get("/call-backs").text
    promised(elms, "call-1")
    elms.clock.move(minutes=10)
    promised(elms, "call-2", number="6625550117", earliest="12:00", latest="17:30")
    page = desk.get("/call-backs").text
    assert page.index(WRITTEN) < page.index("662-555-0117")
    assert f'href="tel:+1{NUMBER}"' in page
    assert "8 a.m. and noon" in page
    assert "noon and 5:30 p.m." in page
    assert "To be called (2)" in page


@pytest.mark.parametrize("verified", [True, False])
def test_the_desk_names_the_caller_if_the_earlier_call_was_verified(
    elms: Elms, desk: Visitor, verified: bool
) -> None:
    outcome = {"outcome": "transferred", "reason": "asked", "verified": verified}
    put(elms, "call-0", outcome=outcome | {"license_number": LICENSE})
    promised(elms)
    page = desk.get("/call-backs").text
    assert 'href="/calls/call-0"' in page
    assert (LICENSE in page) is verified


def test_a_promise_names_who_was_verified_in_its_call(elms: Elms, desk: Visitor) -> None:
    """Out of hours there is no earlier call."""
    outcome = {"outcome": "call-back", "reason": "asked", "verified": True}
    put(elms, outcome=outcome | {"license_number": LICENSE}, call_back=PROMISE | NO_EARLIER)
    assert LICENSE in desk.get("/call-backs").text


def test_a_promise_whose_earlier_call_is_unknown_is_listed_without_it(
    elms: Elms, desk: Visitor
) -> None:
    promised(elms, earlier_call_id="unknown")
    page = desk.get("/call-backs").text
    assert WRITTEN in page
    assert "/calls/unknown" not in page


def test_a_done_call_back_has_its_person_time_and_note(elms: Elms, desk: Visitor) -> None:
    promised(elms)
    elms.clock.move(minutes=5)
    assert "Noted as done." in done(desk, stored(elms)[0].id, "  Sent the letter again. ")
    assert open_promises(elms.context) == []
    (promise,) = done_promises(elms.context)
    assert (promise.done_by, promise.note) == ("Rhea Calloway", "Sent the letter again.")
    assert promise.done_at == elms.clock.now
    page = desk.get("/call-backs").text
    assert "Nobody is waiting" in page
    assert "Sent the letter again." in page


def test_a_call_back_is_done_by_one_person(elms: Elms, desk: Visitor) -> None:
    promised(elms)
    other = Visitor(elms)
    other.sign_in("representative2")
    assert "Noted as done." in done(desk, stored(elms)[0].id, "first")
    assert "Somebody else has noted" in done(other, stored(elms)[0].id, "second")
    assert "Somebody else has noted" in done(other, 999)
    (promise,) = done_promises(elms.context)
    assert (promise.done_by, promise.note) == ("Rhea Calloway", "first")


@pytest.mark.parametrize("note", ["x" * 201, "two\nlines", "a bell \x07"])
def test_a_note_is_kept_as_one_line(elms: Elms, desk: Visitor, note: str) -> None:
    promised(elms)
    assert "Please keep the note" in done(desk, stored(elms)[0].id, note)
    assert len(open_promises(elms.context)) == 1


def test_a_note_of_the_longest_length_is_kept(elms: Elms, desk: Visitor) -> None:
    promised(elms)
    assert "Noted as done." in done(desk, stored(elms)[0].id, "x" * 200)


def test_neither_educators_nor_strangers_see_the_list(elms: Elms) -> None:
    promised(elms)
    visitor = Visitor(elms)
    assert visitor.get("/call-backs").url.path == "/sign-in"
    visitor.sign_in(LICENSE)
    assert visitor.get("/call-backs").status_code == 403
    answer = visitor.submit("/call-backs/done", "/home", call_back=str(stored(elms)[0].id))
    assert answer.status_code == 403
    assert len(open_promises(elms.context)) == 1


def test_promising_and_doing_a_call_back_are_audited(elms: Elms, desk: Visitor) -> None:
    promised(elms)
    done(desk, stored(elms)[0].id, "Called")
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.like("call_back.%"))).all()
        assert audit.verify_chain(session).broken_at is None
    assert [(row.action, row.subject) for row in rows] == [
        ("call_back.promised", "call:call-1"),
        ("call_back.done", "call:call-1"),
    ]
    assert rows[0].actor == "bot"
    assert rows[1].actor.startswith("user:")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("00:00", "12 a.m."),
        ("08:00", "8 a.m."),
        ("11:45", "11:45 a.m."),
        ("12:00", "noon"),
        ("12:30", "12:30 p.m."),
        ("17:30", "5:30 p.m."),
    ],
)
def test_times_are_written_as_they_are_spoken(at: str, told: str) -> None:
    assert clock(at) == told


# -- how long ----------------------------------------------------------------------------------


def test_promises_are_purged_with_their_numbers(elms: Elms, desk: Visitor) -> None:
    promised(elms, "call-1")
    promised(elms, "call-2")
    done(desk, stored(elms)[0].id)
    elms.clock.move(days=30)
    assert retention.purge(elms.context).call_backs == 0
    elms.clock.move(seconds=1)
    assert retention.purge(elms.context).call_backs == 2
    assert stored(elms) == []


def test_a_promise_dated_ahead_is_purged_in_time(elms: Elms) -> None:
    elms.clock.move(days=400)
    promised(elms)
    elms.clock.move(days=-400)
    retention.purge(elms.context)
    elms.clock.move(days=31)
    assert retention.purge(elms.context).call_backs == 1


def test_a_late_promise_keeps_the_time_it_was_made(elms: Elms) -> None:
    """The bot keeps records while the backend is down."""
    put(elms, started_utc=(elms.clock.now - timedelta(hours=5)).isoformat(), call_back=PROMISE)
    (promise,) = stored(elms)
    assert promise.asked_at == elms.clock.now - timedelta(hours=5) + timedelta(seconds=38)
    assert promise.stored_at == elms.clock.now


def test_an_export_has_the_educators_promises(elms: Elms) -> None:
    outcome = {"outcome": "transferred", "reason": "asked", "verified": True}
    put(elms, "call-0", outcome=outcome | {"license_number": LICENSE})
    promised(elms, "call-1")
    promised(elms, "call-2", number="6625550117", earlier_call_id="call-9")
    (promise,) = retention.export(elms.context, LICENSE)["call_backs"]
    assert (promise["number"], promise["earliest"]) == (NUMBER, "08:00")


def test_the_demonstration_has_open_and_done_call_backs(elms: Elms, desk: Visitor) -> None:
    invent_calls(elms.context)
    assert invent_call_backs(elms.context) == 7
    waiting, past = open_promises(elms.context), done_promises(elms.context)
    assert (len(waiting), len(past)) == (3, 4)
    assert all(each.number and each.number[3:8] == "55501" for each in [*waiting, *past])
    assert all(each.asked_at < each.done_at < elms.clock.now for each in past if each.done_at)
    assert desk.get("/call-backs").status_code == 200
    assert desk.get("/calls?outcome=call-back").text.count("Nobody could take the call") == 7
    assert "To be called back (7)" in desk.get("/figures").text


def test_the_desk_shows_how_many_callers_wait_for_a_call_back(elms: Elms, desk: Visitor) -> None:
    assert "promised a call back" not in desk.get("/desk").text
    promised(elms)
    assert "One caller was promised a call back" in desk.get("/desk/waiting").text
