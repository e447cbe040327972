"""Single sign-on against a real, certified provider: npm's oidc-provider, on loopback.

Install it once with ``npm install --no-package-lock --prefix tests/support/oidc_provider``.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy import select

from server.models import User
from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.paths import OIDC_PROVIDER

pytestmark = [pytest.mark.server, pytest.mark.system]

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
HERE = "http://elms.test"
CALLBACK = f"{HERE}/sso/callback"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not (OIDC_PROVIDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("npm's oidc-provider is not installed in tests/support/oidc_provider")
    port = free_port()
    with subprocess.Popen(
        [node, "provider.mjs", str(port), CALLBACK],
        cwd=OIDC_PROVIDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert any("ready" in line for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def elms(tmp_path: Path, issuer: str) -> Iterator[Elms]:
    sso = {"issuer": issuer, "client_secret": "a-client-secret-for-tests"}
    with running_elms(tmp_path, sso=sso, public_url=HERE) as running:
        running.clock.now = datetime.now(UTC)
        yield running


def prove(address: str, account: str) -> str:
    """Sign in at the provider and consent; the address it sends the browser back to."""
    with httpx.Client() as person:
        answer = person.get(address)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["Location"])
                if address.startswith(HERE):
                    return address
                answer = person.get(address)
                continue
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action
            assert prompt
            fields = {"prompt": prompt[1], "login": account, "password": "any"}
            answer = person.post(urljoin(str(answer.url), action[1]), data=fields)
    raise AssertionError("the provider does not send the browser back")


def sign_in(elms: Elms, account: str, path: str = "/sso") -> tuple[Visitor, httpx.Response]:
    visitor = Visitor(elms)
    away = visitor.get(path, follow=False)
    assert away.status_code == 303
    back = prove(away.headers["Location"], account)
    return visitor, visitor.get(back.removeprefix(HERE))


def test_an_educator_signs_in_through_the_provider_and_sets_a_pin(elms: Elms) -> None:
    assert "State single sign-on" in Visitor(elms).get("/sign-in").text
    visitor, home = sign_in(elms, NUMBER)
    assert home.url.path == "/home"
    assert "Update PIN" in home.text
    visitor.submit("/pin", "/pin", pin="7306", again="7306")
    assert elms.verify(NUMBER, "7306").json()["verified"]
    with elms.context.database.read() as session:
        user = session.scalars(select(User).where(User.username == NUMBER)).one()
    assert user.oidc_subject == NUMBER


def test_a_stranger_to_elms_gets_no_account(elms: Elms) -> None:
    visitor, refused = sign_in(elms, "stranger")
    assert refused.status_code == 403
    assert "no ELMS account" in refused.text
    assert visitor.get("/home").url.path == "/sign-in"


def test_the_page_that_one_wanted_is_where_one_lands(elms: Elms) -> None:
    assert sign_in(elms, NUMBER, "/sso?next=/credentials")[1].url.path == "/credentials"
    assert sign_in(elms, NUMBER, "/sso?next=//elsewhere.test")[1].url.path == "/home"


def test_asking_again_makes_the_provider_ask_again(elms: Elms) -> None:
    away = Visitor(elms).get("/sso?again=1", follow=False).headers["Location"]
    assert "prompt=login" in away
    assert "max_age=0" in away
    assert sign_in(elms, NUMBER, "/sso?again=1&next=/pin")[1].url.path == "/pin"


def test_the_flow_has_state_nonce_and_pkce(elms: Elms) -> None:
    away = Visitor(elms).get("/sso", follow=False).headers["Location"]
    for part in ("state=", "nonce=", "code_challenge=", "code_challenge_method=S256"):
        assert part in away


@pytest.mark.parametrize("damage", ["state", "code", "cookie", "stale"])
def test_a_forged_or_stale_answer_is_refused(elms: Elms, damage: str) -> None:
    visitor = Visitor(elms)
    back = prove(visitor.get("/sso", follow=False).headers["Location"], NUMBER)
    if damage == "cookie":
        visitor.client.cookies.clear()
    elif damage == "stale":
        other = Visitor(elms)
        other.get("/sso", follow=False)
        visitor = other
    else:
        back = re.sub(rf"{damage}=[^&]+", f"{damage}=forged", back)
    assert visitor.get(back.removeprefix(HERE)).status_code == 403
    assert visitor.get("/home").url.path == "/sign-in"


def test_a_provider_that_is_away_is_a_page(tmp_path: Path) -> None:
    sso = {"issuer": f"http://127.0.0.1:{free_port()}"}
    with running_elms(tmp_path, sso=sso, public_url=HERE) as elms:
        answer = Visitor(elms).get("/sso", follow=False)
        assert answer.status_code == 503
        assert "cannot be reached" in answer.text


def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    with running_elms(tmp_path) as elms:
        assert Visitor(elms).get("/sso").status_code == 404
