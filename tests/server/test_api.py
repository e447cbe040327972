"""The API's manners: problems, headers, limits, health, metrics, and nothing repeated (S13)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from server.api.examples import ACCOUNT, CALL_ID, SERVICE, VERIFIED
from server.contract import AccountOut, ServiceOut, VerificationOut
from server.models import Call
from server.seed.demonstration import ACCOUNTS
from server.web.middleware import SECURITY_HEADERS
from server.web.rate_limit import RateLimiter
from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
METRICS = {"Authorization": "Bearer demonstration-metrics-credential"}
JSON = "application/json"
ROUTES = [
    ("POST", "/api/v1/verifications"),
    ("GET", "/api/v1/account"),
    ("GET", "/api/v1/service"),
    ("PUT", "/api/v1/calls/call-1"),
]


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic ZWxtcw=="])
def test_only_the_bots_credential_opens_the_api(
    elms: Elms, method: str, path: str, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = elms.client.request(method, path, headers=headers, json={})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change",
    [
        {"pin": "58271"},
        {"pin": "58a7"},
        {"pin": 5827},
        {"pin": None},
        {"license_number": "42190x"},
        {"license_number": "1"},
        {"call_id": "a b"},
        {"call_id": ""},
        {"attempt": 0},
        {"mode": "shouted"},
        {"caller_number": "6" * 40},
        {"caller_number": "601\u0000"},
        {"more": 1},
    ],
)
def test_a_request_outside_the_contract_is_named_and_not_repeated(
    elms: Elms, change: dict[str, Any]
) -> None:
    sent = {"license_number": NUMBER, "pin": RIGHT, "call_id": "call-1"} | change
    answer = elms.client.post("/api/v1/verifications", json=sent, headers=BOT)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["errors"]
    for secret in (RIGHT, "58271", "58a7"):
        assert secret not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"5827"', b"\xff\xfe"])
def test_a_body_other_than_an_object_is_a_problem_response(elms: Elms, body: bytes) -> None:
    headers = BOT | {"Content-Type": "application/json"}
    answer = elms.client.post("/api/v1/verifications", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert "5827" not in answer.text


def test_the_record_of_another_call_is_refused(elms: Elms) -> None:
    record = {
        "call_id": "call-2",
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "completed", "reason": "goodbye"},
    }
    assert elms.client.put("/api/v1/calls/call-1", json=record, headers=BOT).status_code == 409


TURN: dict[str, Any] = {
    "field": "license_number",
    "attempt": 1,
    "result": "match",
    "start_ms": 0,
    "end_ms": 900,
    "confidence": 0.1 + 0.2,
    "utterance": "four two one",
    "partials": [[300, "four"], [600, "four two"]],
}
RECORD: dict[str, Any] = {
    "call_id": "call-1",
    "started_utc": "2022-12-05T10:00:00.123456-06:00",
    "line": "text",
    "duration_ms": 1,
    "outcome": {"outcome": "transferred", "reason": "asked", "license_number": NUMBER},
    "turns": [TURN, TURN | {"field": "pin", "utterance": None, "partials": []}],
    "handover": {"reason": "asked", "license_number": NUMBER, "verified": True},
}


def test_the_same_record_again_changes_nothing(elms: Elms) -> None:
    again = RECORD | {"started_utc": "2022-12-05T16:00:00.123456Z"}
    for record in (RECORD, RECORD, again):
        assert elms.client.put("/api/v1/calls/call-1", json=record, headers=BOT).status_code == 204
    with elms.context.database.read() as session:
        assert len(session.scalars(select(Call)).all()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"duration_ms": 2},
        {"started_utc": "2022-12-05T16:00:00Z"},
        {"outcome": {"outcome": "completed", "reason": "goodbye"}},
        {"handover": None},
        {"handover": {"reason": "asked", "license_number": NUMBER, "verified": False}},
        {"turns": []},
        {"turns": [TURN | {"confidence": 0.3}, *RECORD["turns"][1:]]},
        {"turns": list(reversed(RECORD["turns"]))},
    ],
)
def test_another_record_under_the_name_of_a_stored_call_is_refused(
    elms: Elms, change: dict[str, Any]
) -> None:
    """It is not lost without a word: the bot sets it aside."""
    assert elms.client.put("/api/v1/calls/call-1", json=RECORD, headers=BOT).status_code == 204
    other = elms.client.put("/api/v1/calls/call-1", json=RECORD | change, headers=BOT)
    assert other.status_code == 409
    again = elms.client.put("/api/v1/calls/call-1", json=RECORD, headers=BOT)
    assert again.status_code == 204
    assert 'elms_calls_total{outcome="transferred"} 1.0' in metrics(elms)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/service", "/health", "/nowhere"])
def test_every_answer_has_the_security_headers(elms: Elms, path: str) -> None:
    answer = elms.client.get(path, follow_redirects=False)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.headers["X-Request-ID"]) == 16


def test_the_content_policy_allows_no_script_and_nothing_inline() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


def test_only_the_desk_has_a_script_and_no_page_with_a_pin_field_has_one(project: Path) -> None:
    """The desk, whose list updates by itself, has one file of ours, and no field (decision 28)."""
    desk = (project / "server" / "templates" / "desk.html").read_text()
    assert desk.count("<script") == 1
    assert '<script src="/static/desk.js" defer></script>' in desk
    assert "pin_field" not in desk


def test_templates_contain_no_script_and_no_inline_style(project: Path) -> None:
    for template in (project / "server" / "templates").glob("*.html"):
        text = template.read_text().replace('<script src="/static/desk.js" defer></script>', "")
        for forbidden in ("<script", "style=", " onclick", "javascript:", "|safe", "| safe"):
            assert forbidden not in text, template.name


def test_too_many_requests_have_to_wait(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"requests_per_minute": 3}) as elms:
        answers = [elms.client.get("/api/v1/service", headers=BOT) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
        assert elms.client.get("/health").status_code == 200


def test_a_browser_that_asks_too_often_gets_a_page(tmp_path: Path) -> None:
    with running_elms(tmp_path, limits={"page_requests_per_minute": 2}) as elms:
        answers = [elms.client.get("/sign-in") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Content-Type"].startswith("text/html")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30
    assert "Please try again in" in answers[-1].text


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    limiter = RateLimiter(60, lambda: now[0])
    assert [limiter.wait_s("a") for _ in range(61)] == [0] * 60 + [1]
    assert limiter.wait_s("b") == 0
    now[0] = 1.0
    assert limiter.wait_s("a") == 0


def test_health_and_readiness_differ_when_the_database_is_lost(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert elms.client.get("/ready").json() == {"status": "ready"}

    def lost(*_: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(type(elms.context.database.engine), "connect", lost)
    assert elms.client.get("/health").status_code == 200
    assert elms.client.get("/ready").status_code == 503
    answer = elms.client.get("/api/v1/service", headers=BOT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_fault_is_a_problem_response_without_a_traceback(
    elms: Elms, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"pin was {RIGHT}")

    monkeypatch.setattr("server.api.routes.verify", broken)
    answer = elms.verify(NUMBER, RIGHT)
    assert answer.status_code == 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert RIGHT not in answer.text
    printed = capsys.readouterr()
    assert RIGHT not in printed.out + printed.err


def test_a_fault_is_logged_by_its_route_not_by_its_address(
    elms: Elms, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("server.api.routes.store", broken)
    record = {
        "call_id": NUMBER,
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "completed", "reason": "goodbye"},
    }
    answer = elms.client.put(f"/api/v1/calls/{NUMBER}", json=record, headers=BOT)
    assert answer.status_code == 500
    printed = capsys.readouterr()
    assert "/api/v1/calls/{call_id}" in printed.out + printed.err
    assert NUMBER not in printed.out + printed.err


def metrics(elms: Elms) -> str:
    return str(elms.client.get("/metrics", headers=METRICS).text)


def test_metrics_contain_no_personal_data(elms: Elms) -> None:
    elms.verify(NUMBER, RIGHT, caller_number="6015550142")
    elms.client.get(f"/nowhere/{NUMBER}")
    assert elms.client.get("/metrics").status_code == 401
    text = metrics(elms)
    assert 'elms_pin_checks_total{channel="telephone",result="verified"} 1.0' in text
    assert 'route="/api/v1/verifications"' in text
    moments = ("_created", "_sum")  # any digits may be in a time
    told = "\n".join(line for line in text.splitlines() if not any(map(line.__contains__, moments)))
    for personal in (NUMBER, RIGHT, "6015550142"):
        assert personal not in told


def test_logs_have_routes_and_never_request_data(
    elms: Elms, capsys: pytest.CaptureFixture[str]
) -> None:
    elms.verify(NUMBER, RIGHT, caller_number="6015550142")
    elms.client.get("/calls/" + NUMBER)
    printed = capsys.readouterr()
    assert "/api/v1/verifications" in printed.out + printed.err
    for personal in (NUMBER, RIGHT, "6015550142"):
        assert personal not in printed.out + printed.err


OPERATIONS = {
    ("/api/v1/verifications", "post"): "200",
    ("/api/v1/account", "get"): "200",
    ("/api/v1/service", "get"): "200",
    ("/api/v1/calls/{call_id}", "put"): "204",
}


@pytest.fixture
def described(elms: Elms) -> dict[str, Any]:
    answer: dict[str, Any] = elms.client.get("/api/v1/openapi.json").json()
    return answer


def examples_of(described: dict[str, Any], media: dict[str, Any]) -> list[Any]:
    """The examples of a body: its own, or those of the schema that it refers to."""
    if "example" in media:
        return [media["example"]]
    name = media["schema"]["$ref"].rpartition("/")[2]
    found: list[Any] = described["components"]["schemas"][name]["examples"]
    return found


def test_the_interface_description_has_an_example_of_everything(described: dict[str, Any]) -> None:
    operations = {(path, each) for path, found in described["paths"].items() for each in found}
    assert operations == set(OPERATIONS)
    for path, method in OPERATIONS:
        operation = described["paths"][path][method]
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for body in [*bodies, *operation["responses"].values()]:
            for media in body.get("content", {}).values():
                assert examples_of(described, media), (path, body)
        for parameter in operation.get("parameters", []):
            assert parameter["schema"]["examples"], parameter["name"]


def test_the_service_answers_the_examples_as_documented(
    elms: Elms, described: dict[str, Any]
) -> None:
    """What the description shows can be sent; what comes has the members that it shows."""
    for (path, method), status in OPERATIONS.items():
        operation = described["paths"][path][method]
        sent = None
        if "requestBody" in operation:
            sent = examples_of(described, operation["requestBody"]["content"][JSON])[0]
        headers = BOT | {"X-Call-Token": elms.token(NUMBER, RIGHT)}
        there = path.replace("{call_id}", CALL_ID)
        answer = elms.client.request(method, there, json=sent, headers=headers)
        assert str(answer.status_code) == status, answer.text
        if status == "204":
            continue
        shown = examples_of(described, operation["responses"][status]["content"][JSON])
        assert all(set(answer.json()) == set(each) for each in shown)


@pytest.mark.parametrize(
    ("model", "document"),
    [(AccountOut, ACCOUNT), (ServiceOut, SERVICE), (VerificationOut, VERIFIED)],
)
def test_the_examples_of_answers_follow_the_contract(
    model: type[BaseModel], document: dict[str, Any]
) -> None:
    assert model.model_validate(document).model_dump(mode="json") == document
