"""A served ELMS, a browser that visits it, and callers who telephone it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pydantic import SecretStr

from bot.adapters.backend_http import HttpBackend
from bot.bootstrap import call_service
from bot.clock import at
from bot.elms.requests import (
    Account,
    BackendAnswer,
    FetchAccount,
    NotVerified,
    Request,
    Verified,
    Verify,
)
from bot.lines.text import TextLine
from bot.settings import BackendClient, load_settings
from server.app import create_app
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.settings import DEMO_BOT_CREDENTIAL
from tests.support.elms_service import BOT, fresh_database, settings_for

T = TypeVar("T")
PATIENCE_MS = 300_000
"""With a page: longer than a busy machine takes, shorter than a test may."""
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
NUMBER, PIN = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OUTCOMES = ("completed", "completed", "completed", "transferred", "hangup", "gave-up", "failed")
FIELDS = ("license_number", "pin", "menu")


@dataclass
class Portal:
    """One served ELMS, reached over real HTTP by the bot's real client."""

    url: str
    out: Path

    def ask(self, number: str, pin: str, call_id: str) -> Verified | NotVerified:
        """Present a PIN as the bot does."""
        answer = self._send(Verify(number, pin), call_id)
        assert isinstance(answer, Verified | NotVerified)
        return answer

    def account(self, number: str, pin: str, call_id: str) -> Account:
        """Read an account as the bot does."""
        answer = self.ask(number, pin, call_id)
        assert isinstance(answer, Verified)
        facts = self._send(FetchAccount(answer.token), call_id)
        assert isinstance(facts, Account)
        return facts

    def telephone(self, *typed: str) -> str:
        """A whole call by keys and words through the real dialog; all that ELMS says in it."""
        lines = iter(typed)
        heard: list[str] = []

        async def call() -> None:
            settings = load_settings(None, out=self.out)
            async with call_service(
                settings, backend=self._client(), aloud=False, now=at(None)
            ) as calls:
                line = TextLine(lambda: next(lines, None))
                await calls.answer(
                    line, (lambda event: heard.append(f"{event.lane}: {event.text}"),)
                )

        _elsewhere(call())
        return "\n".join(each for each in heard if each.startswith("reply: "))

    def store_calls(self, count: int) -> None:
        """Ended calls of the last days, of every outcome; the newest waits for a person."""
        now = datetime.now(UTC)
        with httpx.Client(base_url=self.url, headers=BOT, timeout=None) as client:
            for number in reversed(range(count)):
                record = call_record(number, now - timedelta(hours=7 * number, minutes=3))
                stored = client.put(f"/api/v1/calls/{record['call_id']}", json=record)
                assert stored.status_code == 204, stored.text

    def _client(self) -> BackendClient:
        credential = SecretStr(DEMO_BOT_CREDENTIAL)
        return BackendClient(url=self.url, credential=credential, timeout_ms=60_000)

    def _send(self, request: Request, call_id: str) -> BackendAnswer:
        async def send() -> BackendAnswer:
            async with httpx.AsyncClient(base_url=self.url, timeout=None) as client:
                return await HttpBackend(client, self._client()).ask(request, call_id, None)

        return _elsewhere(send())


def _elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: the browser's driver keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def call_record(number: int, started: datetime) -> dict[str, Any]:
    """One ended call; the first was handed over when its caller was verified."""
    outcome = OUTCOMES[number % len(OUTCOMES)] if number else "transferred"
    told = {
        "reason": "asked",
        "license_number": NUMBER,
        "verified": number == 0,
        "failed_field": "pin" if number else None,
        "wanted": "renewal",
    }
    return {
        "call_id": f"call-{number}",
        "started_utc": started.isoformat(),
        "line": "recording",
        "duration_ms": 30_000,
        "outcome": {"outcome": outcome, "reason": "asked", "license_number": NUMBER},
        "turns": [turn(place, name, number) for place, name in enumerate(FIELDS)],
        "handover": told if outcome == "transferred" else None,
    }


def turn(place: int, name: str, number: int) -> dict[str, Any]:
    """One collect of a call; one in eight is not understood."""
    start = place * 9_000
    understood = (number + place) % 8 != 0
    return {
        "field": name,
        "attempt": 1,
        "result": "match" if understood else "nomatch",
        "start_ms": start,
        "end_ms": start + 8_500,
        "speech_start_ms": start + 4_000,
        "speech_end_ms": start + 8_000,
        "reply_after_ms": 190,
        "mode": "voice" if number % 3 else "dtmf",
        "confidence": 0.35 + (number * 7 + place * 3) % 13 / 20,
        "value": None if name == "pin" else "renewal",
    }


@contextmanager
def served(folder: Path, **overrides: Any) -> Iterator[Portal]:
    """ELMS on a free port over a fresh database."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    with fresh_database(folder) as url:
        overrides.setdefault("mail", {"folder": folder / "mail"})
        app = create_app(settings_for(url, port=port, **overrides))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Portal(f"http://127.0.0.1:{port}", folder / "out")
        finally:
            server.should_exit = True
            thread.join()
            app.state.context.database.close()


@contextmanager
def chromium(*more_flags: str) -> Iterator[Browser]:
    """The system's Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip("Chromium is not here (Debian: apt-get install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*FLAGS, *more_flags], timeout=PATIENCE_MS
        )
        yield launched
        launched.close()


@contextmanager
def visiting(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    """One person's browser, as wide as a desktop's."""
    opened = browser.new_context(base_url=portal.url, viewport={"width": 1180, "height": 800})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def sign_in(page: Page, username: str) -> Page:
    """Sign in as one person, whoever was signed in before."""
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("License number or user name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def save_pin(page: Page, pin: str) -> None:
    """Fill the PIN page."""
    page.get_by_label("Four-digit PIN").fill(pin)
    page.get_by_label("Verify PIN").fill(pin)
    page.get_by_role("button", name="Save PIN").click()


def check_caller(page: Page, number: str, pin: str, reason: str = "Renewal") -> None:
    """Fill the representative's form."""
    page.goto("/desk/check")
    page.get_by_label("License number").fill(number)
    page.get_by_label("Educator PIN").fill(pin)
    page.get_by_label("Reason for the call").select_option(reason)
    page.get_by_role("button", name="Check").click()


def keep(page: Page, name: str) -> None:
    """Keep a screenshot with the test run."""
    folder = Path(os.environ.get("ELMS_SCREENSHOTS", SCREENSHOTS))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
