"""Answers outside the contract, as the bot's client meets them."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.adapters.backend_http import HttpBackend
from bot.elms.requests import (
    Account,
    Activity,
    Application,
    FetchAccount,
    License,
    Verify,
)
from bot.errors import BackendError
from bot.settings import BackendClient

pytestmark = pytest.mark.contract


def answering(handler: Callable[[httpx.Request], httpx.Response]) -> HttpBackend:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://elms.test")
    return HttpBackend(client, BackendClient(credential=SecretStr("credential")))


def _timeout(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


def _refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("", request=request)


@pytest.mark.parametrize(
    "handler",
    [
        _timeout,
        _refused,
        lambda _: httpx.Response(500, text="5827"),
        lambda _: httpx.Response(302, headers={"Location": "http://elsewhere.test"}),
        lambda _: httpx.Response(200, text="no json 5827"),
        lambda _: httpx.Response(200, content=b"\xff\xfe5827"),
        lambda _: httpx.Response(200, json=["5827"]),
        lambda _: httpx.Response(200, json={"verified": "yes"}),
        lambda _: httpx.Response(200, json={"verified": True, "token": 5827, "pace": "normal"}),
        lambda _: httpx.Response(200, json={}),
    ],
)
def test_anything_outside_the_contract_is_one_line_of_error_without_the_pin(
    handler: Callable[[httpx.Request], httpx.Response],
) -> None:
    backend = answering(handler)
    with pytest.raises(BackendError) as caught:
        asyncio.run(backend.ask(Verify("421903", "5827"), "call-1", None))
    assert "\n" not in str(caught.value)
    assert "5827" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


GOOD: dict[str, Any] = {
    "application": {
        "status": "IN_REVIEW",
        "application_type": "renewal",
        "queue": "renewal",
        "received": "2022-11-01",
        "processing_week": None,
        "reached": True,
        "letter_sent": None,
        "still_needed": ["CEU credits"],
        "document": None,
        "document_received": None,
        "license_class": None,
        "issued": None,
        "valid_through": None,
    },
    "licenses": [
        {
            "license_class": "A",
            "license_type": "five-year standard",
            "valid_through": "2023-06-30",
            "state": "expiring",
            "renewable": True,
        }
    ],
    "activities": [{"on": "2022-11-02", "event": "fee_paid", "subject": ""}],
}


def spoiled(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    answer = copy.deepcopy(GOOD)
    target: Any = answer
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return answer


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("application",), "IN_REVIEW"),
        (("application", "status"), None),
        (("application", "queue"), "third"),
        (("application", "received"), "1 November"),
        (("application", "reached"), "yes"),
        (("application", "still_needed"), "CEU"),
        (("application", "still_needed"), [1]),
        (("licenses",), None),
        (("licenses", 0), None),
        (("licenses", 0, "state"), "lapsed"),
        (("licenses", 0, "valid_through"), None),
        (("activities", 0, "on"), "2022-13-01"),
        (("activities", 0, "on"), 1_669_248_000),
        (("activities", 0, "on"), "1669248000"),
        (("activities", 0, "on"), "1899-12-31"),
        (("activities", 0, "on"), "2200-01-01"),
        (("activities", 0, "subject"), "x" * 201),
        (("activities", 0, "subject"), "half \ud83d"),
        (("activities",), [GOOD["activities"][0]] * 501),
        (("activities",), {}),
        (("application", "document"), 5),
        (("licenses", 0, "renewable"), 1),
    ],
)
def test_an_account_outside_the_contract_is_a_fault(path: tuple[Any, ...], value: Any) -> None:
    good = answering(lambda _: httpx.Response(200, json=GOOD))
    assert isinstance(asyncio.run(good.ask(FetchAccount("t"), "c", None)), Account)
    sent = json.dumps(spoiled(path, value))
    backend = answering(lambda _: httpx.Response(200, content=sent))
    with pytest.raises(BackendError) as caught:
        asyncio.run(backend.ask(FetchAccount("t"), "c", None))
    where = ".".join(map(str, path))
    assert str(caught.value).startswith(f"the backend's response violates the contract: {where}")


@pytest.mark.parametrize("path", [("application", "reached"), ("licenses", 0, "renewable")])
def test_a_missing_fact_is_not_invented(path: tuple[Any, ...]) -> None:
    answer = spoiled(path, None)
    target: Any = answer
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    backend = answering(lambda _: httpx.Response(200, json=answer))
    with pytest.raises(BackendError, match=str(path[-1])):
        asyncio.run(backend.ask(FetchAccount("t"), "c", None))


def test_facts_unknown_to_the_telephone_are_ignored() -> None:
    answer = spoiled(("licenses", 0, "endorsements"), ["Biology"]) | {"new": 1}
    backend = answering(lambda _: httpx.Response(200, json=answer))
    account = asyncio.run(backend.ask(FetchAccount("t"), "c", None))
    assert account == Account(
        Application(
            "IN_REVIEW", "renewal", "renewal", True, ("CEU credits",), received=date(2022, 11, 1)
        ),
        (License("A", "five-year standard", date(2023, 6, 30), "expiring", True),),
        (Activity(date(2022, 11, 2), "fee_paid", ""),),
    )
