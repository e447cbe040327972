"""How calls end: kept before a telephone rings, broken off, too long, or asked to leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from bot.calls.call import Begun, Call, Parts
from bot.calls.trace import Trace
from bot.elms.callflow import licensure_call
from bot.elms.session import Session
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.records import CallRecord
from bot.settings import Settings
from bot.types import Handover, LineEvent
from tests.bot.calls.test_calls import GRAMMARS, PROMPTS
from tests.support.dialog_driver import ACCOUNT, CLOSED, LICENSE_NUMBER, OPEN, PIN
from tests.support.fake_elms import FakeBackend
from tests.support.fakes import (
    RATE,
    FakeDetector,
    FakeSynthesizer,
    FakeTimer,
    alone,
)

pytestmark = pytest.mark.call

ASKS_FOR_A_PERSON = [CallerAction(keys="0", wait_ms=20_000)]
LEAVES = [CallerAction(when="prompt-start", after_ms=100, hangup=True)]


class Line(SimulatedLine):
    """Writes down when it was told what, and may fail at it."""

    def __init__(self, actions: list[CallerAction], story: list[str]) -> None:
        super().__init__(SimulatedCaller(actions, RATE), RATE)
        self.story = story
        self.fails: Exception | None = None
        self.cancel_ms: int | None = None

    async def events(self) -> AsyncIterator[LineEvent]:
        async for event in super().events():
            if self.now_ms == self.cancel_ms:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                await asyncio.sleep(0)
            yield event

    async def transfer(self, handover: Handover, call_id: str) -> None:
        self.story.append(f"transfer {call_id}")
        if self.fails is not None:
            raise self.fails
        await super().transfer(handover, call_id)

    async def hangup(self) -> None:
        self.story.append("hangup")
        await super().hangup()
        if self.fails is not None:
            raise self.fails


@dataclass
class Stage:
    """A call that is to be made, and what came of it."""

    actions: list[CallerAction]
    is_open: bool = True
    longest_ms: int = 1_800_000
    fails: Exception | None = None
    story: list[str] = field(default_factory=list)
    kept: list[CallRecord] = field(default_factory=list)
    voice: FakeSynthesizer = field(default_factory=FakeSynthesizer)
    line: Line = field(init=False)
    call: Call = field(init=False)

    def __post_init__(self) -> None:
        ensemble = alone()
        parts = Parts(
            prompts=PROMPTS,
            vocabulary=Vocabulary(GRAMMARS, ensemble.first),
            ensemble=ensemble,
            detector=FakeDetector(),
            synthesizer=self.voice,
            workers=InlineWorkers(),
            backend=FakeBackend({(LICENSE_NUMBER, PIN): ACCOUNT}),
            timer=FakeTimer(),
            longest_ms=self.longest_ms,
        )
        self.line = Line(self.actions, self.story)
        self.line.fails = self.fails
        now = OPEN if self.is_open else CLOSED
        begun = Begun("call-1", OPEN.isoformat(), lambda: self.is_open, lambda: now)
        self.call = Call(parts, self.line, begun, Trace())

    async def keep(self, record: CallRecord) -> None:
        self.story.append(f"kept {record.outcome.outcome}")
        self.kept.append(record)

    async def run(self) -> CallRecord:
        session = Session.begin(Settings(), self.is_open, date(2022, 6, 14))
        return await self.call.run(lambda: licensure_call(session), self.keep)


def test_the_record_is_stored_before_the_representatives_telephone_can_ring() -> None:
    stage = Stage(ASKS_FOR_A_PERSON)
    asyncio.run(stage.run())
    assert stage.story == ["kept transferred", "transfer call-1"]
    assert stage.kept[0].handover == Handover("caller asked", None, False, None, "representative")


def test_other_callers_do_not_wait_for_the_record() -> None:
    stage = Stage(LEAVES)
    asyncio.run(stage.run())
    assert stage.story == ["hangup", "kept hangup"]


def test_a_transfer_that_is_refused_ends_the_call() -> None:
    stage = Stage(ASKS_FOR_A_PERSON, fails=OSError("refused"))
    asyncio.run(stage.run())
    assert stage.story == ["kept transferred", "transfer call-1", "hangup"]


def test_a_line_that_cannot_hang_up_loses_no_record() -> None:
    stage = Stage(LEAVES, fails=OSError("gone"))
    asyncio.run(stage.run())
    assert stage.story == ["hangup", "kept hangup"]


def test_a_canceled_call_is_stored_and_stays_canceled() -> None:
    stage = Stage([CallerAction(wait_ms=600_000)])

    async def call() -> bool:
        calling = asyncio.create_task(stage.run())
        await asyncio.wait({calling})
        return calling.cancelled()

    stage.line.cancel_ms = 2_000
    assert asyncio.run(call())
    assert stage.story == ["hangup", "kept failed"]
    assert stage.kept[0].outcome.reason == "canceled"


@pytest.mark.parametrize(
    ("is_open", "said", "story"),
    [
        (True, "connect you", ["kept failed", "transfer call-1"]),
        (False, "office is closed", ["hangup", "kept failed"]),
    ],
)
def test_a_call_that_is_asked_to_leave_ends_politely(
    is_open: bool, said: str, story: list[str]
) -> None:
    stage = Stage([], is_open=is_open)
    stage.call.leave("the service is being stopped")
    asyncio.run(stage.run())
    assert "I have to end our conversation" in stage.voice.text
    assert said in stage.voice.text
    assert stage.story == story
    assert stage.kept[0].outcome.reason == "the service is being stopped"


@pytest.mark.parametrize("is_open", [True, False])
def test_no_call_exceeds_the_maximum_by_more_than_its_last_words(is_open: bool) -> None:
    asks_again = [CallerAction(keys="*", wait_ms=400) for _ in range(40)]
    stage = Stage(asks_again, is_open=is_open, longest_ms=20_000)
    record = asyncio.run(stage.run())
    assert record.outcome.reason == "the call was too long"
    assert 20_000 < record.duration_ms < 40_000


def test_a_caller_who_hung_up_is_not_asked_to_leave() -> None:
    stage = Stage(LEAVES)

    async def call() -> CallRecord:
        record = await stage.run()
        stage.call.leave("the service is being stopped")
        return record

    assert asyncio.run(call()).outcome.outcome == "hangup"
