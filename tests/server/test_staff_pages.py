"""Staff accounts and the audit log, as supervisors see and change them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from server.models import AuditRow, User
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def elms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elms]:
    with running_elms(tmp_path_factory.mktemp("staff")) as running:
        yield running


@pytest.fixture
def supervisor(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    return visitor


def user_id(elms: Elms, username: str) -> str:
    with elms.context.database.read() as session:
        return str(session.scalars(select(User.id).where(User.username == username)).one())


def actions(elms: Elms, subject: str) -> list[str]:
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject == subject))
        return [row.action for row in rows if row.action.startswith("user.")]


def add(supervisor: Visitor, username: str, role: str = "representative") -> str:
    """Add somebody; return the password that is shown."""
    page = supervisor.submit("/staff/add", "/staff", username=username, name="New", role=role)
    found = re.search(rf"Password of {username}: <code>(\S+)</code>", page.text)
    assert found, page.text
    return found[1]


def may_work(elms: Elms, username: str, password: str) -> bool:
    return Visitor(elms).sign_in(username, password).url.path == "/desk"


def test_an_added_person_signs_in_with_a_password_shown_once(
    elms: Elms, supervisor: Visitor
) -> None:
    password = add(supervisor, "newcomer")
    assert len(password) >= 12
    assert password not in supervisor.get("/staff").text
    assert may_work(elms, "newcomer", password)
    assert actions(elms, f"user:{user_id(elms, 'newcomer')}") == ["user.added"]


@pytest.mark.parametrize(
    ("username", "role"), [("supervisor", "representative"), ("x", "educator"), ("", "supervisor")]
)
def test_an_invalid_account_is_refused(supervisor: Visitor, username: str, role: str) -> None:
    page = supervisor.submit("/staff/add", "/staff", username=username, name="New", role=role)
    assert page.status_code == 422
    assert "Please check." in page.text


def test_a_disabled_person_is_signed_out_at_once_and_can_return_when_enabled(
    elms: Elms, supervisor: Visitor
) -> None:
    password = add(supervisor, "leaver")
    person = user_id(elms, "leaver")
    inside = Visitor(elms)
    inside.sign_in("leaver", password)
    supervisor.submit("/staff/disable", "/staff", user=person, disabled="true")
    assert inside.get("/desk").url.path == "/sign-in"
    assert not may_work(elms, "leaver", password)
    supervisor.submit("/staff/disable", "/staff", user=person, disabled="false")
    assert may_work(elms, "leaver", password)
    assert actions(elms, f"user:{person}") == ["user.added", "user.disabled", "user.enabled"]


def test_a_changed_role_or_password_signs_the_person_out(elms: Elms, supervisor: Visitor) -> None:
    password = add(supervisor, "riser")
    person = user_id(elms, "riser")
    inside = Visitor(elms)
    inside.sign_in("riser", password)
    assert inside.get("/staff").status_code == 403
    supervisor.submit("/staff/role", "/staff", user=person, role="supervisor")
    assert inside.get("/desk").url.path == "/sign-in"
    inside.sign_in("riser", password)
    assert inside.get("/staff").status_code == 200
    supervisor.submit("/staff/password", "/staff", user=person)
    assert inside.get("/staff").url.path == "/sign-in"
    assert not may_work(elms, "riser", password)


def test_sessions_can_be_ended_remotely(elms: Elms, supervisor: Visitor) -> None:
    inside = Visitor(elms)
    inside.sign_in("representative")
    person = user_id(elms, "representative")
    supervisor.submit("/staff/sign-out", "/staff", user=person)
    assert inside.get("/desk").url.path == "/sign-in"


@pytest.mark.parametrize("path", ["role", "disable", "password", "sign-out"])
def test_nobody_can_change_their_own_account_or_an_educators(
    elms: Elms, supervisor: Visitor, path: str
) -> None:
    with elms.context.database.read() as session:
        educator = session.scalars(select(User.id).where(User.role == "educator")).first()
    for person in (user_id(elms, "supervisor"), str(educator), "999999"):
        fields = {"user": person, "role": "representative", "disabled": "true"}
        answer = supervisor.post(f"/staff/{path}", {"csrf": supervisor.csrf("/staff"), **fields})
        assert answer.status_code == 422


def test_staff_pages_ask_for_the_password_again(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    elms.clock.move(minutes=11)
    assert visitor.get("/staff").url.path == "/confirm"


def test_a_representative_sees_neither_staff_nor_the_audit_log(elms: Elms) -> None:
    desk = Visitor(elms)
    desk.sign_in("representative")
    assert {desk.get(path).status_code for path in ("/staff", "/audit")} == {403}
    assert 'href="/staff"' not in desk.get("/desk").text


def test_the_audit_log_names_people_and_shows_that_its_chain_is_intact(
    elms: Elms, supervisor: Visitor
) -> None:
    add(supervisor, "audited")
    page = supervisor.get("/audit?action=user.added").text
    assert "The chain is intact:" in page
    assert "Added an account</td>" in page
    assert "Role: Representative" in page
    assert "Marguerite Oakes" in page
    assert "Signed in</td>" not in page


def test_a_changed_row_is_shown(elms: Elms, supervisor: Visitor) -> None:
    with elms.context.database.write() as session:
        number = session.scalars(select(AuditRow.number).limit(1)).one()
        kept = session.get_one(AuditRow, number).actor
        session.execute(update(AuditRow).where(AuditRow.number == number).values(actor="nobody"))
    assert f"The chain is broken at row {number}" in supervisor.get("/audit").text
    with elms.context.database.write() as session:
        session.execute(update(AuditRow).where(AuditRow.number == number).values(actor=kept))


LONG, LONGER = "four plain words here", "some other plain words"


def test_a_person_can_change_the_given_password(elms: Elms, supervisor: Visitor) -> None:
    given = add(supervisor, "careful")
    here, elsewhere = Visitor(elms), Visitor(elms)
    here.sign_in("careful", given)
    elsewhere.sign_in("careful", given)
    changed = here.submit("/password", "/password", password=LONG, again=LONG)
    assert "Your password has been changed." in changed.text
    assert here.get("/desk").url.path == "/desk"
    assert elsewhere.get("/desk").url.path == "/sign-in"
    assert may_work(elms, "careful", LONG)
    assert not may_work(elms, "careful", given)
    assert actions(elms, f"user:{user_id(elms, 'careful')}")[-1] == "user.password-set"


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        (LONG, LONGER, "differ"),
        ("eleven char", "eleven char", "12 to 200"),
        ("SUPERVISOR is here", "SUPERVISOR is here", "user name"),
        ("x" * 201, "x" * 201, "12 to 200"),
    ],
)
def test_a_weak_password_is_refused_and_not_shown(
    supervisor: Visitor, password: str, again: str, why: str
) -> None:
    page = supervisor.submit("/password", "/password", password=password, again=again)
    assert page.status_code == 422
    assert why in page.text
    assert password not in page.text


def test_the_password_page_asks_for_the_old_password_again(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    elms.clock.move(minutes=11)
    assert visitor.get("/password").url.path == "/confirm"
