"""The bot's client against the real service, in process: the contract that both keep."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.adapters.backend_http import HttpBackend
from bot.elms.requests import (
    Account,
    Activity,
    Application,
    FetchAccount,
    FetchService,
    License,
    NotVerified,
    Request,
    Service,
    Verified,
    Verify,
)
from bot.errors import BackendError, BackendRefusedError, BackendRejectedError
from bot.records import CallRecord, Timing, TurnRecord
from bot.settings import BackendClient
from bot.types import CallBack, CallOutcome, Handover
from server.domain import ActivityEvent, ApplicationType, Document, Status
from server.models import Attempt, Call
from server.seed.demonstration import ACCOUNTS, DemoAccount
from server.services.call_backs import open_promises
from server.settings import DEMO_BOT_CREDENTIAL
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.contract
T = TypeVar("T")

IN_REVIEW, REQUIREMENTS = ACCOUNTS[0], ACCOUNTS[1]
WITH_PIN = [account for account in ACCOUNTS if account.pin]


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def with_backend(
    elms: Elms, work: Callable[[HttpBackend], Awaitable[T]], credential: str = DEMO_BOT_CREDENTIAL
) -> T:
    async def run() -> T:
        transport = httpx.ASGITransport(elms.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://elms.test") as client:
            patient = BackendClient(credential=SecretStr(credential), timeout_ms=60_000)
            return await work(HttpBackend(client, patient))

    return asyncio.run(run())


def ask(elms: Elms, request: Request, call_id: str = "call-1", **more: Any) -> Any:
    return with_backend(elms, lambda backend: backend.ask(request, call_id, None), **more)


def account_of(elms: Elms, account: DemoAccount) -> Account:
    async def read(backend: HttpBackend) -> Account:
        call_id = f"call-{account.license_number}"
        answer = await backend.ask(Verify(account.license_number, account.pin or ""), call_id, "")
        assert isinstance(answer, Verified)
        facts = await backend.ask(FetchAccount(answer.token), call_id, None)
        assert isinstance(facts, Account)
        return facts

    return with_backend(elms, read)


def test_a_right_pin_gives_a_token_and_the_pace(elms: Elms) -> None:
    slow = next(account for account in ACCOUNTS if account.pace == "slow")
    assert ask(elms, Verify(IN_REVIEW.license_number, IN_REVIEW.pin or "")).pace == "normal"
    answer = ask(elms, Verify(slow.license_number, slow.pin or ""), "call-2")
    assert answer.pace == "slow"
    assert answer.token


def test_a_wrong_pin_is_not_verified(elms: Elms) -> None:
    assert ask(elms, Verify(IN_REVIEW.license_number, "1357")) == NotVerified()


@pytest.mark.parametrize("account", WITH_PIN, ids=lambda each: each.license_number)
def test_every_demonstration_account_has_its_status(elms: Elms, account: DemoAccount) -> None:
    facts = account_of(elms, account)
    assert (facts.application.status if facts.application else None) == account.status
    if account.standing == "none":
        return
    expected = "valid" if account.status == Status.ISSUED else account.standing
    assert expected in {each.state for each in facts.licenses}


def test_the_seed_covers_every_status_with_its_details(elms: Elms) -> None:
    told = {account.status: account_of(elms, account) for account in WITH_PIN}
    assert set(told) == {*Status, None}
    letter = told[Status.REQUIREMENTS_SENT].application
    assert letter
    assert letter.letter_sent
    assert set(letter.still_needed) <= set(Document)
    arrived = told[Status.DOCUMENT_RECEIVED].application
    assert arrived
    assert arrived.document
    assert arrived.document_received
    issued = told[Status.ISSUED].application
    assert issued
    assert issued.issued
    assert issued.valid_through
    assert (issued.valid_through.month, issued.valid_through.day) == (6, 30)
    person = told[Status.REPRESENTATIVE_ONLY].application
    assert person
    assert (person.received, person.still_needed, person.letter_sent) == (None, (), None)


def test_a_received_application_says_whether_its_turn_has_come(elms: Elms) -> None:
    received = [account for account in WITH_PIN if account.status is Status.RECEIVED]
    for account in received:
        application = account_of(elms, account).application
        assert application
        assert application.reached is account.reached
        assert application.processing_week
        assert application.queue == account.application_type.queue


def test_every_code_in_an_answer_is_in_the_domain(elms: Elms) -> None:
    for account in WITH_PIN:
        facts = account_of(elms, account)
        assert {each.event for each in facts.activities} <= set(ActivityEvent)
        if facts.application:
            assert facts.application.application_type in set(ApplicationType)


def test_the_service_lists_its_holidays(elms: Elms) -> None:
    answer = ask(elms, FetchService())
    assert isinstance(answer, Service)
    assert date(2022, 11, 24) in answer.holidays


def test_repeating_a_lost_refusal_costs_one_attempt_and_repeating_a_right_pin_none(
    elms: Elms,
) -> None:
    wrong = Verify(IN_REVIEW.license_number, "1357")
    assert [ask(elms, wrong) for _ in range(8)] == [NotVerified()] * 8
    right = Verify(IN_REVIEW.license_number, IN_REVIEW.pin or "", attempt=2)
    assert [type(ask(elms, right)) for _ in range(3)] == [Verified] * 3
    with elms.context.database.read() as session:
        results = session.scalars(select(Attempt.result).order_by(Attempt.number)).all()
    assert results == ["wrong", "verified", "verified", "verified"]  # each was looked at again


def test_a_repeat_cannot_try_another_pin(elms: Elms) -> None:
    ask(elms, Verify(IN_REVIEW.license_number, "1357"))
    again = Verify(IN_REVIEW.license_number, IN_REVIEW.pin or "")
    assert ask(elms, again) == NotVerified()


RECORD = CallRecord(
    call_id="call-77",
    started_utc="2022-12-05T16:00:00.000000Z",
    line="recording",
    duration_ms=61_000,
    outcome=CallOutcome("transferred", "asked", verified=True, license_number="421903"),
    turns=(
        TurnRecord(
            field="license_number",
            attempt=1,
            result="match",
            timing=Timing(0, 9_000, None, 4_000, 8_400, 190),
            mode="mixed",
            confidence=0.97,
            utterance="four two one nine oh three",
            value="421903",
            grammar="digits.grxml?length=6",
            decision="accept",
            partials=((4_900, "four"), (5_300, "four two")),
        ),
        TurnRecord(field="pin", attempt=1, result="match", timing=Timing(9_000, 12_000)),
    ),
    handover=Handover("asked", "421903", True, None, "renewal"),
    pbx_id="pbx1-1795993468.2",
    call_back=CallBack("6015550142", "08:00", "12:00", "call-76"),
)


def test_a_call_record_arrives_completely_and_once(elms: Elms) -> None:
    for _ in range(2):
        with_backend(elms, lambda backend: backend.store_call(RECORD))
    with elms.context.database.read() as session:
        call = session.scalars(select(Call)).one()
        assert (call.outcome, call.duration_ms, call.license_number) == (
            "transferred",
            61_000,
            "421903",
        )
        assert call.handover is not None
        assert call.handover["wanted"] == "renewal"
        assert call.pbx_id == "pbx1-1795993468.2"
        first, second = call.turns
        assert first.partials == [[4_900, "four"], [5_300, "four two"]]
        assert (first.confidence, first.mode) == (0.97, "mixed")
        assert (second.utterance, second.value) == (None, None)
    (promise,) = open_promises(elms.context)
    assert (promise.number, promise.earliest, promise.latest) == ("6015550142", "08:00", "12:00")


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("license_number", True),
        ("yesno", True),
        ("menu", True),
        ("pin", False),
        ("PIN", False),
        ("new_pin", False),
        ("birth_date", False),
        ("", False),
    ],
)
def test_only_words_of_open_fields_are_kept(elms: Elms, field: str, kept: bool) -> None:
    """Of the PIN's none, and none of a field that this server does not know (S2)."""
    turn = TurnRecord(
        field=field,
        attempt=1,
        result="match",
        timing=Timing(0, 1),
        utterance="one two",
        value="12",
        partials=((1, "one"),),
    )
    record = CallRecord("call-2", "2022-12-05T16:00:00Z", "x", 1, RECORD.outcome, (turn,))
    with_backend(elms, lambda backend: backend.store_call(record))
    with elms.context.database.read() as session:
        stored = session.scalars(select(Call)).one().turns[0]
        words = ("one two", "12", [[1, "one"]]) if kept else (None, None, [])
        assert (stored.utterance, stored.value, stored.partials) == words
        assert (stored.field, stored.result, stored.end_ms) == (field, "match", 1)


def test_a_record_that_is_too_long_is_refused_permanently(elms: Elms) -> None:
    """The bot sets it aside: sent again, it would hold up the records after it."""
    turn = TurnRecord("menu", 1, "nomatch", Timing(0, 1), partials=((1, "x" * 400),) * 2_000)
    long = CallRecord("call-3", "2022-12-05T16:00:00Z", "x", 1, RECORD.outcome, (turn,) * 2)
    with pytest.raises(BackendRejectedError):
        with_backend(elms, lambda backend: backend.store_call(long))


def test_another_credential_is_refused(elms: Elms) -> None:
    with pytest.raises(BackendRefusedError):
        ask(elms, FetchService(), credential="another")


def test_an_old_token_is_refused(elms: Elms) -> None:
    answer = ask(elms, Verify(IN_REVIEW.license_number, IN_REVIEW.pin or ""))
    elms.clock.move(minutes=elms.settings.token_minutes, seconds=1)
    with pytest.raises(BackendRefusedError):
        ask(elms, FetchAccount(answer.token))


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
