"""The call page in a real browser: it plays, it can be steered by hand, and everybody can read it.

Screenshots go to the folder that CALLPAGE_SCREENSHOTS names, where it is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.elms.call_page_wording import WORDING
from bot.reports.call_page import write
from tests.support.portal import PATIENCE_MS, chromium
from tests.support.sample_call import sample_call

pytestmark = pytest.mark.browser

NOW = "() => document.getElementById('audio').currentTime"
GREETING = re.compile("Thank you for calling|You can speak or|At any time")
"""What is heard in the first twelve seconds: as long as a busy machine may take to look."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--autoplay-policy=no-user-gesture-required") as launched:
        yield launched


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    sample = sample_call()
    path = tmp_path_factory.mktemp("page") / "call.html"
    write(path, sample.record, sample.trace.events, sample.wav, WORDING, sample.muted)
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = opened(browser, address, 1400)
    yield page
    page.close()


def opened(browser: Browser, address: str, width: int, scheme: str = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda one: complaints.append(one.url) if "http" in one.url[:5] else None)
    page.goto(address)
    page.wait_for_function("() => document.getElementById('audio').readyState >= 2")
    assert complaints == []
    return page


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("CALLPAGE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_audio_is_the_whole_call(page: Page) -> None:
    seconds = page.evaluate("() => document.getElementById('audio').duration")
    assert seconds == pytest.approx(sample_call().record.duration_ms / 1000, abs=0.05)


def test_play_moves_the_playhead_and_space_stops_it(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.getElementById('audio').currentTime > 0.3")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert float(page.locator("#head").evaluate("one => parseFloat(one.style.left)")) > 0
    expect(page.locator("#readout")).to_contain_text(GREETING)
    page.get_by_role("slider", name="Playhead").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_click_seeks(page: Page) -> None:
    box = page.locator(".wave").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    assert page.evaluate(NOW) == pytest.approx(sample_call().record.duration_ms / 2000, abs=0.1)


def test_a_time_in_the_conversation_seeks(page: Page) -> None:
    page.locator("li.caller [data-seek]").first.click()
    assert page.evaluate(NOW) == pytest.approx(14.7, abs=0.2)
    expect(page.locator(".talk li.now")).to_contain_text("four two one nine oh three")


def test_arrows_move_the_playhead_and_say_where_it_is(page: Page) -> None:
    handle = page.get_by_role("slider", name="Playhead")
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate(NOW) == pytest.approx(2.0, abs=0.01)
    expect(handle).to_have_attribute("aria-valuenow", "2.00")
    expect(handle).to_have_attribute("aria-valuetext", re.compile("0:02.00, ELMS: Thank you"))
    page.keyboard.press("End")
    assert page.evaluate(NOW) > 60


def test_every_mark_can_be_reached_and_read_by_keyboard(page: Page) -> None:
    page.locator(".mark[tabindex='0']").focus()
    expect(page.locator("#readout")).to_contain_text("License number: understood")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#readout")).to_contain_text("Please say or key your six digit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#readout")).to_contain_text("••••")
    assert page.locator(".mark[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate(NOW) == pytest.approx(23.1, abs=0.2)


def test_zooming_keeps_the_time_under_the_pointer_in_place(page: Page) -> None:
    box = page.locator(".wave").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.25, box["y"] + 10
    page.mouse.move(x, y)
    before = page.locator("#ghost b").text_content()
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => document.getElementById('tracks').style.cssText.includes('zoom')")
    page.mouse.move(x, y + 1)
    after = page.locator("#ghost b").text_content()
    assert before is not None
    assert after is not None
    assert float(after[2:]) == pytest.approx(float(before[2:]), abs=0.15)
    page.get_by_role("button", name="Whole call").click()
    assert page.locator("#scroll").evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_dragging_pans_and_does_not_seek(page: Page) -> None:
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    before = page.locator("#scroll").evaluate("one => one.scrollLeft")
    box = page.locator("#scroll").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 900, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 80, steps=5)
    page.mouse.up()
    after = page.locator("#scroll").evaluate("one => one.scrollLeft")
    assert after - before == pytest.approx(400, abs=10)
    assert page.evaluate(NOW) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 700, 360])
def test_axe_finds_nothing(browser: Browser, address: str, width: int, scheme: str) -> None:
    page = opened(browser, address, width, scheme)
    page.locator("summary").first.click()
    found = Axe().run(page)
    keep(page, f"call-page-{width}-{scheme}")
    page.close()
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "text"), [(320, 100), (320, 200), (640, 200), (1400, 200)])
def test_only_the_timeline_scrolls_sideways(
    browser: Browser, address: str, width: int, text: int
) -> None:
    page = opened(browser, address, width)
    page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{text}%'; }}")
    for summary in page.locator("summary").all():
        summary.click()
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    keep(page, f"call-page-{width}-text-{text}")
    page.close()
    assert wide <= width


def test_the_printed_page_has_every_step_and_no_buttons(page: Page) -> None:
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Play")).to_be_hidden()
    expect(page.get_by_text("four two one nine oh", exact=False).last).to_be_visible()
    keep(page, "call-page-print")
