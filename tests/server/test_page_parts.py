"""What all pages share: who may open which, where a redirect leads, and how a time is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from starlette.requests import Request

from server.context import Context
from server.domain import Role
from server.hashing import token_digest
from server.models import User, WebSession
from server.pages import common
from server.pages.common import (
    Anybody,
    EducatorOnly,
    StaffOnly,
    SupervisorOnly,
    cookie_name,
    educator_of,
    long_date,
    moment,
)
from server.services.sign_in import SignedIn, find_session
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER = "421903"
E, R, S = Role.EDUCATOR, Role.REPRESENTATIVE, Role.SUPERVISOR


def signed_in(role: str, educator_id: int | None = 5) -> SignedIn:
    return SignedIn(
        digest="d",
        csrf="token",
        user_id=7,
        username="somebody",
        display_name="Somebody",
        role=role,
        educator_id=educator_id,
        fresh=True,
        local=True,
        opened_educator_id=None,
        call_id=None,
        handled_call=None,
        flash=None,
    )


@pytest.mark.parametrize(
    ("door", "opens_to"),
    [(EducatorOnly, {E}), (StaffOnly, {R, S}), (SupervisorOnly, {S}), (Anybody, {E, R, S})],
)
def test_a_door_opens_only_to_its_roles(door: object, opens_to: set[Role]) -> None:
    require = door.__metadata__[0].dependency  # type: ignore[attr-defined]
    for role in [*Role, "", "admin"]:
        me = signed_in(role)
        if role in opens_to:
            assert require(me) is me
        else:
            with pytest.raises(HTTPException) as refused:
                require(me)
            assert refused.value.status_code == 403
    with pytest.raises(common.SignInNeededError):
        require(None)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def request(context: Context, path: str = "/home", **headers: str) -> Request:
    app = FastAPI()
    app.state.context = context
    lines = [
        (name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()
    ]
    scope = {"type": "http", "app": app, "path": path, "headers": lines, "query_string": b""}
    return Request(scope)


def test_a_form_needs_the_token_of_its_own_session(elms: Elms) -> None:
    me = signed_in(E)
    common.checked_form(request(elms.context), me, "token")
    for wrong in ("", "tokem", "token ", "TOKEN"):
        with pytest.raises(HTTPException) as refused:
            common.checked_form(request(elms.context), me, wrong)
        assert (refused.value.status_code, "too old" in refused.value.detail) == (403, True)
    with pytest.raises(HTTPException) as refused:
        common.checked_form(request(elms.context, Sec_Fetch_Site="same-site"), me, "token")
    assert "another site" in refused.value.detail


def test_a_person_without_a_license_account_has_no_educators_pages() -> None:
    assert educator_of(signed_in(E, 5)) == 5
    with pytest.raises(HTTPException) as refused:
        educator_of(signed_in(E, None))
    assert refused.value.status_code == 403


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-elms"), (False, "elms")])
def test_over_tls_the_cookie_belongs_to_this_host_only(secure: bool, name: str) -> None:
    assert cookie_name(secure) == name


NEXT = {
    "/home": "/home",
    "/desk/calls": "/desk/calls",
    "/desk/a b&next=//elsewhere.test": "/desk/a%20b%26next%3D//elsewhere.test",
}


def test_signing_in_returns_to_the_requested_page(elms: Elms) -> None:
    for path, quoted in NEXT.items():
        asked = request(elms.context, path)
        for page, sends in (
            ("sign-in", common.needs_sign_in),
            ("confirm", common.needs_confirmation),
        ):
            answer = asyncio.run(sends(asked, Exception()))
            assert (answer.status_code, answer.headers["Location"]) == (
                303,
                f"/{page}?next={quoted}",
            )


def test_a_message_is_shown_once_on_the_next_page(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    token = visitor.client.cookies["elms"]
    me = find_session(elms.context, token)
    assert me is not None
    answer = common.go_saying(request(elms.context), me, "/pin", "It is done, he said.")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/pin")
    assert "It is done, he said." in visitor.get("/home").text
    assert "It is done, he said." not in visitor.get("/home").text


def test_a_page_knows_whose_session_it_is(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    with elms.context.database.read() as session:
        mine = session.scalars(select(User).where(User.username == NUMBER)).one()
        digest = session.scalars(select(WebSession.digest)).one()
    token = visitor.client.cookies["elms"]
    assert digest == token_digest(token)
    asked = request(elms.context, cookie=f"elms={token}")
    found = common.current(asked, elms.context)
    assert found is not None
    assert (found.user_id, found.actor) == (mine.id, f"user:{mine.id}")
    assert asked.state.signed_in is found
    unasked = request(elms.context, cookie=f"elms={token}")
    common.recognize(unasked)
    assert unasked.state.signed_in.user_id == mine.id
    common.recognize(asked)
    assert asked.state.signed_in is found
    assert common.current(request(elms.context), elms.context) is None


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2022, 7, 4), "July 4, 2022"),
        (date(2022, 12, 31), "December 31, 2022"),
        (None, ""),
    ],
)
def test_a_day_is_written_in_full(day: date | None, written: str) -> None:
    assert long_date(day) == written


MOMENTS = {
    "America/Chicago": {
        "2022-12-05T06:05+00:00": "December 5, 2022, 12:05 a.m.",
        "2022-12-05T05:59+00:00": "December 4, 2022, 11:59 p.m.",
        "2022-12-05T18:00+00:00": "December 5, 2022, 12:00 p.m.",
        "2022-07-05T18:00+00:00": "July 5, 2022, 1:00 p.m.",
        "2022-07-05T15:10+00:00": "July 5, 2022, 10:10 a.m.",
    },
    "America/New_York": {"2022-12-05T18:00+00:00": "December 5, 2022, 1:00 p.m."},
}


@pytest.mark.parametrize("zone", MOMENTS)
def test_a_moment_is_written_as_the_departments_clock_shows_it(tmp_path: Path, zone: str) -> None:
    with running_elms(tmp_path, timezone=zone) as elms:
        write = moment(request(elms.context))
        utc = MOMENTS[zone]
        assert {each: write(datetime.fromisoformat(each)) for each in utc} == utc
        assert write(None) == ""


def test_an_error_page_has_its_status_and_its_words(elms: Elms) -> None:
    asked = request(elms.context)
    asked.state.signed_in = None
    shown = common.error_page(asked, 418, "No coffee & tea")
    assert shown.status_code == 418
    assert "No coffee &amp; tea" in bytes(shown.body).decode()
    plain = common.plain_page(429, "Slow <b>down", False)
    assert "Slow &lt;b&gt;down" in plain
    demo = common.plain_page(429, "Slow <b>down", True)
    assert demo != plain
