"""What a purge leaves, table by table, and all that an export holds of one person (S12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import RuleError
from server.models import (
    Activity,
    Application,
    Attempt,
    AuditRow,
    Budget,
    BudgetUse,
    Call,
    CallBack,
    CallNote,
    CallToken,
    Educator,
    Letter,
    License,
    OutboxNotice,
    PhoneAccess,
    Pin,
    RequiredDocument,
    Turn,
    User,
    WebSession,
)
from server.services import audit
from server.services.retention import Purged, export, forget_budgets, purge
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

SECOND = timedelta(seconds=1)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    retention = {"attempts_days": 10, "calls_days": 20, "call_backs_days": 5, "audit_days": 40}
    with running_elms(tmp_path, retention=retention) as running:
        yield running


def attempt(name: str, at: datetime) -> Attempt:
    return Attempt(
        call_id=name,
        number=1,
        at=at,
        subject="x",
        channel="telephone",
        mode="dtmf",
        result="wrong",
    )


def call(name: str, started: datetime, stored: datetime) -> Call:
    return Call(
        call_id=name,
        started_at=started,
        stored_at=stored,
        line="text",
        duration_ms=1,
        outcome="completed",
        reason="goodbye",
        verified=False,
    )


def promise(name: str, stored: datetime) -> CallBack:
    return CallBack(
        call_id=name,
        asked_at=stored,
        stored_at=stored,
        sealed_number="x",
        earliest="08:00",
        latest="12:00",
    )


def browser(name: str, ends: datetime, user: int, now: datetime) -> WebSession:
    return WebSession(
        digest=name, user_id=user, csrf="x", created_at=now, seen_at=now, expires_at=ends
    )


def notice(educator: int, sent: datetime | None, written: datetime) -> OutboxNotice:
    return OutboxNotice(educator_id=educator, kind="locked", created_at=written, sent_at=sent)


def test_a_purge_removes_what_is_older_than_its_retention_and_nothing_else(elms: Elms) -> None:
    """A seed's own audit row is the oldest."""
    elms.clock.move(days=100)
    now = elms.clock.now
    ten, twenty, five = (now - timedelta(days=days) for days in (10, 20, 5))
    with elms.context.database.write() as session:
        user = session.scalars(select(User.id).limit(1)).one()
        person = session.scalars(select(Educator.id).limit(1)).one()
        for days in (50, 41, 39):
            audit.record(
                session,
                at=now - timedelta(days=days),
                actor="x",
                action="call.stored",
                subject=str(days),
            )
        session.add_all(
            [
                *(attempt(f"{each}", ten + each * SECOND) for each in (-1, 0, 1)),
                call("began long ago", twenty - SECOND, now),
                call("came long ago", now, twenty - SECOND),
                call("just in time", twenty, twenty),
                call("today", now, now),
                *(promise(f"{each}", five + each * SECOND) for each in (-1, 0, 1)),
                *(
                    CallToken(
                        digest=f"{each}",
                        educator_id=person,
                        call_id="x",
                        expires_at=now + each * SECOND,
                    )
                    for each in (-1, 0, 1)
                ),
                *(browser(f"{each}", now + each * SECOND, user, now) for each in (-1, 0, 1)),
                notice(person, ten - SECOND, ten),
                notice(person, ten, ten),
                notice(person, None, twenty),
            ]
        )
    assert purge(elms.context) == Purged(
        attempts=1, calls=2, call_backs=1, audit_rows=3, tokens=1, sessions=1, notices=1
    )
    with elms.context.database.read() as session:
        assert left(session) == {
            "attempts": {"0", "1"},
            "calls": {"just in time", "today"},
            "call-backs": {"0", "1"},
            "tokens": {"0", "1"},
            "browsers": {"0", "1"},
            "notices": {ten, None},
            "audit": {"39", "database"},
        }
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        report = audit.verify_chain(session)
    assert (row.at, row.actor, row.action) == (now, "operator", "retention.purged")
    assert row.facts == {"attempts": 1, "calls": 2, "audit": 3}
    assert (report.broken_at, report.rows) == (None, 2)


def left(session: Session) -> dict[str, set[Any]]:
    return {
        "attempts": set(session.scalars(select(Attempt.call_id))),
        "calls": set(session.scalars(select(Call.call_id))),
        "call-backs": set(session.scalars(select(CallBack.call_id))),
        "tokens": set(session.scalars(select(CallToken.digest))),
        "browsers": set(session.scalars(select(WebSession.digest))),
        "notices": set(session.scalars(select(OutboxNotice.sent_at))),
        "audit": set(session.scalars(select(AuditRow.subject))),
    }


@pytest.mark.parametrize("purges", [False, True])
def test_budgets_go_with_their_last_use_after_a_day(elms: Elms, purges: bool) -> None:
    now, day = elms.clock.now, timedelta(hours=24)
    ages = {"old": [day, day + SECOND], "both": [day, day - SECOND], "young": [SECOND], "none": []}
    with elms.context.database.write() as session:
        session.add_all(Budget(key=key) for key in ages)
        session.flush()
        session.add_all(
            BudgetUse(key=key, at=now - age) for key, each in ages.items() for age in each
        )
    if purges:
        purge(elms.context)
    else:
        forget_budgets(elms.context)
    with elms.context.database.read() as session:
        assert set(session.scalars(select(Budget.key))) == {"both", "young"}
        assert set(session.scalars(select(BudgetUse.at))) == {now - day + SECOND, now - SECOND}


# -- export --------------------------------------------------------------------------------------

NUMBER = "123450"


def person(session: Session, elms: Elms, number: str, day: int) -> Educator:
    """Somebody with one row in each table, all of that day of November 2022."""
    on = date(2022, 11, day)
    wanted = RequiredDocument(name=f"transcripts {number}", received=None)
    return Educator(
        license_number=number,
        name=f"Name {number}",
        email=f"{number}@elms.test",
        licenses=[
            License(license_class="AA", license_type="standard", issued=on, valid_through=on)
        ],
        applications=[
            Application(
                application_type="renewal", status="RECEIVED", submitted=on, documents=[wanted]
            )
        ],
        activities=[Activity(on=on, event="fee_paid", subject=number)],
        letters=[Letter(sent=on, subject=f"Letter {number}", body="Dear")],
    )


def rows_of(session: Session, elms: Elms, number: str, day: int) -> int:
    """The same person on the telephone and on the web; returns the educator's ID."""
    at = datetime.fromisoformat(f"2022-11-{day:02}T16:00:00+00:00")
    educator = person(session, elms, number, day)
    session.add(educator)
    session.flush()
    user = User(username=number, display_name="Somebody", role="educator", educator_id=educator.id)
    stored = call(f"call-{number}", at, at)
    stored.license_number = number
    stored.turns = [turn(number)]
    stored.notes = [CallNote(at=at, text=f"note {number}")]
    later = promise(f"later-{number}", at)
    later.earlier_call_id = f"call-{number}"
    later.sealed_number = elms.context.numbers.seal(f"601555{number[:4]}")
    checked = attempt(f"call-{number}", at)
    checked.educator_id, checked.reason = educator.id, f"reason {number}"
    session.add_all(
        [
            PhoneAccess(educator_id=educator.id, pace="slow", locked_until=at, lockouts=1),
            Pin(educator_id=educator.id, digest=elms.context.hasher.hash_pin("7306"), set_at=at),
            user,
            stored,
            later,
            checked,
            notice(educator.id, at, at),
        ]
    )
    session.flush()
    about_educator, about_user = f"educator:{educator.id}", f"user:{user.id}"
    audit.record(session, at=at, actor=number, action="pin.checked", subject=about_educator)
    audit.record(session, at=at, actor=number, action="user.linked", subject=about_user)
    return educator.id


def turn(number: str) -> Turn:
    return Turn(
        position=0,
        field="license_number",
        attempt=1,
        result="match",
        start_ms=0,
        end_ms=9,
        value=number,
        bargein=False,
        partials=[],
    )


def test_an_export_holds_every_row_of_one_person_and_of_nobody_else(elms: Elms) -> None:
    with elms.context.database.write() as session:
        rows_of(session, elms, "123459", 2)
        educator = rows_of(session, elms, NUMBER, 3)
    at, on = "2022-11-03T16:00:00+00:00", "2022-11-03"
    now = elms.clock.now.isoformat()
    exported = export(elms.context, NUMBER)
    calls = exported.pop("calls")
    assert exported == {
        "educator": {
            "license_number": NUMBER,
            "name": f"Name {NUMBER}",
            "email": f"{NUMBER}@elms.test",
        },
        "web_account": {
            "username": NUMBER,
            "display_name": "Somebody",
            "oidc_issuer": None,
            "oidc_subject": None,
        },
        "licenses": [
            {
                "license_class": "AA",
                "license_type": "standard",
                "issued": on,
                "valid_through": on,
                "renewable": True,
            }
        ],
        "applications": [
            {
                "application_type": "renewal",
                "status": "RECEIVED",
                "submitted": on,
                **dict.fromkeys(("received", "letter_sent", "document", "document_received")),
                **dict.fromkeys(("license_class", "issued", "valid_through")),
                "documents": [{"name": f"transcripts {NUMBER}", "received": None}],
            }
        ],
        "activities": [{"on": on, "event": "fee_paid", "subject": NUMBER}],
        "letters": [{"sent": on, "subject": f"Letter {NUMBER}", "body": "Dear"}],
        "telephone": {"pace": "slow", "locked_until": at, "pin_set_at": at},
        "notices": [{"kind": "locked", "created_at": at, "sent_at": at}],
        "pin_checks": [
            {
                "at": at,
                "channel": "telephone",
                "mode": "dtmf",
                "result": "wrong",
                "reason": f"reason {NUMBER}",
            }
        ],
        "call_backs": [
            {
                "asked_at": at,
                "earliest": "08:00",
                "latest": "12:00",
                "done_at": None,
                "note": None,
                "number": f"601555{NUMBER[:4]}",
            }
        ],
        "audit": [
            {"at": at, "actor": NUMBER, "action": "pin.checked", "facts": {}},
            {"at": at, "actor": NUMBER, "action": "user.linked", "facts": {}},
            {"at": now, "actor": "operator", "action": "record.exported", "facts": {}},
        ],
    }
    (only,) = calls
    assert (only["call_id"], only["license_number"]) == (f"call-{NUMBER}", NUMBER)
    assert [each["value"] for each in only["turns"]] == [NUMBER]
    assert only["notes"] == [{"at": at, "text": f"note {NUMBER}"}]
    with elms.context.database.read() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
    assert row.subject == f"educator:{educator}"


def test_an_export_of_somebody_without_pin_and_web_account_says_so(elms: Elms) -> None:
    with elms.context.database.write() as session:
        educator = person(session, elms, NUMBER, 3)
        session.add(educator)
        session.flush()
        session.add(PhoneAccess(educator_id=educator.id, pace="normal", lockouts=0))
    exported = export(elms.context, NUMBER)
    assert exported["web_account"] is None
    assert exported["telephone"] == {"pace": "normal", "locked_until": None, "pin_set_at": None}
    assert exported["calls"] == exported["call_backs"] == exported["pin_checks"] == []


def test_an_export_of_nobody_is_refused_and_written_nowhere(elms: Elms) -> None:
    with pytest.raises(RuleError, match="no educator has the license number 123450"):
        export(elms.context, NUMBER)
    with elms.context.database.read() as session:
        assert "record.exported" not in set(session.scalars(select(AuditRow.action)))
