"""Which account a sign-in opens: links are explicit, and no name that a person chose makes one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from server.__main__ import cli, main
from server.database import Database, migrate
from server.errors import RuleError, SettingsError
from server.models import AuditRow, User
from server.services import retention
from server.services.links import claim_educator, link_user, unlink_user
from server.settings import load_settings
from tests.support.elms_service import Elms, fresh_database
from tests.support.patience import PATIENCE_S
from tests.support.scripted_provider import SUBJECT, RsaKey, ScriptedProvider
from tests.support.sso_visits import EDUCATOR, Visit, count_sessions, elms_and_provider, link

pytestmark = pytest.mark.server

KEY = RsaKey()
CLAIM = "ms_license_number"


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    with elms_and_provider(tmp_path, KEY, license_claim=CLAIM) as (elms, provider):
        yield stranger(elms, provider)


def stranger(elms: Elms, provider: ScriptedProvider) -> Visit:
    """Somebody whom the provider knows and ELMS does not."""
    provider.claims["sub"] = "a-stranger"
    return Visit(elms, provider)


def user(elms: Elms, username: str) -> User:
    with elms.context.database.read() as session:
        return session.scalars(select(User).where(User.username == username)).one()


def without_password(elms: Elms) -> str:
    """The license number of an educator who has no password here."""
    with elms.context.database.read() as session:
        found = select(User.username).where(User.password_digest.is_(None), User.role == "educator")
        return session.scalars(found.order_by(User.id)).first() or ""


def actions(elms: Elms) -> list[tuple[str, str, dict[str, object]]]:
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number))
        return [(row.action, row.subject, dict(row.facts)) for row in rows]


NAMES = ["supervisor", "representative", EDUCATOR, "300715"]


@pytest.mark.parametrize("claim", [CLAIM, "preferred_username"])
@pytest.mark.parametrize("name", NAMES)
def test_no_claim_opens_an_account_that_has_a_password(visit: Visit, name: str, claim: str) -> None:
    visit.provider.claims[claim] = name
    before = user(visit.elms, name)
    answer = visit.go()
    assert answer.status_code == 403
    assert "no ELMS account" in answer.text
    after = user(visit.elms, name)
    assert (after.oidc_issuer, after.oidc_subject) == (before.oidc_issuer, before.oidc_subject)
    assert count_sessions(visit.elms) == 0
    assert actions(visit.elms)[-1][:2] == ("sign-in.failed", "user:unknown")


def test_no_claim_opens_a_department_account(visit: Visit) -> None:
    """Not even one without a password."""
    with visit.elms.context.database.write() as session:
        session.add(User(username="otrask", display_name="Odessa Trask", role="supervisor"))
    visit.provider.claims[CLAIM] = "otrask"
    assert visit.go().status_code == 403
    assert user(visit.elms, "otrask").oidc_subject is None


@pytest.mark.parametrize("claim", ["preferred_username", "sub", "email", "license_number"])
def test_without_a_department_claim_nobody_is_linked_by_one(tmp_path: Path, claim: str) -> None:
    with elms_and_provider(tmp_path, KEY) as (elms, provider):
        visit = stranger(elms, provider)
        number = without_password(elms)
        provider.claims[claim] = number
        assert visit.go().status_code == 403
        assert user(elms, number).oidc_subject is None


def test_the_department_claim_links_an_educator_once(visit: Visit) -> None:
    number = without_password(visit.elms)
    visit.provider.claims[CLAIM] = number
    assert visit.go().headers["Location"] == "/"
    assert visit.is_signed_in
    linked = user(visit.elms, number)
    assert (linked.oidc_issuer, linked.oidc_subject) == (visit.provider.issuer, "a-stranger")
    facts = {"how": "single sign-on", "linked": "by the license claim"}
    assert actions(visit.elms)[-1] == ("sign-in.succeeded", f"user:{linked.id}", facts)

    visit.provider.claims["sub"] = "another-stranger"
    assert Visit(visit.elms, visit.provider).go().status_code == 403
    assert user(visit.elms, number).oidc_subject == "a-stranger"


def test_a_link_is_kept_whatever_later_claims_say(visit: Visit) -> None:
    number = without_password(visit.elms)
    visit.provider.claims[CLAIM] = number
    visit.go()
    visit.provider.claims[CLAIM] = EDUCATOR
    later = Visit(visit.elms, visit.provider)
    later.go()
    assert later.is_signed_in
    assert user(visit.elms, EDUCATOR).oidc_subject == SUBJECT


@pytest.mark.parametrize(
    "value", [None, 7, True, "", [], ["{number}"], {"{number}": 1}, "{number} "]
)
def test_a_claim_of_another_shape_links_nobody(visit: Visit, value: object) -> None:
    number = without_password(visit.elms)
    visit.provider.claims[CLAIM] = value
    if isinstance(value, str):
        visit.provider.claims[CLAIM] = value.format(number=number)
    elif isinstance(value, list) and value:
        visit.provider.claims[CLAIM] = [number]
    assert visit.go().status_code == 403
    assert user(visit.elms, number).oidc_subject is None


def test_only_one_of_many_who_claim_an_account_at_once_gets_it(visit: Visit) -> None:
    number, issuer = without_password(visit.elms), visit.provider.issuer
    together = threading.Barrier(8)
    got: list[str] = []

    def claim(subject: str) -> None:
        together.wait(PATIENCE_S)
        with visit.elms.context.database.write() as session:
            if claim_educator(session, issuer, subject, number):
                got.append(subject)

    threads = [threading.Thread(target=claim, args=(f"subject-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(got) == 1
    assert user(visit.elms, number).oidc_subject == got[0]


PERSONAL = ["name", "nickname", "preferred_username", "email", "phone_number", "website", "profile"]


@pytest.mark.parametrize("claim", PERSONAL)
def test_a_claim_that_people_can_choose_cannot_be_the_department_claim(claim: str) -> None:
    with pytest.raises(SettingsError, match=r"sso\.license_claim.*people may choose"):
        load_settings(sso={"license_claim": claim})


@pytest.mark.parametrize("claim", ["sub", "license_number", "https://ms.example/license"])
def test_a_claim_that_the_department_assigns_can_be_the_department_claim(claim: str) -> None:
    assert load_settings(sso={"license_claim": claim}).sso.license_claim == claim


def test_the_claim_of_an_earlier_version_prevents_the_start() -> None:
    with pytest.raises(SettingsError, match=r"sso\.name_claim"):
        load_settings(sso={"name_claim": "preferred_username"})


# -- an operator's links -------------------------------------------------------------------------


def test_an_operator_can_link_a_person_of_the_department(visit: Visit) -> None:
    link_user(visit.elms.context, "supervisor", "a-stranger")
    linked = user(visit.elms, "supervisor")
    assert actions(visit.elms)[-1] == ("user.linked", f"user:{linked.id}", {})
    assert visit.go().headers["Location"] == "/"
    assert visit.visitor.get("/").url.path == "/desk"


def test_an_export_has_the_link(visit: Visit) -> None:
    account = retention.export(visit.elms.context, EDUCATOR)["web_account"]
    assert account["oidc_issuer"] == visit.provider.issuer
    assert account["oidc_subject"] == SUBJECT


def test_unlinking_signs_the_person_out(visit: Visit) -> None:
    link_user(visit.elms.context, "supervisor", "a-stranger")
    visit.go()
    assert count_sessions(visit.elms) == 1
    unlink_user(visit.elms.context, "supervisor")
    assert count_sessions(visit.elms) == 0
    assert actions(visit.elms)[-1][0] == "user.unlinked"
    assert visit.go().status_code == 403
    assert user(visit.elms, "supervisor").oidc_issuer is None


REFUSED = [
    ("nobody", "s", "unknown account nobody"),
    (EDUCATOR, "s", "421903 is already linked; run: elms-server unlink-user 421903"),
    ("supervisor", SUBJECT, "this subject is linked to the account 421903; unlink that one first"),
    ("supervisor", "", "a subject must have 1 to 200 printable ASCII characters"),
    ("supervisor", "s" * 201, "a subject must have 1 to 200 printable ASCII characters"),
    ("supervisor", "s\0", "a subject must have 1 to 200 printable ASCII characters"),
]


@pytest.mark.parametrize(("username", "subject", "words"), REFUSED)
def test_an_impossible_link_is_one_line_of_error(
    visit: Visit, username: str, subject: str, words: str
) -> None:
    with pytest.raises(RuleError) as caught:
        link_user(visit.elms.context, username, subject)
    assert str(caught.value) == words


def test_an_account_without_a_link_cannot_be_unlinked(visit: Visit) -> None:
    with pytest.raises(RuleError, match="supervisor is not linked"):
        unlink_user(visit.elms.context, "supervisor")


def test_the_commands_link_and_unlink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMS_SERVER_SSO__ISSUER", "https://idp.example")
    with fresh_database(tmp_path) as url:
        where = ["--demo", "--database", url]
        linked = CliRunner().invoke(cli, ["link-user", "supervisor", "--subject", "s-1", *where])
        assert linked.output == "supervisor can sign in through https://idp.example.\n"
        gone = CliRunner().invoke(cli, ["unlink-user", "supervisor", *where])
        assert gone.output == "supervisor is no longer linked, and signed out everywhere.\n"


def test_without_single_sign_on_nothing_is_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_database(tmp_path) as url:
        arguments = ["link-user", "supervisor", "--subject", "s-1", "--demo", "--database", url]
        monkeypatch.setattr("sys.argv", ["elms-server", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
    assert caught.value.code == 1
    assert (
        "elms-server: single sign-on is not configured; set sso.issuer" in capsys.readouterr().err
    )


def test_links_of_an_earlier_version_are_removed(tmp_path: Path) -> None:
    """They were made by a name that people may choose."""
    with elms_and_provider(tmp_path, KEY) as (elms, provider):
        link(elms, "supervisor", provider.issuer, "somebody")
        database = Database(elms.context.database.url)
        migrate(database, "0004")
        migrate(database)
        database.close()
        assert user(elms, "supervisor").oidc_subject is None
        assert user(elms, EDUCATOR).oidc_issuer is None


def test_a_session_of_unknown_freshness_does_not_outlive_its_column(tmp_path: Path) -> None:
    with elms_and_provider(tmp_path, KEY) as (elms, provider):
        Visit(elms, provider).go()
        provider.claims["auth_time"] = int(elms.clock.now.timestamp())
        Visit(elms, provider).go()
        assert count_sessions(elms) == 2
        database = Database(elms.context.database.url)
        migrate(database, "0004")
        migrate(database)
        database.close()
        assert count_sessions(elms) == 1
