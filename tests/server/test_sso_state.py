"""What single sign-on refuses of a browser that comes back: forged, late, or somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from server.errors import SettingsError
from server.services import sso
from server.settings import load_settings
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.scripted_provider import TOKEN, RsaKey, ScriptedProvider
from tests.support.sso_visits import Visit, count_sessions, elms_and_provider

pytestmark = pytest.mark.server

KEY = RsaKey()
COOKIE = "elms-sso"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Elms, ScriptedProvider]]:
    with elms_and_provider(tmp_path_factory.mktemp("sso"), KEY) as running:
        yield running


@pytest.fixture
def visit(both: tuple[Elms, ScriptedProvider]) -> Visit:
    return Visit.to_an_honest_provider(*both)


def begin(visit: Visit) -> str:
    """Leave for the provider; the state that it will send back."""
    return visit.provider.begun(visit.visitor.get("/sso", follow=False).headers["Location"])


def refused_before_the_provider_is_asked(visit: Visit) -> bool:
    return TOKEN not in visit.provider.asked and count_sessions(visit.elms) == 0


@pytest.mark.parametrize("state", ["other", "é", "", "\0", "x" * 500])
def test_a_state_that_was_never_sent_is_refused_whatever_its_characters(
    visit: Visit, state: str
) -> None:
    begin(visit)
    assert visit.come_back(state=state, code="a-code").status_code == 403
    assert refused_before_the_provider_is_asked(visit)


@pytest.mark.parametrize("cookie", ["", "other", "e30.AAAA", "W10.AAAA", "é", "." * 1_000, "null."])
def test_a_cookie_that_we_did_not_sign_is_refused(visit: Visit, cookie: str) -> None:
    state = begin(visit)
    visit.visitor.client.cookies.clear()
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())]
    answer = visit.visitor.client.get(
        "/sso/callback", params={"state": state, "code": "a-code"}, headers=headers
    )
    assert answer.status_code == 403
    assert refused_before_the_provider_is_asked(visit)


def test_a_cookie_under_another_pepper_is_refused(visit: Visit, tmp_path: Path) -> None:
    with running_elms(tmp_path, pepper="another pepper, as long as a pepper is") as other:
        flow = sso._Flow("state", "nonce", "verifier", "/", False, other.clock.now.timestamp())
        cookie = str(sso._signer(other.context).dumps(asdict(flow)))
    visit.visitor.client.cookies.set(COOKIE, cookie)
    assert visit.come_back(state="state", code="a-code").status_code == 403
    assert refused_before_the_provider_is_asked(visit)


def test_the_redirect_of_another_browser_signs_nobody_in(visit: Visit) -> None:
    """Forged sign-ins: the attacker's own code, in a browser that began none or another."""
    attackers = begin(visit)
    stranger = Visitor(visit.elms)
    path = f"/sso/callback?state={attackers}&code=a-code"
    assert stranger.get(path).status_code == 403
    stranger.get("/sso", follow=False)
    assert stranger.get(path).status_code == 403
    assert refused_before_the_provider_is_asked(visit)


def test_an_answer_works_once(visit: Visit) -> None:
    state = begin(visit)
    assert visit.come_back(state=state, code="a-code").status_code == 303
    assert visit.come_back(state=state, code="a-code").status_code == 403


@pytest.mark.parametrize(
    ("seconds", "status"), [(600, 303), (601, 403), (86_400, 403), (-20, 303), (-31, 403)]
)
def test_a_sign_in_expires_after_ten_minutes(visit: Visit, seconds: int, status: int) -> None:
    """Also where the clock was put back meanwhile."""
    state = begin(visit)
    visit.elms.clock.move(seconds=seconds)
    visit.provider.now = visit.elms.clock.now
    assert visit.come_back(state=state, code="a-code").status_code == status


@pytest.mark.parametrize("issuer", ["", "https://idp.example", "{issuer}/", "{issuer}x"])
def test_the_answer_of_another_provider_is_refused_before_its_code_is_sent(
    visit: Visit, issuer: str
) -> None:
    state = begin(visit)
    named = issuer.format(issuer=visit.provider.issuer)
    assert visit.come_back(state=state, code="a-code", iss=named).status_code == 403
    assert refused_before_the_provider_is_asked(visit)


def test_a_provider_that_announces_its_issuer_in_answers_has_to_send_it(visit: Visit) -> None:
    visit.provider.metadata["authorization_response_iss_parameter_supported"] = True
    state = begin(visit)
    assert visit.come_back(state=state, code="a-code").status_code == 403
    assert refused_before_the_provider_is_asked(visit)
    named = visit.come_back(state=state, code="a-code", iss=visit.provider.issuer)
    assert named.status_code == 303


def test_a_sign_in_canceled_by_the_person_says_so(visit: Visit) -> None:
    state = begin(visit)
    answer = visit.come_back(state=state, error="access_denied", error_description="<b>no</b>")
    assert answer.status_code == 403
    assert "was not completed" in answer.text
    assert "<b>no</b>" not in answer.text
    assert refused_before_the_provider_is_asked(visit)


def test_a_new_sign_in_ends_the_session_before_it(visit: Visit) -> None:
    visit.go()
    visit.go()
    assert count_sessions(visit.elms) == 1


def test_no_other_host_can_set_the_cookie_over_tls(tmp_path: Path) -> None:
    with (
        elms_and_provider(tmp_path, KEY) as (_, provider),
        running_elms(
            tmp_path, sso={"issuer": provider.issuer}, public_url="https://elms.test"
        ) as elms,
    ):
        cookie = Visitor(elms).get("/sso", follow=False).headers["Set-Cookie"]
    assert cookie.startswith("__Host-elms-sso=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie


UNPROTECTED = [
    *("http://idp.example", "idp.example", "ftp://idp.example", "https://", ""),
    *("https://a@idp.example", "https://idp.example?tenant=ms", "https://idp.example#x"),
    *("https://idp.example/ö", "https://[::1", "https://idp.example:x"),
]


@pytest.mark.parametrize("issuer", UNPROTECTED)
def test_an_unprotected_issuer_prevents_the_start(issuer: str) -> None:
    with pytest.raises(SettingsError, match=r"sso\.issuer"):
        load_settings(sso={"issuer": issuer})


@pytest.mark.parametrize("issuer", ["https://idp.example/", "https://idp.example"])
def test_a_slash_at_the_end_of_the_issuer_makes_no_difference(issuer: str) -> None:
    assert load_settings(sso={"issuer": issuer}).sso.issuer == "https://idp.example"


def test_a_scope_without_openid_prevents_the_start() -> None:
    with pytest.raises(SettingsError, match=r"sso\.scope"):
        load_settings(sso={"scope": "profile"})
