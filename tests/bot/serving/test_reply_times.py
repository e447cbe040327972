"""How long a caller of the telephone line waits for a reply, with the real engines, in audio time.

What engines compute takes no time here, so that the figures are the same on every machine: they are
the silence that ends an entry, what is waited for on purpose, and the line's frames.
``benchmarks.load.reply_times`` measures the same callers on the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache

import pytest

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.audio.files import read_audio, resample, to_pcm
from bot.lines.simulated_caller import CallerAction
from bot.resources import RECORDINGS
from bot.settings import Settings
from tests.support.asterisk import Channel
from tests.support.asterisk_call import InProcess, caller_variables, in_audio_time
from tests.support.dialog_driver import ACCOUNT
from tests.support.fake_elms import FakeBackend
from tests.support.measured_call import MeasuredCall, TimedCaller
from tests.support.telephone import Office

pytestmark = [pytest.mark.audio]

SAID = ("license_b.flac", "pin_b.flac", "one.flac", "one.flac", "four.flac")
KEYED = ("300715", "9164", "1", "1", "4")
BARGES_IN_MS = 2_000


@cache
def office_parts() -> dict[str, object]:
    model = Settings().model
    confidence = read_confidence(model).beside(rescorer=False)
    return {
        "ensemble": load_ensemble(model),
        "detector": SileroDetector(),
        "confidence": confidence,
    }


def office() -> Office:
    return Office(
        backend=FakeBackend({(KEYED[0], KEYED[1]): ACCOUNT}),
        **office_parts(),  # type: ignore[arg-type]
    )


def spoken(rate: int) -> list[CallerAction]:
    samples = (read_audio(RECORDINGS / name).samples for name in SAID)
    return [CallerAction(pcm=to_pcm(resample(one, 8_000, rate))) for one in samples]


def barging_in(actions: Sequence[CallerAction]) -> list[CallerAction]:
    return [
        CallerAction(when="prompt-start", after_ms=BARGES_IN_MS, pcm=one.pcm, keys=one.keys)
        for one in actions
    ]


def waits_ms(at: Office, actions: Sequence[CallerAction], kind: str) -> list[float]:
    """How long this caller waited for each reply."""

    async def call() -> list[float]:
        channel = Channel(kind, variables=caller_variables())
        peer = InProcess(at.app)
        assert await peer.connect() == 101
        caller = TimedCaller(barging_in(actions), channel.rate)
        caller.now_s = asyncio.get_running_loop().time
        asterisk = MeasuredCall(peer, caller, channel, longest_ms=120_000)
        await asterisk.talk()
        await peer.ended()
        return [wait.ms for wait in asterisk.waits]

    return in_audio_time(call())


@pytest.mark.parametrize(("kind", "rate"), [("slin", 8_000), ("slin16", 16_000)])
def test_a_spoken_entry_is_answered_within_three_tenths_of_a_second(kind: str, rate: int) -> None:
    """Also the PIN, which may still be corrected for a while: "thank you" comes at once."""
    answers = office()
    waited = waits_ms(answers, spoken(rate), kind)
    assert answers.record.outcome.outcome == "completed"
    assert [turn.mode for turn in answers.record.turns] == ["voice"] * len(SAID)
    assert len(waited) == len(SAID)
    assert max(waited) < 350
    assert sorted(waited)[len(waited) // 2] < 260


def test_a_keyed_entry_is_answered_with_the_next_frame() -> None:
    answers = office()
    waited = waits_ms(answers, [CallerAction(keys=keys) for keys in KEYED], "slin")
    assert answers.record.outcome.outcome == "completed"
    assert len(waited) == len(KEYED)
    assert max(waited) <= 40
