"""Every page in every state in a real browser: axe-core, narrow, large text, dark, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, ViewportSize

from server import pages
from server.seed.demonstration import ACCOUNTS
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

LETTER = ACCOUNTS[1].license_number
LOCKED, LOCKED_PIN = ACCOUNTS[2].license_number, ACCOUNTS[2].pin or ""
NO_PIN = next(account.license_number for account in ACCOUNTS if account.pin is None)
WRONG = "1357"
NOBODY_LISTENS = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    sso = {"issuer": NOBODY_LISTENS}
    limits = {"sign_ins": 3, "pins_per_call": 2}
    with served(tmp_path_factory.mktemp("portal"), sso=sso, limits=limits) as running:
        yield running


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    with visiting(browser, portal) as context:
        yield context.new_page()


def walk(page: Page, portal: Portal) -> Iterator[str]:
    """Every page in every state, each named after what it shows."""
    yield from as_nobody(page)
    yield from as_an_educator(page, portal)
    yield from as_a_supervisor(page, portal)
    yield from as_a_representative(page)


def as_nobody(page: Page) -> Iterator[str]:
    page.goto("/sign-in")
    yield "sign-in"
    for name in ("sign-in-refused", "sign-in-refused", "sign-in-refused", "sign-in-too-often"):
        page.get_by_label("License number or user name").fill("nobody")
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        if name != "sign-in-refused":
            yield name
    page.goto("/sso")
    yield "error-503"
    page.goto("/nowhere")
    yield "error-404"


def as_an_educator(page: Page, portal: Portal) -> Iterator[str]:
    sign_in(page, LETTER)
    for path in ("home", "pin", "credentials", "correspondence", "confirm"):
        page.goto(f"/{path}")
        yield path
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("alert").wait_for()
    yield "confirm-refused"
    page.goto("/desk")
    yield "error-403"
    page.goto("/pin")
    save_pin(page, "1987")
    page.get_by_role("alert").wait_for()
    yield "pin-refused"
    sign_in(page, NO_PIN)
    yield "home-without-pin"
    page.goto("/pin")
    yield "pin-first"
    page.goto("/correspondence")
    yield "correspondence-empty"
    for number in range(5):
        portal.ask(LOCKED, WRONG, f"wrong-{number}")
    sign_in(page, LOCKED)
    yield "home-locked"
    page.get_by_label("Slower").check()
    page.get_by_role("button", name="Save pace").click()
    page.get_by_role("status").wait_for()
    yield "home-saved"


def as_a_supervisor(page: Page, portal: Portal) -> Iterator[str]:
    sign_in(page, "supervisor")
    for path in ("desk", "calls", "figures"):
        page.goto(f"/{path}")
        yield f"{path}-empty"
    portal.ask(NUMBER, PIN, "call-0")
    portal.store_calls(60)
    for path in (
        "desk",
        "desk/access",
        "calls",
        "calls/call-0",
        "figures",
        "notices",
        "staff",
        "audit",
        "prompts",
        "prompts/menu.ask",
        "password",
    ):
        page.goto(f"/{path}")
        yield path.replace("/", "-")
    page.goto("/calls")
    page.get_by_label("License number or call").fill("no-such-call")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("0 calls").wait_for()
    yield "calls-none"
    page.goto("/calls/nowhere")
    yield "calls-404"
    page.goto("/figures")
    for summary in page.get_by_text("Show the numbers").all():
        summary.click()
    yield "figures-in-numbers"
    page.goto("/figures?from=2022-12-05&to=2022-12-01")
    page.get_by_role("alert").wait_for()
    yield "figures-refused"
    page.goto("/notices")
    page.get_by_label("All other applications").fill("2099-01-01")
    page.get_by_role("button", name="Save weeks").click()
    page.get_by_role("alert").wait_for()
    yield "notices-refused"


def as_a_representative(page: Page) -> Iterator[str]:
    sign_in(page, "representative")
    page.goto("/notices")
    yield "notices-to-read"
    page.goto("/call-backs")
    yield "call-backs-empty"
    for name in ("desk-not-verified", "desk-locked"):
        check_caller(page, NUMBER, WRONG)
        page.locator(".verdict").wait_for()
        yield name
        check_caller(page, NUMBER, WRONG)
    page.goto("/desk")
    page.get_by_role("button", name="Continue this call").click()
    page.wait_for_url("**/desk/account")
    yield "desk-account"
    page.goto("/desk/account/letters")
    yield "desk-letters"
    page.get_by_role("button", name="End this call").click()
    page.get_by_label("New note").fill("PIN 7306")
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("alert").wait_for()
    yield "call-note-refused"


NO_PAGES = {"/", "/desk/waiting", "/figures.csv", "/sso/callback"}
"""A redirect, a part of a page, a file, and what the identity provider calls."""
PAGES = [
    route
    for module in pages.MODULES
    for route in module.router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and route.path not in NO_PAGES
]
"""The walk has to show every one of them, also one that is added tomorrow."""

WIDE, NARROW = ViewportSize(width=1180, height=800), ViewportSize(width=320, height=640)
TELEPHONE = ViewportSize(width=390, height=844)
HEAD = """() => [
    document.querySelector('header').offsetHeight,
    new Set([...document.querySelectorAll('header nav li')].map(e => e.offsetTop)).size]"""
LOAD = """async () => {
    const loaded = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
    const size = loaded.reduce((sum, each) => sum + each.decodedBodySize, 0)
    const shift = await new Promise(done => {
        new PerformanceObserver(seen => done(seen.getEntries()
            .filter(each => !each.hadRecentInput).reduce((sum, each) => sum + each.value, 0)))
            .observe({type: 'layout-shift', buffered: true})
        setTimeout(() => done(0), 20)
    })
    return [size, shift]
}"""
WIDTH = "document.documentElement.scrollWidth"
ENLARGE = "size => document.documentElement.style.fontSize = size"
CUT = """[...document.querySelectorAll('button, .button, label, h1, h2, p, td, dd, li, select')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
    .map(e => e.outerHTML.slice(0, 80))"""
REACHABLE = """[...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility() && (e.type != 'radio' || e.checked))
    .map(e => e.outerHTML.slice(0, 160))"""
NOTE_FOCUS = """() => {
    window.focused = {}
    document.addEventListener('focusin', event => {
        const seen = getComputedStyle(event.target)
        window.focused[event.target.outerHTML.slice(0, 160)] =
            seen.outlineStyle != 'none' && seen.outlineWidth != '0px'
    })
}"""
MOST_STOPS, STOPS_AT_A_TIME = 250, 10


def found_by_axe(page: Page) -> list[Any]:
    violations = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in violations]


def cut_off_at_320_pixels(page: Page, name: str) -> list[Any]:
    page.set_viewport_size(NARROW)
    keep(page, f"{name}-320")
    width = page.evaluate(WIDTH)
    page.set_viewport_size(WIDE)
    return [width] if width > NARROW["width"] else []


def too_little_contrast_in_the_dark(page: Page) -> list[Any]:
    page.emulate_media(color_scheme="dark")
    only = {"runOnly": ["color-contrast"]}
    violations = Axe().run(page, options=only).response["violations"]
    page.emulate_media(color_scheme="light")
    return [("dark", each["id"], each["nodes"][0]["html"]) for each in violations]


def tall_head_of_a_telephone(page: Page) -> list[Any]:
    """At 390 pixels, one row of navigation in a header of at most 120."""
    page.set_viewport_size(TELEPHONE)
    height, rows = page.evaluate(HEAD)
    page.set_viewport_size(WIDE)
    return [("header", height, rows)] if height > 120 or rows > 1 else []


def heavy_or_restless(page: Page) -> list[Any]:
    """More than 100 kB with everything that the page loads, or a layout that moves."""
    size, shift = page.evaluate(LOAD)
    return [("load", size, shift)] if size > 100_000 or shift > 0.001 else []


def cut_off_at_200_percent_text(page: Page, name: str) -> list[Any]:
    page.evaluate(ENLARGE, "200%")
    keep(page, f"{name}-200")
    width, cut = page.evaluate(WIDTH), page.evaluate(CUT)
    page.evaluate(ENLARGE, "")
    return [*cut, width] if cut or width > WIDE["width"] else []


def not_reached_by_keyboard(page: Page) -> list[Any]:
    """What Tab does not reach, once around from wherever it is, or where no focus is seen."""
    page.evaluate(NOTE_FOCUS)
    reachable, focused = set(page.evaluate(REACHABLE)), dict[str, bool]()
    for _ in range(MOST_STOPS // STOPS_AT_A_TIME):
        for _ in range(STOPS_AT_A_TIME):
            page.keyboard.press("Tab")
        focused = page.evaluate("window.focused")
        if reachable <= set(focused):
            break
    unseen = [each for each, seen in focused.items() if not seen]
    return [*unseen, *(reachable - set(focused))]


def test_every_page_in_every_state_is_accessible(page: Page, portal: Portal) -> None:
    """axe-core in light and dark, 320 and 390 pixels, 200 % text, the keyboard, size, stillness;
    and no page breaks its content policy."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    problems: dict[str, list[Any]] = {}
    shown: set[str] = set()
    for name in walk(page, portal):
        shown.add(urlsplit(page.url).path)
        keep(page, name)
        for each in (
            heavy_or_restless(page),
            found_by_axe(page),
            too_little_contrast_in_the_dark(page),
            tall_head_of_a_telephone(page),
            cut_off_at_320_pixels(page, name),
            cut_off_at_200_percent_text(page, name),
            not_reached_by_keyboard(page),
        ):
            if each:
                problems.setdefault(name, []).extend(each)
    assert problems == {}
    assert [route.path for route in PAGES if not any(map(route.path_regex.match, shown))] == []
    assert [text for text in messages if "Content Security Policy" in text] == []


def test_a_page_with_an_error_says_so_first(page: Page, portal: Portal) -> None:
    """The title starts with it, and the field to be mended has the focus and the reason."""
    sign_in(page, NO_PIN)
    page.goto("/pin")
    save_pin(page, "1987")
    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: ")
    described = page.locator(":focus").evaluate("e => [e.id, e.getAttribute('aria-describedby')]")
    assert described == ["pin", "problem rules"]


PIN_FIELDS = """[...document.querySelectorAll('input.pin')].map(
    e => [e.type, e.autocomplete, getComputedStyle(e).webkitTextSecurity])"""


def test_a_pin_is_hidden_and_not_stored_by_the_browser(page: Page) -> None:
    """A password manager keeps fields of type password, whatever they say of themselves."""
    sign_in(page, NO_PIN)
    page.goto("/pin")
    assert page.evaluate(PIN_FIELDS) == [["text", "off", "disc"]] * 2
    sign_in(page, "representative")
    page.goto("/desk/check")
    assert page.evaluate(PIN_FIELDS) == [["text", "off", "disc"]]


def test_the_printed_status_has_no_screen_controls(page: Page) -> None:
    sign_in(page, LETTER)
    page.goto("/credentials")
    page.emulate_media(media="print")
    assert page.get_by_text(f"license number {LETTER}. Printed on").is_visible()
    assert page.get_by_text("Your application is incomplete.").is_visible()
    assert not page.get_by_role("navigation", name="Main").is_visible()
    assert not page.get_by_role("button", name="Sign out").is_visible()
