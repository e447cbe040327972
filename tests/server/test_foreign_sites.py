"""What another site may make a browser do: nothing, neither by an address nor by a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from server import pages
from server.pages.common import local_path
from server.seed.demonstration import ACCOUNTS, PASSWORD
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import FORM, Visitor

pytestmark = pytest.mark.server

NUMBER = ACCOUNTS[0].license_number

ELSEWHERE = [
    "//elsewhere.test",
    "///elsewhere.test",
    "https://elsewhere.test",
    "HTTPS:elsewhere.test",
    "https:/elsewhere.test",
    "/\\elsewhere.test",
    "\\\\elsewhere.test",
    "\\/elsewhere.test",
    "/\\/elsewhere.test",
    "/home\\..\\..\\elsewhere.test",
    "/\t/elsewhere.test",
    "/\n/elsewhere.test",
    "/\r\n/elsewhere.test",
    "/\x0b/elsewhere.test",
    "/\x00/elsewhere.test",
    "/\x7f/elsewhere.test",
    "/\u2028/elsewhere.test",
    "\t//elsewhere.test",
    " //elsewhere.test",
    " /home",
    "javascript:alert(1)",
    "data:text/html,x",
    "elsewhere.test",
    "@elsewhere.test",
    "?next=//elsewhere.test",
    "#elsewhere",
    "home",
    "",
]
OURS = ["/", "/home", "/pin", "/desk/calls?day=1", "/a//b", "/é", "/home#part", "/:80"]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_foreign_address_becomes_the_start_page(path: str) -> None:
    assert local_path(path) == "/"


@pytest.mark.parametrize("path", OURS)
def test_a_local_path_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.fixture
def educator(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    return visitor


def test_a_signed_in_person_is_not_redirected_elsewhere(educator: Visitor) -> None:
    for path in ELSEWHERE:
        answer = educator.get(f"/sign-in?next={quote(path)}", follow=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), repr(path)


def test_signing_in_does_not_redirect_elsewhere(elms: Elms) -> None:
    for path in ELSEWHERE:
        visitor = Visitor(elms)
        form = FORM.search(visitor.get("/sign-in").text)
        assert form
        fields = {"username": NUMBER, "password": PASSWORD, "form": form[1], "next": path}
        answer = visitor.post("/sign-in", fields, follow=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), repr(path)


def test_confirming_the_password_does_not_redirect_elsewhere(educator: Visitor) -> None:
    for path in ELSEWHERE:
        answer = educator.submit("/confirm", "/confirm", False, password=PASSWORD, next=path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), repr(path)


@pytest.mark.parametrize("page", ["/sign-in", "/confirm"])
def test_no_page_contains_a_foreign_address(elms: Elms, educator: Visitor, page: str) -> None:
    visitor = Visitor(elms) if page == "/sign-in" else educator
    for path in ELSEWHERE:
        shown = visitor.get(f"{page}?next={quote(path)}").text
        assert 'name="next" value="/"' in shown, repr(path)


# -- forms: every one of them, every value of Sec-Fetch-Site ---------------------------------------

REFUSED_SITES = ["cross-site", "same-site", "", "SAME-ORIGIN", "same-origin, cross-site", "x"]
TAKEN_SITES = [None, "same-origin", "none"]


FORMS = {
    route.path
    for module in vars(pages).values()
    if isinstance(getattr(module, "router", None), APIRouter)
    for route in module.router.routes
    if isinstance(route, APIRoute) and "POST" in (route.methods or ())
}
"""Where forms of all pages are sent."""


def refused(elms: Elms, who: str, site: str) -> set[str]:
    """Forms that this person cannot send from such a site, though they hold the right token."""
    visitor = Visitor(elms)
    visitor.sign_in(who)
    csrf = visitor.csrf()
    visitor.client.headers["Sec-Fetch-Site"] = site
    found = set()
    for path in FORMS:
        answer = visitor.post(path, {"csrf": csrf}, follow=False)
        if answer.status_code == 403 and "sent by another site" in answer.text:
            found.add(path)
    return found


@pytest.mark.parametrize("site", REFUSED_SITES)
def test_no_form_is_accepted_from_another_site(elms: Elms, site: str) -> None:
    assert len(FORMS) >= 14
    assert refused(elms, NUMBER, site) | refused(elms, "supervisor", site) == FORMS


@pytest.mark.parametrize("site", TAKEN_SITES)
def test_a_form_from_the_service_is_accepted(educator: Visitor, site: str | None) -> None:
    if site is not None:
        educator.client.headers["Sec-Fetch-Site"] = site
    assert educator.submit("/pace", pace="slow").status_code == 200
