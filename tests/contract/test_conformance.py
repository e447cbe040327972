"""What docs/contract.md requires of an ELMS, asked of the real service and of the mock.

A department asks its own: ELMS_CONTRACT_URL, ELMS_CONTRACT_CREDENTIAL, ELMS_CONTRACT_NUMBER, and
ELMS_CONTRACT_PIN name a test system and an invented educator in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from server.api.examples import CALL
from server.contract import AccountOut, ServiceOut, VerificationOut
from server.seed.demonstration import ACCOUNTS
from server.settings import DEMO_BOT_CREDENTIAL
from tests.support import mock_elms
from tests.support.elms_service import running_elms

pytestmark = pytest.mark.contract

OWN = os.environ.get("ELMS_CONTRACT_URL")
SYSTEMS = ["service", "mock", *(["own"] if OWN else [])]


@dataclass(frozen=True)
class System:
    """An ELMS, and an educator of it whose account is invented."""

    client: httpx.Client
    credential: str
    number: str
    pin: str

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.credential}"} | more.pop("headers", {})
        return self.client.request(method, f"/api/v1/{path}", headers=headers, **more)

    def verify(self, **other: Any) -> httpx.Response:
        sent = {"license_number": self.number, "pin": self.pin, "call_id": uuid4().hex}
        return self.ask("POST", "verifications", json=sent | other)


@pytest.fixture(scope="module", params=SYSTEMS)
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    with opened(request.param, tmp_path_factory.mktemp("elms")) as one:
        yield one


@contextmanager
def opened(name: str, folder: Path) -> Iterator[System]:
    if name == "service":
        known = next(account for account in ACCOUNTS if account.pin)
        with running_elms(folder) as elms:
            client = TestClient(elms.app)
            yield System(client, DEMO_BOT_CREDENTIAL, known.license_number, known.pin or "")
    elif name == "mock":
        client = TestClient(mock_elms.create_app())
        yield System(client, mock_elms.CREDENTIAL, mock_elms.LICENSE_NUMBER, mock_elms.PIN)
    else:
        number, pin = os.environ["ELMS_CONTRACT_NUMBER"], os.environ["ELMS_CONTRACT_PIN"]
        with httpx.Client(base_url=str(OWN)) as own:
            yield System(own, os.environ["ELMS_CONTRACT_CREDENTIAL"], number, pin)


def another(pin: str) -> str:
    """A PIN that is wrong."""
    return f"{(int(pin) + 1_111) % 10_000:04}"


def test_a_right_pin_gives_a_token_that_reads_the_account(system: System) -> None:
    answer = system.verify()
    assert answer.status_code == 200
    verified = VerificationOut.model_validate_json(answer.content, strict=True)
    assert verified.verified
    account = system.ask("GET", "account", headers={"X-Call-Token": verified.token or ""})
    assert account.status_code == 200
    assert account.headers["Cache-Control"] == "no-store"
    AccountOut.model_validate_json(account.content)


def test_a_wrong_pin_and_an_unknown_number_have_the_same_answer(system: System) -> None:
    wrong = system.verify(pin=another(system.pin))
    unknown = system.verify(license_number="990001")
    assert wrong.content == unknown.content
    assert wrong.json() == {"verified": False, "token": None, "pace": "normal"}


def test_a_used_attempt_does_not_check_another_pin(system: System) -> None:
    call_id = uuid4().hex
    refused = system.verify(call_id=call_id, pin=another(system.pin))
    assert system.verify(call_id=call_id, pin=another(system.pin)).json() == refused.json()
    assert not system.verify(call_id=call_id).json()["verified"]
    assert system.verify(call_id=call_id, attempt=2).json()["verified"]


def test_the_service_gives_holidays_and_weeks(system: System) -> None:
    ServiceOut.model_validate_json(system.ask("GET", "service").content)


def test_a_record_is_kept_once(system: System) -> None:
    record = CALL | {"call_id": uuid4().hex}
    stored = [system.ask("PUT", f"calls/{record['call_id']}", json=record) for _ in range(2)]
    assert [one.status_code for one in stored] == [204, 204]
    other = record | {"duration_ms": 1}
    assert system.ask("PUT", f"calls/{record['call_id']}", json=other).status_code == 409
    assert system.ask("PUT", "calls/of-another", json=record).status_code == 409


@pytest.mark.parametrize("credential", ["", "Bearer of-another", "Basic x"])
def test_without_the_credential_nothing_is_disclosed(system: System, credential: str) -> None:
    for method, path in (("GET", "service"), ("GET", "account"), ("POST", "verifications")):
        answer = system.ask(method, path, headers={"Authorization": credential}, json={})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_token_that_was_never_issued_reads_nothing(system: System) -> None:
    assert system.ask("GET", "account", headers={"X-Call-Token": "x" * 43}).status_code == 401


@pytest.mark.parametrize("other", [{"surprise": 1}, {"pin": "58271"}, {"attempt": 0}])
def test_a_request_outside_the_contract_is_refused_without_the_pin(
    system: System, other: dict[str, Any]
) -> None:
    answer = system.verify(**other)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert other.get("pin", system.pin) not in answer.text
