"""The bot's client against the real service, in process: the contract that both keep."""

from __future__ import annotations

import asyncio
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
    FetchAccount,
    FetchService,
    NotVerified,
    Request,
    Service,
    Verified,
    Verify,
)
from bot.errors import BackendRefusedError, BackendRejectedError
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

IN_REVIEW = ACCOUNTS[0]
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


def test_repeating_a_lost_refusal_costs_one_attempt_and_repeating_a_right_pin_costs_none(
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
    elms.clock.move(minutes=10, seconds=1)
    with pytest.raises(BackendRefusedError):
        ask(elms, FetchAccount(answer.token))
