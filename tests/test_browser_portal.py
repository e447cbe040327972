"""The web pages in a real browser: whole walks, keyboard alone, small and enlarged, axe-core."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pydantic import SecretStr

from bot.adapters.backend_http import HttpBackend
from bot.settings import BackendClient
from bot.types import (
    Account,
    BackendAnswer,
    FetchAccount,
    NotVerified,
    Request,
    Verified,
    Verify,
)
from server.app import create_app
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.settings import DEMO_BOT_CREDENTIAL
from tests.elms import fresh_database, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.system]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path("out") / "screenshots"
NUMBER, OLD = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
LETTER = ACCOUNTS[1]
NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
NEW = "7306"
WRONG = "1357"
EDUCATOR_PAGES = ["/home", "/pin", "/credentials", "/correspondence"]
STAFF_PAGES = ["/desk", "/notices", "/calls", "/calls/call-1", "/figures"]


@dataclass
class Portal:
    """A served ELMS; ``ask`` is the bot's real client over real HTTP."""

    url: str

    def ask(self, number: str, pin: str, call_id: str) -> Verified | NotVerified:
        answer = self._send(Verify(number, pin), call_id)
        assert isinstance(answer, Verified | NotVerified)
        return answer

    def account(self, number: str, pin: str, call_id: str) -> Account:
        answer = self.ask(number, pin, call_id)
        assert isinstance(answer, Verified)
        facts = self._send(FetchAccount(answer.token), call_id)
        assert isinstance(facts, Account)
        return facts

    def _send(self, request: Request, call_id: str) -> BackendAnswer:
        """In a thread of its own: the browser's driver keeps a loop in this one."""

        async def send() -> BackendAnswer:
            settings = BackendClient(url=self.url, credential=SecretStr(DEMO_BOT_CREDENTIAL))
            async with httpx.AsyncClient(base_url=self.url) as client:
                return await HttpBackend(client, settings).ask(request, call_id, None)

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(send())).result()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    with fresh_database(tmp_path) as url:
        settings = settings_for(url, port=port, mail={"folder": tmp_path / "mail"})
        app = create_app(settings)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        running = Portal(f"http://127.0.0.1:{port}")
        store_call(running)
        yield running
        server.should_exit = True
        thread.join()
        app.state.context.database.close()


def store_call(portal: Portal) -> None:
    turn = {
        "field": "license_number",
        "attempt": 1,
        "result": "match",
        "start_ms": 0,
        "end_ms": 9_000,
        "speech_start_ms": 4_000,
        "speech_end_ms": 8_000,
        "mode": "voice",
        "confidence": 0.95,
        "value": NUMBER,
    }
    told = {"reason": "asked", "license_number": NUMBER, "verified": True, "wanted": "renewal"}
    record = {
        "call_id": "call-1",
        "started_utc": "2026-01-05T16:00:00Z",
        "line": "recording",
        "duration_ms": 10_000,
        "outcome": {"outcome": "transferred", "reason": "asked", "license_number": NUMBER},
        "turns": [turn],
        "handover": told,
    }
    headers = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}
    url = f"{portal.url}/api/v1/calls/call-1"
    assert httpx.put(url, json=record, headers=headers).status_code == 204


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        pytest.skip("Chromium is not here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=portal.url, viewport={"width": 1180, "height": 800})
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def sign_in(page: Page, username: str) -> Page:
    page.goto("/sign-in")
    page.get_by_label("License number or user name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def keep(page: Page, name: str) -> None:
    folder = Path(os.environ.get("ELMS_SCREENSHOTS", SCREENSHOTS))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def save_pin(page: Page, pin: str) -> None:
    page.get_by_label("Four-digit PIN").fill(pin)
    page.get_by_label("Verify PIN").fill(pin)
    page.get_by_role("button", name="Save PIN").click()


# -- walks -------------------------------------------------------------------------------------


def test_a_pin_set_on_the_page_is_accepted_on_the_telephone_and_an_old_one_is_not(
    context: BrowserContext, portal: Portal
) -> None:
    page = sign_in(context.new_page(), NO_PIN)
    page.get_by_role("link", name="Set PIN").click()
    keep(page, "set-pin")
    save_pin(page, "1987")
    assert "looks like a year" in page.get_by_role("alert").inner_text()
    keep(page, "pin-refused")
    save_pin(page, NEW)
    assert "Your Educator PIN has been set" in page.get_by_role("status").inner_text()
    assert isinstance(portal.ask(NO_PIN, NEW, "a"), Verified)
    page.get_by_role("link", name="Update PIN").click()
    save_pin(page, "6174")
    assert isinstance(portal.ask(NO_PIN, NEW, "b"), NotVerified)
    assert isinstance(portal.ask(NO_PIN, "6174", "c"), Verified)


def test_a_telephone_that_was_locked_by_wrong_pins_is_unlocked_on_the_web(
    context: BrowserContext, portal: Portal
) -> None:
    for number in range(5):
        portal.ask(NUMBER, WRONG, f"wrong-{number}")
    assert isinstance(portal.ask(NUMBER, OLD, "locked"), NotVerified)
    page = sign_in(context.new_page(), NUMBER)
    keep(page, "locked")
    page.get_by_role("button", name="Unlock the telephone").click()
    assert "unlocked" in page.get_by_role("status").inner_text()
    assert isinstance(portal.ask(NUMBER, OLD, "open"), Verified)


def test_a_representative_checks_a_caller_and_sees_the_account_for_that_call(
    context: BrowserContext,
) -> None:
    page = sign_in(context.new_page(), "representative")
    for pin, expected in ((WRONG, "Not verified"), (OLD, "Verified")):
        page.get_by_label("License number").first.fill(NUMBER)
        page.get_by_label("Educator PIN").fill(pin)
        page.get_by_label("What the call is about").select_option("Renewal")
        page.get_by_role("button", name="Check").click()
        assert page.locator(".verdict").inner_text() == expected
        keep(page, f"desk-{expected.lower().replace(' ', '-')}")
    assert page.get_by_role("heading", name="Most recent application").is_visible()
    assert OLD not in page.content()
    page.get_by_role("button", name="End this call").click()
    page.goto("/desk/account")
    assert page.url.endswith("/desk")


def test_a_supervisors_notice_is_heard_in_the_next_call(
    context: BrowserContext, portal: Portal
) -> None:
    waiting = next(account for account in ACCOUNTS if not account.reached)
    before = portal.account(waiting.license_number, waiting.pin or "", "before").application
    page = sign_in(context.new_page(), "supervisor")
    page.goto("/notices")
    page.get_by_label("All other applications").fill("2022-11-30")
    page.get_by_role("button", name="Save weeks").click()
    after = portal.account(waiting.license_number, waiting.pin or "", "after").application
    assert before
    assert after
    assert (before.reached, after.reached) == (False, True)
    assert str(after.processing_week) == "2022-11-28"


def test_the_keyboard_alone_sets_a_pin(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/sign-in")
    press_to(page, "#username")
    page.keyboard.type(NO_PIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")
    press_to(page, "a[href='/pin']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pin")
    press_to(page, "#pin")
    page.keyboard.type(NEW)
    page.keyboard.press("Tab")
    page.keyboard.type(NEW)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_url("**/home")
    assert "has been set" in page.get_by_role("status").inner_text()


def press_to(page: Page, selector: str) -> None:
    """Tab on until an element has the focus, and the focus can be seen."""
    for _ in range(30):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        if focused.evaluate("(e, selector) => e.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_the_first_tab_skips_to_the_content(context: BrowserContext) -> None:
    page = sign_in(context.new_page(), NUMBER)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


# -- every page --------------------------------------------------------------------------------


def walk(page: Page) -> Iterator[str]:
    """Every page as every role, the last ones with something to show."""
    page.goto("/sign-in")
    yield "sign-in"
    for who, paths in ((LETTER.license_number, EDUCATOR_PAGES), ("supervisor", STAFF_PAGES)):
        page.context.clear_cookies()
        sign_in(page, who)
        for path in [*paths, "/nowhere"]:
            page.goto(path)
            yield re.sub(r"\W+", "-", f"{who}{path}")
    page.goto("/desk")
    page.get_by_label("License number").first.fill(NUMBER)
    page.get_by_label("Educator PIN").fill(OLD)
    page.get_by_label("What the call is about").select_option("Renewal")
    page.get_by_role("button", name="Check").click()
    page.wait_for_url("**/desk/account")
    yield "desk-account"


def test_axe_finds_nothing_on_any_page(context: BrowserContext) -> None:
    page = context.new_page()
    found = {}
    for name in walk(page):
        keep(page, name)
        violations = Axe().run(page).response["violations"]
        if violations:
            found[name] = [(each["id"], each["nodes"][0]["html"]) for each in violations]
    assert found == {}


def test_every_page_works_at_320_pixels(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    for name in walk(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        keep(page, f"{name}-320")


def test_every_page_works_at_200_percent_text(context: BrowserContext) -> None:
    page = context.new_page()
    for name in walk(page):
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1180, name
        cut = page.evaluate(
            "[...document.querySelectorAll('button, .button, label, h1, h2, p, td')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert cut == [], name


def test_no_page_breaks_its_own_content_policy(context: BrowserContext) -> None:
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    for _ in walk(page):
        pass
    assert [text for text in messages if "Content Security Policy" in text] == []
