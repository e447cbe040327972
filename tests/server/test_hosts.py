"""Host names: no answer follows the Host header, pages are shown under our own names only (S13)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.errors import SettingsError
from server.settings import check_settings, load_settings
from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = pytest.mark.server

EVIL = "evil.example"
PATHS = [
    "/",
    "/home",
    "/home/",
    "/calls/",
    "/desk/",
    "/pin/",
    "/sign-in/",
    "/sso/",
    "/static/",
    "//x",
]
PATHS += ["/static", "/nowhere/", "/api/v1/service/", "/health/", "/notices/", "/figures/"]
HOSTS = [EVIL, f"{EVIL}:80", f"elms.test@{EVIL}", f"elms.test.{EVIL}"]


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_no_answer_repeats_the_host_of_its_request(elms: Elms, method: str) -> None:
    for path, host, sender in itertools.product(PATHS, HOSTS, ({}, BOT)):
        headers = {"Host": host} | sender
        answer = elms.client.request(method, path, headers=headers, follow_redirects=False)
        assert EVIL not in str(answer.headers), path
        assert EVIL not in answer.text, path


def test_pages_are_served_under_the_services_own_names_only(elms: Elms) -> None:
    asked = {"elms.test": 200, "elms.test:8022": 200, "localhost": 200, "127.0.0.1": 200}
    asked |= {EVIL: 400, f"www.{EVIL}": 400, "": 400, "elms.test.evil": 400}
    for host, status in asked.items():
        assert elms.client.get("/sign-in", headers={"Host": host}).status_code == status, host
    for program in ("/health", "/ready", "/api/v1/service"):
        answer = elms.client.get(program, headers=BOT | {"Host": EVIL})
        assert answer.status_code == 200, program


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, {"localhost", "127.0.0.1", "[::1]"}),
        ({"public_url": "https://elms.example/x"}, {"elms.example"}),
        ({"host": "0.0.0.0", "trusted_hosts": ["*.example"]}, {"*.example"}),
        ({"host": "192.0.2.1"}, {"192.0.2.1"}),
        ({"host": "2001:db8::1"}, {"[2001:db8::1]"}),
        ({"host": "::", "public_url": "https://elms.example"}, {"elms.example"}),
    ],
)
def test_the_service_has_its_configured_names(given: dict[str, Any], names: set[str]) -> None:
    hosts = load_settings(**given).hosts
    assert names <= hosts
    assert hosts <= names | {"localhost", "127.0.0.1", "[::1]"}


def test_a_service_on_every_address_requires_a_name() -> None:
    names = ("pepper", "bot_credential", "metrics_credential")
    secrets: dict[str, Any] = dict.fromkeys(names, "k3-" * 20)
    for host in ("0.0.0.0", "::"):
        with pytest.raises(SettingsError, match="trusted_hosts"):
            check_settings(load_settings(host=host, **secrets))
        check_settings(load_settings(host=host, trusted_hosts=["elms.example"], **secrets))


@pytest.mark.parametrize("wrong", ["https://elms.example", "a*b", "*", "elms.example/x", ""])
def test_an_invalid_name_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="trusted_hosts"):
        load_settings(trusted_hosts=[wrong])
