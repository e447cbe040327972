"""What a stranger's requests may take of the service: no body unread, no place of another (S16)."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from benchmarks.load.silent_provider import silent_provider
from server.request_lanes import FullError, Lane
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.web.addresses import address_key
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import FORM, Visitor
from tests.support.hostile import STRANGERS, Served, answer_of, serving, soon
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
HUGE = 400_000_000
KIB = 1_024
SIGN_IN = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nCookie: elms-form=f\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
SSO = b"GET /sso HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


# -- bodies ------------------------------------------------------------------------------------


def by_head(elms: Elms, method: str, path: str, length: int, **headers: str) -> int:
    """The status of an answer to a head alone; whoever reads the body fails the test."""
    statuses: list[int] = []
    sent = {"host": "elms.test", "content-length": str(length)} | headers
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("192.0.2.1", 1),
        "server": ("elms.test", 80),
    }

    async def receive() -> dict[str, Any]:
        raise AssertionError("a byte of the body was asked for")

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(elms.app(scope, receive, send))
    return statuses[0]


def routes_with_a_body() -> list[tuple[str, str]]:
    """Of every router in the package, so that a new one is looked at, too."""
    modules = [module for name, module in sys.modules.items() if name.startswith("server.")]
    routers = {id(each): each for each in (getattr(one, "router", None) for one in modules)}
    return [
        (method, route.path.replace("{call_id}", "call-1"))
        for router in routers.values()
        if isinstance(router, APIRouter)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    ]


def test_no_route_reads_a_body_with_an_excessive_content_length(elms: Elms) -> None:
    found = routes_with_a_body()
    assert ("POST", "/sign-in") in found
    assert ("PUT", "/api/v1/calls/call-1") in found
    assert len(found) > 15
    for method, path in (*found, ("POST", "/nowhere"), ("POST", "/health"), ("GET", "/sign-in")):
        expected = 401 if path.startswith("/api/") else 413
        assert by_head(elms, method, path, HUGE) == expected, path
        assert by_head(elms, method, path, HUGE, authorization=BOT["Authorization"]) == 413, path


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic ZWxtcw=="])
def test_without_the_credential_no_body_of_the_api_is_read(elms: Elms, given: str) -> None:
    for path in ("/api/v1/verifications", "/api/v1/calls/call-1", "/api/v1/nowhere"):
        assert by_head(elms, "POST", path, 90, authorization=given) == 401


FORM_KIND = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "sender", "most"),
    [
        ("POST", "/api/v1/verifications", BOT, 64 * KIB),
        ("PUT", "/api/v1/calls/call-1", BOT, 1_024 * KIB),
        ("POST", "/sign-in", {}, 16 * KIB),
    ],
)
def test_a_body_has_the_size_limit_of_its_kind(
    elms: Elms, method: str, path: str, sender: dict[str, str], most: int
) -> None:
    for size, refused in ((most, False), (most + 1, True)):
        answer = elms.client.request(method, path, content=b"x" * size, headers=sender | FORM_KIND)
        assert (answer.status_code == 413) == refused


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/json", "text/x"])
def test_a_form_is_accepted_as_browsers_send_it(elms: Elms, kind: str) -> None:
    assert by_head(elms, "POST", "/sign-in", 90, **{"content-type": kind}) == 415


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Passwords and PINs at a cost that takes a while, and an identity provider that hangs."""
    settings = {"HASH_COST__MEMORY_KIB": "65536", "HASH_COST__PASSES": "4"}
    settings |= {"LIMITS__SIGN_INS_PER_ADDRESS": "1000", "NETWORK__CONNECTIONS": "200"}
    settings |= {"NETWORK__ANSWER_S": "60"}
    with silent_provider() as (issuer, asked):
        folder = Path(tmp_path_factory.mktemp("served"))
        with serving(folder, settings | {"SSO__ISSUER": issuer}) as running:
            running.asked = asked
            yield running


def test_a_huge_form_is_kept_neither_in_memory_nor_on_disk(served: Served) -> None:
    before, files = served.memory_mib(), sorted(served.folder.rglob("*"))
    multipart = (
        b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 300000000\r\n\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'
    connected = served.send(SIGN_IN.replace(b"Content-Type: ", b"X: "), multipart, part)
    with pytest.raises(ConnectionError):
        for _ in range(300):
            connected.sendall(b"x" * 1_000_000)
    assert served.memory_mib() < before + 20
    assert sorted(served.folder.rglob("*")) == files


def test_a_huge_body_without_a_credential_is_answered_and_not_read(served: Served) -> None:
    head = b"POST /api/v1/verifications HTTP/1.1\r\nHost: localhost\r\n"
    connected = served.send(head, b"Content-Length: 400000000\r\n\r\n")
    assert answer_of(connected) == b"HTTP/1.1 401 Unauthorized"
    before = served.memory_mib()
    with pytest.raises(ConnectionError):
        for _ in range(400):
            connected.sendall(b"x" * 1_000_000)
    assert served.memory_mib() < before + 20


def test_the_bot_is_told_that_its_record_is_too_long(served: Served) -> None:
    """It must not take the answer for a broken connection: it would send the record for ever."""
    with served.bot() as bot:
        answer = bot.put("/api/v1/calls/call-1", content=b"x" * 3_000_000)
    assert answer.status_code == 413


# -- places ------------------------------------------------------------------------------------


def test_a_hung_identity_provider_delays_nobody_else(served: Served) -> None:
    asked = served.asked
    held = [served.send(SSO) for _ in range(45)]
    assert soon(lambda: len(asked) >= 4)
    assert served.check()
    assert len(asked) == 4  # as many as the places
    waiting = [each for each in held if not _answered(each)]
    assert len(waiting) >= 4
    refused = next(each for each in held if _answered(each))
    page = rest_of_answer(refused)
    assert b" 503 " in page
    assert b"try again in a few seconds" in page
    for each in held:
        each.close()


def test_password_guessing_does_not_delay_a_pin_check(served: Served) -> None:
    """Of forty at once most are sent away; no more than a few are hashed before the PIN is."""
    held = [sign_in(served, f"nobody-{number}") for number in range(40)]
    assert served.check()
    early = [each for each in held if _answered(each)]
    said = [rest_of_answer(each)[9:12] for each in early]
    assert said.count(b"403") <= 20
    assert b"503" in said
    for each in held:
        each.close()


def test_a_returning_person_can_sign_in_during_password_guessing(served: Served) -> None:
    with httpx.Client(base_url=served.address, timeout=PATIENCE_S) as browser:
        assert soon(lambda: signs_in(browser) == 303)  # what other tests held may still be closing
        browser.cookies.delete("elms")
        held = [sign_in(served, f"somebody-{number}") for number in range(40)]
        assert soon(lambda: any(_answered(each) for each in held))  # there are too many by now
        assert signs_in(browser) == 303
    for each in held:
        each.close()


def sign_in(served: Served, name: str) -> socket.socket:
    fields = f"form=f&username={name}&password=wrong".encode()
    return served.send(SIGN_IN, b"Content-Length: %d\r\n\r\n" % len(fields), fields)


def signs_in(browser: httpx.Client) -> int:
    form = FORM.search(browser.get("/sign-in").text)
    assert form
    fields = {"username": NUMBER, "password": PASSWORD, "form": form[1]}
    return browser.post("/sign-in", data=fields).status_code


def _answered(connected: socket.socket) -> bool:
    connected.setblocking(False)
    try:
        return connected.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return False
    finally:
        connected.setblocking(True)


def rest_of_answer(connected: socket.socket) -> bytes:
    """What has come."""
    connected.setblocking(False)
    got = b""
    try:
        while piece := connected.recv(65_536):
            got += piece
    except BlockingIOError:
        pass
    return got


def test_a_lane_is_limited_and_nobody_can_fill_it_alone() -> None:
    async def stand(lane: Lane, *keys: str) -> list[str]:
        async def one(key: str) -> str:
            try:
                async with lane.place(key):
                    await asyncio.sleep(0.2)
            except FullError:
                return f"{key} refused"
            return f"{key} served"

        return await asyncio.gather(*(one(key) for key in keys))

    async def all_of_them() -> None:
        shared = Lane(places=2, waiting=1, wait_s=5, share=0.5)  # four may stand, two of one
        assert await stand(shared, "a", "a", "a", "b", "b", "c") == [
            *("a served", "a served", "a refused"),
            *("b served", "b served", "c refused"),
        ]
        impatient = Lane(places=1, waiting=3, wait_s=0.05)
        assert await stand(impatient, "a", "a") == ["a served", "a refused"]
        assert await stand(impatient, "a") == ["a served"]  # nothing was left taken

    asyncio.run(all_of_them())


# -- how often ---------------------------------------------------------------------------------


def test_strangers_use_no_budget_of_the_bot_at_the_same_address(tmp_path: Path) -> None:
    limits = {"requests_per_minute": 3, "page_requests_per_minute": 3}
    with running_elms(tmp_path, limits=limits) as elms:
        for path in ("/api/v1/service", "/sign-in", "/health", "/static/elms.css"):
            for _ in range(5):
                elms.client.get(path)
        answers = [elms.client.get("/api/v1/service", headers=BOT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_strangers_use_no_budget_of_a_signed_in_browser(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"page_requests_per_minute": 8}) as elms:
        person = Visitor(elms)
        person.sign_in(NUMBER)
        stranger = Visitor(elms)
        assert [stranger.get("/sign-in").status_code for _ in range(10)][-1] == 429
        assert person.get("/credentials").status_code == 200
        person.client.cookies.delete("elms")  # signed out, and known
        assert person.get("/sign-in").status_code == 200


def test_a_forged_cookie_counts_as_a_strangers(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"page_requests_per_minute": 8}) as elms:
        person = Visitor(elms)
        person.sign_in(NUMBER)
        name, value = next(
            (each.name, each.value or "")
            for each in person.client.cookies.jar
            if each.name.startswith("elms-known-")
        )
        stranger = Visitor(elms)
        while stranger.get("/sign-in").status_code == 200:
            continue
        renamed = name[:-1] + ("0" if name[-1] != "0" else "1")
        for forged in ({name: value[:-2]}, {renamed: value}, {name: "e30.x.y"}, {name: ""}):
            other = Visitor(elms)
            other.client.cookies.update(forged)
            assert other.get("/sign-in").status_code == 429


def test_the_address_forwarded_by_a_trusted_proxy_counts(tmp_path: Path) -> None:
    settings = {"NETWORK__TRUSTED_PROXIES": '["127.0.0.1/32"]'}
    settings |= {"LIMITS__PAGE_REQUESTS_PER_MINUTE": "2"}

    def asked(served: Served, source: str, forwarded: str) -> list[bytes]:
        head = b"GET /health HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: %b\r\n\r\n"
        request = head % forwarded.encode()
        return [answer_of(served.send(request, source=source))[9:12] for _ in range(3)]

    with serving(tmp_path, settings) as served:
        for client in ("192.0.2.1", "192.0.2.2", "invented, 192.0.2.3"):
            assert asked(served, "127.0.0.1", client) == [b"200", b"200", b"429"]
        assert asked(served, "127.0.0.1", "192.0.2.9, 192.0.2.1") == [b"429"] * 3
        assert asked(served, STRANGERS, "192.0.2.4") == [b"200", b"200", b"429"]
        assert asked(served, STRANGERS, "192.0.2.5") == [b"429"] * 3  # nobody's proxy


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("x" * 200, "x" * 64),
    ],
)
def test_addresses_are_grouped_into_clients(address: str, key: str) -> None:
    assert address_key(address) == key
