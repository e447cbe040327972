"""Whole walks through the web pages in a real browser, beside calls through the real dialog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bot.elms.requests import NotVerified, Verified
from server.seed.demonstration import ACCOUNTS, PASSWORD
from tests.support.portal import (
    NUMBER,
    PIN,
    Portal,
    check_caller,
    chromium,
    keep,
    save_pin,
    served,
    sign_in,
    visiting,
)

pytestmark = [pytest.mark.browser, pytest.mark.system]

NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
WAITING = next(account for account in ACCOUNTS if not account.reached)
NEW, NEWER, WRONG = "7306", "6174", "1357"
STATUS, REFUSED = "is being reviewed", "your six digit license number again"
"""What is heard after a right PIN, and after a wrong one: a keyed number is asked for again."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    with visiting(browser, portal) as context:
        yield context.new_page()


# -- with a mouse ------------------------------------------------------------------------------


def test_a_pin_set_on_the_page_works_on_the_telephone_and_the_old_one_does_not(
    page: Page, portal: Portal
) -> None:
    sign_in(page, NO_PIN)
    page.get_by_role("link", name="Set PIN").click()
    keep(page, "walk-set-pin")
    save_pin(page, "1987")
    assert "looks like a year" in page.get_by_role("alert").inner_text()
    save_pin(page, NEW)
    assert "Your Educator PIN has been set" in page.get_by_role("status").inner_text()
    keep(page, "walk-pin-set")
    assert STATUS in portal.telephone(NO_PIN, NEW, "goodbye")
    page.get_by_role("link", name="Update PIN").click()
    save_pin(page, NEWER)
    old = portal.telephone(NO_PIN, NEW, "goodbye")
    assert STATUS not in old
    assert REFUSED in old
    assert STATUS in portal.telephone(NO_PIN, NEWER, "goodbye")


def test_a_telephone_that_was_locked_by_wrong_pins_is_unlocked_on_the_web(
    page: Page, portal: Portal
) -> None:
    for number in range(5):
        portal.ask(NUMBER, WRONG, f"wrong-{number}")
    assert isinstance(portal.ask(NUMBER, PIN, "locked"), NotVerified)
    sign_in(page, NUMBER)
    keep(page, "walk-locked")
    page.get_by_role("button", name="Unlock telephone access").click()
    assert "unlocked" in page.get_by_role("status").inner_text()
    assert isinstance(portal.ask(NUMBER, PIN, "open"), Verified)


def test_a_representative_checks_a_caller_and_sees_the_account_for_that_call(page: Page) -> None:
    sign_in(page, "representative")
    for pin, expected in ((WRONG, "Not verified"), (PIN, "Verified")):
        check_caller(page, NUMBER, pin)
        assert page.locator(".verdict").inner_text() == expected
        keep(page, f"walk-{expected.lower().replace(' ', '-')}")
    assert page.get_by_role("heading", name="Most recent application").is_visible()
    assert PIN not in page.content()
    page.get_by_role("button", name="End this call").click()
    page.goto("/desk/account")
    assert page.url.endswith("/desk")


def test_the_desk_shows_a_call_that_was_just_handed_over(page: Page, portal: Portal) -> None:
    """By itself, in the title as well, and the caller's account opens from it."""
    sign_in(page, "representative")
    page.goto("/desk")
    assert page.get_by_text("Nobody is waiting.").is_visible()
    portal.ask(NUMBER, PIN, "call-0")
    portal.store_calls(1)
    page.get_by_role("button", name="Continue this call").wait_for()
    assert page.title().startswith("(1) Desk")
    assert "A call is waiting." in page.locator("#news").inner_text()
    page.get_by_role("button", name="Continue this call").click()
    page.wait_for_url("**/desk/account")


def test_a_supervisors_notice_is_heard_in_the_next_call(page: Page, portal: Portal) -> None:
    call = (WAITING.license_number, WAITING.pin or "", "goodbye")
    before = portal.telephone(*call)
    assert "October twenty-fourth" in before
    assert "has not been reached yet" in before
    sign_in(page, "supervisor")
    page.goto("/notices")
    page.get_by_label("All other applications").fill("2022-11-30")
    page.get_by_role("button", name="Save weeks").click()
    after = portal.telephone(*call)
    assert "November twenty-eighth" in after
    assert "has not been reached yet" not in after


def test_a_prompt_edited_on_its_page_is_heard_in_the_next_call(page: Page, portal: Portal) -> None:
    """Read aloud and checked by the real telephone service, whose command line the server asks."""
    sign_in(page, "supervisor")
    page.goto("/prompts/goodbye.goodbye")
    page.get_by_label("Text", exact=True).fill("Thank you, and goodbye from room 711.")
    page.get_by_role("button", name="Preview").click()
    assert "seven" in page.get_by_text("Heard as:").inner_text()
    keep(page, "walk-prompt")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").wait_for()
    assert "goodbye from room seven hundred eleven" in portal.telephone(NUMBER, PIN, "goodbye")


# -- with the keyboard alone -------------------------------------------------------------------


def test_the_keyboard_alone_sets_a_pin(page: Page, portal: Portal) -> None:
    sign_in_by_keys(page, NO_PIN, "**/home")
    press_to(page, "a[href='/pin']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pin")
    type_into(page, "#pin", NEW)
    type_into(page, "#again", NEW)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_url("**/home")
    assert "has been set" in page.get_by_role("status").inner_text()
    assert isinstance(portal.ask(NO_PIN, NEW, "keyed"), Verified)


def test_the_keyboard_alone_checks_a_caller_and_ends_the_call(page: Page) -> None:
    sign_in_by_keys(page, "representative", "**/desk")
    press_to(page, "a[href='/desk/check']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/check")
    type_into(page, "#license_number", NUMBER)
    type_into(page, "#pin", PIN)
    type_into(page, "#reason", "Ren")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/account")
    assert "Verified" in page.get_by_role("status").inner_text()
    press_to(page, "form[action='/desk/end'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")


def test_the_keyboard_alone_announces_a_week(page: Page, portal: Portal) -> None:
    sign_in_by_keys(page, "supervisor", "**/desk")
    press_to(page, "a[href='/notices']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notices")
    type_into(page, "#other", "11302022")
    press_to(page, "form[action='/notices'] button")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    application = portal.account(WAITING.license_number, WAITING.pin or "", "after").application
    assert application
    assert str(application.processing_week) == "2022-11-28"


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    sign_in(page, NUMBER)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def sign_in_by_keys(page: Page, name: str, to: str) -> None:
    page.goto("/sign-in")
    type_into(page, "#username", name)
    type_into(page, "#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(to)


def type_into(page: Page, selector: str, text: str) -> None:
    press_to(page, selector)
    page.keyboard.type(text)


def press_to(page: Page, selector: str) -> None:
    """Tab on until an element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
