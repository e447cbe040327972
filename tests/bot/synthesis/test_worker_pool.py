"""Whatever happens to a voice, closing it leaves no process and no pipe to the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.errors import SynthesisError
from bot.settings import Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Say
from tests.support import speech_engines as engines

pytestmark = pytest.mark.audio

HELLO = Say("Hello, this is a sentence.")
SPEECH = Speech(cache=None, timeout_ms=60_000, workers=4)
SOON_S = 0.01


async def cannot_be_built(voice: SentenceSynthesizer) -> None:
    with pytest.raises(SynthesisError):
        await voice.start()


async def is_left_while_starting(voice: SentenceSynthesizer) -> None:
    starting = asyncio.create_task(voice.start())
    await asyncio.sleep(SOON_S)
    starting.cancel()


async def is_left_while_speaking(voice: SentenceSynthesizer) -> None:
    await voice.start()
    speaking = asyncio.create_task(voice.speak((HELLO,), 8_000))
    await asyncio.sleep(SOON_S)
    speaking.cancel()


async def is_killed_from_outside(voice: SentenceSynthesizer) -> None:
    await voice.start()
    for pid in voice.pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("engine", "happens"),
    [
        (engines.NeverBuilt, cannot_be_built),
        (engines.Tone, is_left_while_starting),
        (engines.Hangs, is_left_while_speaking),
        (engines.Tone, is_killed_from_outside),
    ],
)
def test_closing_waits_for_every_process_and_its_pipes(
    engine: type,
    happens: Callable[[SentenceSynthesizer], Coroutine[Any, Any, None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise they are closed when their event loop is gone, wherever memory is collected."""

    async def call() -> None:
        async with SentenceSynthesizer(engines.spec(engine), SPEECH) as voice:
            await happens(voice)

    gc.collect()
    faults: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda fault: faults.append(repr(fault)))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(3):
            asyncio.run(call())
        gc.collect()
    assert [str(one.message) for one in warned] + faults == []
