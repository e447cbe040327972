"""The educator's pages: signing in, the PIN's life, and what the account shows (S8, S11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from server.hashing import Hasher
from server.models import Application, Educator, User
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.services.pins import why_refused
from server.settings import DEMO_PEPPER, HashCost
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.mail_server import Mailbox, taking_mail

pytestmark = pytest.mark.server

NUMBER, OLD = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
NO_PIN_NUMBER = next(account.license_number for account in ACCOUNTS if account.pin is None)
NEW = "7306"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with taking_mail() as taken:
        yield taken


@pytest.fixture
def elms(tmp_path: Path, mailbox: Mailbox) -> Iterator[Elms]:
    with running_elms(tmp_path, mail=mailbox.plainly) as running:
        yield running


@pytest.fixture
def visitor(elms: Elms) -> Visitor:
    signed_in = Visitor(elms)
    signed_in.sign_in(NUMBER)
    return signed_in


# -- S8 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("0000", "same"),
        ("7777", "same"),
        ("1234", "sequence"),
        ("9876", "sequence"),
        ("0123", "sequence"),
        ("7890", "sequence"),
        ("1212", "repeated"),
        ("9090", "repeated"),
        ("1122", "pairs"),
        ("2580", "column"),
        ("0852", "column"),
        ("1930", "year"),
        ("2029", "year"),
        ("1987", "year"),
        ("4219", "license"),
        ("1903", "license"),
        ("3091", "license"),
        ("123", "four digits"),
        ("12a4", "four digits"),
        ("١٢٣٤", "four digits"),
    ],
)
def test_an_easily_guessed_pin_is_refused_with_the_reason(pin: str, why: str) -> None:
    assert why in (why_refused(pin, "421903") or "")


@pytest.mark.parametrize("pin", ["5827", "1929", "2030", "7306", "1357", "2581"])
def test_other_pins_are_allowed(pin: str) -> None:
    assert why_refused(pin, "421903") is None


def test_the_rules_allow_most_pins() -> None:
    allowed = sum(why_refused(f"{pin:04}", "421903") is None for pin in range(10_000))
    assert 9_500 < allowed < 9_800


def test_every_demonstration_pin_follows_the_rules() -> None:
    for account in ACCOUNTS:
        if account.pin:
            assert why_refused(account.pin, account.license_number) is None


# -- signing in --------------------------------------------------------------------------------


def test_signing_in_leads_home_and_signing_out_ends_it(elms: Elms) -> None:
    visitor = Visitor(elms)
    assert visitor.get("/home").url.path == "/sign-in"
    assert visitor.sign_in(NUMBER).url.path == "/home"
    visitor.submit("/sign-out")
    assert visitor.get("/home").url.path == "/sign-in"


def test_an_unknown_name_and_a_wrong_password_get_the_same_message(elms: Elms) -> None:
    answers = [Visitor(elms).sign_in(name, "wrong password") for name in (NUMBER, "nobody")]
    assert {answer.status_code for answer in answers} == {403}
    assert all("The user name or password is incorrect." in answer.text for answer in answers)


def test_a_password_with_an_older_hash_cost_is_rehashed_when_it_is_used(elms: Elms) -> None:
    dated = Hasher(DEMO_PEPPER, HashCost(memory_kib=16, passes=1))

    def stored() -> str | None:
        with elms.context.database.read() as session:
            return session.scalars(select(User.password_cost).where(User.username == NUMBER)).one()

    with elms.context.database.write() as session:
        user = session.scalars(select(User).where(User.username == NUMBER)).one()
        user.password_digest = dated.hash_password(PASSWORD)
    assert Visitor(elms).sign_in(NUMBER, "wrong password").status_code == 403
    assert stored() == dated.cost
    for _ in range(2):
        assert Visitor(elms).sign_in(NUMBER).url.path == "/home"
        assert stored() == elms.context.hasher.cost


def test_after_many_wrong_passwords_the_next_one_has_to_wait(elms: Elms) -> None:
    visitor = Visitor(elms)
    for _ in range(10):
        assert visitor.sign_in(NUMBER, "wrong password").status_code == 403
    spent = visitor.sign_in(NUMBER)
    assert (spent.status_code, spent.headers["Retry-After"]) == (429, "900")
    elms.clock.move(minutes=16)
    assert visitor.sign_in(NUMBER).url.path == "/home"


def test_a_telephone_lock_does_not_lock_the_web(elms: Elms) -> None:
    for _ in range(5):
        elms.verify(NUMBER, "1357")
    assert Visitor(elms).sign_in(NUMBER).url.path == "/home"


def test_an_idle_browser_is_signed_out(elms: Elms, visitor: Visitor) -> None:
    elms.clock.move(minutes=29)
    assert visitor.get("/home").url.path == "/home"
    elms.clock.move(minutes=31)
    assert visitor.get("/home").url.path == "/sign-in"


def test_the_cookie_is_inaccessible_to_scripts_and_not_in_the_database(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    cookie = next(each for each in visitor.client.cookies.jar if each.name == "elms")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    file = elms.settings.database_url.removeprefix("sqlite:///")
    if Path(file).is_file():
        assert (cookie.value or "").encode() not in Path(file).read_bytes()


@pytest.mark.parametrize("to", ["//elsewhere.test", "https://elsewhere.test", "/\\elsewhere.test"])
def test_signing_in_never_leads_to_another_site(elms: Elms, to: str) -> None:
    assert Visitor(elms).sign_in(NUMBER, to=to).url.host == "elms.test"


# -- forms that cannot be forged ---------------------------------------------------------------


@pytest.mark.parametrize("path", ["/pin", "/unlock", "/pace", "/sign-out", "/confirm"])
def test_a_form_without_its_token_is_refused(visitor: Visitor, path: str) -> None:
    assert visitor.post(path, {"pin": NEW, "again": NEW}).status_code == 403
    assert visitor.post(path, {"pin": NEW, "again": NEW, "csrf": "guess"}).status_code == 403


def test_a_form_from_another_site_is_refused(visitor: Visitor) -> None:
    visitor.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert visitor.submit("/pace", pace="slow").status_code == 403


def test_a_sign_in_form_from_another_site_is_refused(elms: Elms) -> None:
    fields = {"username": NUMBER, "password": PASSWORD, "form": "guess"}
    assert Visitor(elms).post("/sign-in", fields).status_code == 403


# -- the PIN's life ----------------------------------------------------------------------------


def test_setting_a_pin_as_the_quick_guide_has_it(elms: Elms, mailbox: Mailbox) -> None:
    visitor = Visitor(elms)
    assert "Set PIN" in visitor.sign_in(NO_PIN_NUMBER).text
    assert "Save PIN" in visitor.get("/pin").text
    home = visitor.submit("/pin", "/pin", pin=NEW, again=NEW)
    assert home.url.path == "/home"
    assert "Your Educator PIN has been set" in home.text
    assert "Update PIN" in home.text
    assert elms.verify(NO_PIN_NUMBER, NEW).json()["verified"]
    assert mailbox.subjects == ["Your Educator PIN was set"]


def test_an_updated_pin_replaces_the_old_one(
    elms: Elms, mailbox: Mailbox, visitor: Visitor
) -> None:
    token = elms.token(NUMBER, OLD)
    visitor.submit("/pin", "/pin", pin=NEW, again=NEW)
    assert not elms.verify(NUMBER, OLD).json()["verified"]
    assert elms.verify(NUMBER, NEW).json()["verified"]
    headers = {"X-Call-Token": token, "Authorization": "Bearer demonstration-bot-credential"}
    assert elms.client.get("/api/v1/account", headers=headers).status_code == 401
    assert mailbox.subjects == ["Your Educator PIN was changed"]


def test_a_refused_pin_says_why_and_is_not_shown_again(
    elms: Elms, mailbox: Mailbox, visitor: Visitor
) -> None:
    refused = visitor.submit("/pin", "/pin", pin="1987", again="1987")
    assert refused.status_code == 422
    assert "It looks like a year." in refused.text
    assert "1987" not in refused.text
    assert elms.verify(NUMBER, OLD).json()["verified"]
    assert mailbox.messages == []


def test_two_different_entries_are_refused(visitor: Visitor) -> None:
    assert "differ" in visitor.submit("/pin", "/pin", pin=NEW, again=OLD).text


def test_the_pin_page_requires_a_recent_password(elms: Elms, visitor: Visitor) -> None:
    csrf = visitor.csrf("/pin")
    elms.clock.move(minutes=11)
    late = visitor.post("/pin", {"csrf": csrf, "pin": NEW, "again": NEW})
    assert late.url.path == "/confirm"
    assert elms.verify(NUMBER, OLD).json()["verified"]
    wrong = visitor.submit("/confirm", "/confirm", password="wrong", next="/pin")
    assert wrong.status_code == 403
    good = visitor.submit("/confirm", "/confirm", password=PASSWORD, next="/pin")
    assert good.url.path == "/pin"


def test_pasting_is_allowed_and_autofill_is_off(visitor: Visitor) -> None:
    text = visitor.get("/pin").text
    assert "onpaste" not in text
    assert "<script" not in text
    assert 'type="password"' not in text


def test_a_telephone_lock_is_lifted_on_the_web(
    elms: Elms, mailbox: Mailbox, visitor: Visitor
) -> None:
    for _ in range(5):
        elms.verify(NUMBER, "1357")
    elms.clock.move(minutes=1)
    assert "Telephone access to your account is locked" in visitor.get("/home").text
    assert "Telephone access is unlocked." in visitor.submit("/unlock").text
    elms.clock.move(minutes=1)
    assert elms.verify(NUMBER, OLD).json()["verified"]
    assert [subject.split(" is ")[1] for subject in mailbox.subjects] == ["locked", "unlocked"]


def test_changing_a_pin_unlocks_as_well(elms: Elms, visitor: Visitor) -> None:
    for _ in range(5):
        elms.verify(NUMBER, "1357")
    elms.clock.move(minutes=1)
    visitor.submit("/pin", "/pin", pin=NEW, again=NEW)
    elms.clock.move(minutes=1)
    assert elms.verify(NUMBER, NEW).json()["verified"]


def test_no_mail_contains_a_pin_or_a_license_number(
    elms: Elms, mailbox: Mailbox, visitor: Visitor
) -> None:
    visitor.submit("/pin", "/pin", pin=NEW, again=NEW)
    assert len(mailbox.messages) == 1
    assert NEW not in mailbox.messages[0].as_string()
    assert NUMBER not in mailbox.messages[0].as_string()


def test_a_mail_that_cannot_be_sent_waits_and_is_not_lost(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with running_elms(tmp_path, mail={"folder": blocked}) as elms:
        visitor = Visitor(elms)
        visitor.sign_in(NUMBER)
        assert visitor.submit("/pin", "/pin", pin=NEW, again=NEW).url.path == "/home"
        blocked.unlink()
        elms.clock.move(minutes=6)
        visitor.submit("/pin", "/pin", pin=OLD, again=OLD)
        assert len(list(blocked.glob("*.eml"))) == 2


def test_the_pace_is_heard_in_the_next_call(elms: Elms, visitor: Visitor) -> None:
    assert "has been saved" in visitor.submit("/pace", pace="slow").text
    assert elms.verify(NUMBER, OLD).json()["pace"] == "slow"
    assert visitor.submit("/pace", pace="racing").status_code == 422


# -- what the account shows --------------------------------------------------------------------


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda each: each.license_number)
def test_every_page_of_every_account_opens(elms: Elms, account: object) -> None:
    number = getattr(account, "license_number", "")
    visitor = Visitor(elms)
    assert visitor.sign_in(number).status_code == 200
    for path in ("/credentials", "/correspondence", "/pin"):
        assert visitor.get(path).status_code == 200


def test_the_pages_say_what_the_telephone_says(elms: Elms) -> None:
    letter = ACCOUNTS[1]
    headers = {"Authorization": "Bearer demonstration-bot-credential"}
    headers["X-Call-Token"] = elms.token(letter.license_number, letter.pin or "")
    told = elms.client.get("/api/v1/account", headers=headers).json()["application"]
    visitor = Visitor(elms)
    visitor.sign_in(letter.license_number)
    page = visitor.get("/credentials").text
    for needed in told["still_needed"]:
        assert needed[1:] in page
    assert "requirements letter" in visitor.get("/correspondence").text.lower()


def test_earlier_applications_are_listed_and_not_mentioned_on_the_telephone(elms: Elms) -> None:
    account = ACCOUNTS[1]
    with elms.context.database.write() as session:
        mine = Educator.license_number == account.license_number
        session.add(
            Application(
                educator_id=session.scalars(select(Educator.id).where(mine)).one(),
                application_type="name change",
                status="ISSUED",
                submitted=date(2022, 3, 21),
                received=date(2022, 3, 21),
            )
        )
    visitor = Visitor(elms)
    visitor.sign_in(account.license_number)
    page = visitor.get("/credentials").text
    assert "Earlier applications" in page
    assert "received March 21, 2022" in page
    headers = BOT | {"X-Call-Token": elms.token(account.license_number, account.pin or "")}
    assert "name change" not in elms.client.get("/api/v1/account", headers=headers).text


def test_an_educator_can_open_no_staff_page(visitor: Visitor) -> None:
    for path in ("/desk", "/calls", "/figures", "/notices", "/desk/account"):
        assert visitor.get(path).status_code == 403


def test_a_missing_page_is_a_page(visitor: Visitor) -> None:
    missing = visitor.get("/nowhere")
    assert missing.status_code == 404
    assert "text/html" in missing.headers["Content-Type"]


def test_an_error_page_keeps_the_navigation_of_the_signed_in_person(
    elms: Elms, visitor: Visitor
) -> None:
    for path in ("/nowhere", "/desk", "/sso?again=perhaps"):
        shown = visitor.get(path).text
        assert 'href="/credentials"' in shown
        assert "Educator</span>" in shown
    assert "<nav" not in Visitor(elms).get("/nowhere").text


def test_home_shows_the_license_number_and_how_to_set_the_pin(elms: Elms) -> None:
    visitor = Visitor(elms)
    home = visitor.sign_in(NO_PIN_NUMBER).text
    assert NO_PIN_NUMBER in home
    assert "How to set the PIN" in home
