"""Single sign-on against a real, certified provider: npm's oidc-provider, on loopback.

Install it once with ``npm ci --prefix tests/support/oidc_provider``.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy import select

from server.models import User
from server.services.links import link_user
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.paths import OIDC_PROVIDER

pytestmark = [pytest.mark.server, pytest.mark.system]

LINKED = "421903"
HERE = "http://elms.test"
CALLBACK = f"{HERE}/sso/callback"
EIGHT_HOURS_S = 8 * 3_600


@dataclass
class RealProvider:
    """The running provider; its clock can be moved."""

    issuer: str
    process: subprocess.Popen[str]

    def move(self, seconds: int) -> None:
        """Put its clock ahead of the real one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        assert any("moved" in line for line in self.process.stdout)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def running() -> Iterator[RealProvider]:
    node = shutil.which("node")
    if node is None or not (OIDC_PROVIDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("npm's oidc-provider is not installed in tests/support/oidc_provider")
    port = free_port()
    with subprocess.Popen(
        [node, "provider.mjs", str(port), CALLBACK],
        cwd=OIDC_PROVIDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert any("ready" in line for line in process.stdout)
        yield RealProvider(f"http://127.0.0.1:{port}", process)
        process.terminate()


@pytest.fixture
def provider(running: RealProvider) -> RealProvider:
    running.move(0)
    return running


def settings(provider: RealProvider, **more: str) -> dict[str, Any]:
    known = {"issuer": provider.issuer, "client_secret": "a-client-secret-for-tests"}
    return {"sso": known | {"license_claim": "license_number"} | more, "public_url": HERE}


@pytest.fixture
def elms(tmp_path: Path, provider: RealProvider) -> Iterator[Elms]:
    with running_elms(tmp_path, **settings(provider)) as running:
        running.clock.now = datetime.now(UTC)
        link_user(running.context, LINKED, LINKED)
        yield running


class Person:
    """Somebody with one browser, who may be signed in at the provider already."""

    def __init__(self, elms: Elms, account: str) -> None:
        self.elms = Visitor(elms)
        self.account = account
        self.asked = 0
        self._provider = httpx.Client(timeout=None)

    def sign_in(self, path: str = "/sso") -> httpx.Response:
        """Go to the provider and come back, over all redirects between the two."""
        answer = self.elms.get(path, follow=False)
        while answer.is_redirect:
            to = str(answer.headers["Location"])
            if to.startswith("http"):
                to = self.prove(to).removeprefix(HERE)
            answer = self.elms.get(to, follow=False)
        return answer

    def prove(self, address: str) -> str:
        """Sign in at the provider, if it asks, and consent; the address it sends back to."""
        answer = self._provider.get(address)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["Location"])
                if address.startswith(HERE):
                    return address
                answer = self._provider.get(address)
                continue
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action
            assert prompt
            self.asked += prompt[1] == "login"
            fields = {"prompt": prompt[1], "login": self.account, "password": "any"}
            answer = self._provider.post(urljoin(str(answer.url), action[1]), data=fields)
        raise AssertionError("the provider does not send the browser back")


def without_password(elms: Elms) -> str:
    with elms.context.database.read() as session:
        found = select(User.username).where(User.password_digest.is_(None), User.role == "educator")
        return session.scalars(found.order_by(User.id)).first() or ""


def test_an_educator_signs_in_through_the_provider_and_sets_a_pin(elms: Elms) -> None:
    assert "State single sign-on" in Visitor(elms).get("/sign-in").text
    person = Person(elms, without_password(elms))
    assert person.sign_in("/sso?next=/pin").url.path == "/pin"
    person.elms.submit("/pin", "/pin", pin="7306", again="7306")
    assert elms.verify(person.account, "7306").json()["verified"]


def test_a_person_unknown_to_elms_gets_no_account(elms: Elms) -> None:
    stranger = Person(elms, "stranger")
    refused = stranger.sign_in()
    assert refused.status_code == 403
    assert "no ELMS account" in refused.text
    assert "the identifier stranger" in refused.text
    assert stranger.elms.get("/home").url.path == "/sign-in"


def test_signing_in_leads_to_the_requested_page(elms: Elms) -> None:
    assert Person(elms, LINKED).sign_in("/sso?next=/credentials").url.path == "/credentials"
    assert Person(elms, LINKED).sign_in("/sso?next=//elsewhere.test").url.path == "/home"


def test_asking_again_makes_the_provider_ask_again(elms: Elms) -> None:
    away = Visitor(elms).get("/sso?again=1", follow=False).headers["Location"]
    assert "prompt=login" in away
    assert "max_age=0" in away


@pytest.mark.parametrize("client_id", ["elms", "elms-with-times"])
def test_the_pin_page_asks_again_after_a_sign_in_eight_hours_ago(
    tmp_path: Path, provider: RealProvider, client_id: str
) -> None:
    """Whether or not the provider says when; a browser that it remembers is not asked otherwise."""
    with running_elms(tmp_path, **settings(provider, client_id=client_id)) as elms:
        elms.clock.now = datetime.now(UTC)
        person = Person(elms, without_password(elms))
        person.sign_in("/sso?next=/home")
        assert person.asked == 1

        provider.move(EIGHT_HOURS_S)
        elms.clock.move(seconds=EIGHT_HOURS_S)
        person.elms = Visitor(elms)
        assert person.sign_in("/sso?next=/home").url.path == "/home"
        assert person.asked == 1

        person.elms = Visitor(elms)
        assert person.sign_in("/sso?next=/pin").url.path == "/pin"
        assert person.asked == 2


def test_a_new_sign_in_is_fresh_if_the_provider_gives_its_time(
    tmp_path: Path, provider: RealProvider
) -> None:
    with running_elms(tmp_path, **settings(provider, client_id="elms-with-times")) as elms:
        elms.clock.now = datetime.now(UTC)
        person = Person(elms, without_password(elms))
        assert person.sign_in("/sso?next=/pin").url.path == "/pin"
        assert person.asked == 1


def test_the_flow_has_state_nonce_and_pkce(elms: Elms) -> None:
    away = Visitor(elms).get("/sso", follow=False).headers["Location"]
    for part in ("state=", "nonce=", "code_challenge=", "code_challenge_method=S256"):
        assert part in away


@pytest.mark.parametrize("damage", ["state", "code", "cookie", "stale", "iss"])
def test_a_forged_or_stale_answer_is_refused(elms: Elms, damage: str) -> None:
    person = Person(elms, LINKED)
    back = person.prove(person.elms.get("/sso", follow=False).headers["Location"])
    if damage == "cookie":
        person.elms.client.cookies.clear()
    elif damage == "stale":
        person.elms = Visitor(elms)
        person.elms.get("/sso", follow=False)
    else:
        back = re.sub(rf"\b{damage}=[^&]+", f"{damage}=forged", back)
    assert person.elms.get(back.removeprefix(HERE)).status_code == 403
    assert person.elms.get("/home").url.path == "/sign-in"


def test_a_code_works_once_even_with_the_same_cookie(elms: Elms) -> None:
    person = Person(elms, LINKED)
    away = person.elms.get("/sso", follow=False).headers["Location"]
    kept = dict(person.elms.client.cookies)
    back = person.prove(away).removeprefix(HERE)
    assert person.elms.get(back, follow=False).status_code == 303
    thief = Visitor(elms)
    thief.client.cookies.update(kept)
    assert thief.get(back, follow=False).status_code == 403
    assert thief.get("/home").url.path == "/sign-in"


def test_an_unreachable_provider_is_an_error_page(tmp_path: Path) -> None:
    sso = {"issuer": f"http://127.0.0.1:{free_port()}"}
    with running_elms(tmp_path, sso=sso, public_url=HERE) as elms:
        answer = Visitor(elms).get("/sso", follow=False)
        assert answer.status_code == 503
        assert "cannot be reached" in answer.text


def test_without_a_provider_there_is_no_single_sign_on_page(tmp_path: Path) -> None:
    with running_elms(tmp_path) as elms:
        assert Visitor(elms).get("/sso").status_code == 404
