"""What answers calls, wired as the settings say: who waits for a sentence, and how long."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.bootstrap import call_service
from bot.calls.call import EndedCall
from bot.interfaces import Timer
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.replay.runner import ScriptedTimer
from bot.settings import BackendClient, load_settings

pytestmark = pytest.mark.e2e

RATE = 8_000
NOBODY = BackendClient(url="http://127.0.0.1:9", timeout_ms=60_000)
"""The discard port: nothing listens there."""


def greeted(folder: Path, timer: Timer | None, warm_rates: tuple[int, ...] = ()) -> EndedCall:
    """A caller who leaves during the greeting, where nobody waits longer than 1 ms."""
    settings = load_settings(
        out=folder, speech={"patience_ms": 1, "cache": None}, slow={"rate_percent": 100}
    )

    async def call() -> EndedCall:
        leaves = CallerAction(when="prompt-start", after_ms=100, hangup=True)
        async with call_service(
            settings, backend=NOBODY, timer=timer, warm_rates=warm_rates
        ) as calls:
            return await calls.answer(SimulatedLine(SimulatedCaller([leaves], RATE), RATE))

    return asyncio.run(call())


def lost(call: EndedCall) -> list[str]:
    """The sentences that came too late."""
    return [event.detail for event in call.trace.events if event.text == "error.noresource.tts"]


def test_a_live_caller_waits_no_longer_than_configured(tmp_path: Path) -> None:
    assert "the speech engine did not respond within 0.001 s" in lost(greeted(tmp_path, timer=None))


def test_a_recorded_call_waits_for_a_sentence_however_late_it_is(tmp_path: Path) -> None:
    call = greeted(tmp_path, timer=ScriptedTimer())
    assert call.record.outcome.outcome == "hangup"
    assert lost(call) == []


def test_sentences_made_before_the_first_call_have_no_deadline(tmp_path: Path) -> None:
    assert lost(greeted(tmp_path, timer=None, warm_rates=(RATE,))) == []
