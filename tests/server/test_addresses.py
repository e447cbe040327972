"""No license number is in a web address (S9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER = ACCOUNTS[0].license_number
ADDRESS = re.compile(r'(?:href|action|src)="([^"]*)"')


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def test_no_form_puts_its_entries_into_an_address(project: Path) -> None:
    for template in (project / "server" / "templates").glob("*.html"):
        for form, fields in re.findall(r"(<form[^>]*>)(.*?)</form>", template.read_text(), re.S):
            typed = re.findall(r"<(?:input(?![^>]*type=\"date\")|textarea)", fields)
            assert not typed or 'method="post"' in form, template.name


def test_no_address_on_a_page_has_a_license_number(elms: Elms) -> None:
    for index in range(60):
        store(elms, f"call-{index}")
    desk = Visitor(elms)
    desk.sign_in("supervisor")
    found = desk.submit("/calls", "/calls", q=NUMBER)
    assert "60 calls, page 1 of 2" in found.text
    further = desk.post("/calls", {"csrf": desk.csrf("/calls"), "q": NUMBER, "page": "2"})
    assert "60 calls, page 2 of 2" in further.text
    pages = [found, further, *(desk.get(path) for path in ("/desk", "/calls", "/calls?page=2"))]
    pages.append(desk.submit("/desk/check", "/desk", license_number=NUMBER, pin="1357"))
    for page in pages:
        assert NUMBER not in str(page.url)
        addresses = ADDRESS.findall(page.text)
        assert addresses
        assert not [address for address in addresses if NUMBER in address]


def test_a_number_in_an_old_address_is_not_searched_for(elms: Elms) -> None:
    store(elms, "call-1")
    desk = Visitor(elms)
    desk.sign_in("supervisor")
    assert "1 call<" in desk.get("/calls?q=no-such-call").text


def store(elms: Elms, call_id: str) -> None:
    record = {
        "call_id": call_id,
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "transferred", "reason": "asked", "license_number": NUMBER},
        "handover": {"reason": "asked", "license_number": NUMBER, "verified": False},
    }
    answer = elms.client.put(f"/api/v1/calls/{call_id}", json=record, headers=BOT)
    assert answer.status_code == 204
