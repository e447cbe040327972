"""Sentences through real worker processes: engines that crash, hang, fail or fall silent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.audio.files import level_db, to_samples
from bot.errors import SynthesisError
from bot.settings import Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Say, Silence
from tests.support import speech_engines as engines

pytestmark = pytest.mark.audio

MOST_WAITING_DOWN = 8
T = TypeVar("T")
HELLO = Say("Hello, this is a sentence.")
WORKS_MS, PATIENT_MS = 20_000, 50_000
"""Limits that a working engine keeps on any machine."""

HASTY_MS = 300
"""A limit that an engine which hangs passes soon."""

BUSY_MS = 3_000
"""A limit that an engine which hangs passes soon, and one that works keeps on a busy machine."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def synthesizer(
    engine: type,
    trail: Path | None = None,
    cache: Path | None = None,
    timeout_ms: int = WORKS_MS,
    workers: int = 1,
    patience_ms: int = PATIENT_MS,
) -> SentenceSynthesizer:
    speech = Speech(cache=cache, timeout_ms=timeout_ms, workers=workers)
    return SentenceSynthesizer(engines.spec(engine, trail), speech, patience_ms=patience_ms)


def spoken(trail: Path) -> list[str]:
    return [line.split(" ", 1)[1] for line in trail.read_text().splitlines()]


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_each_segment_becomes_one_piece_of_audio_at_the_rate_of_the_line(rate: int) -> None:
    async def call() -> None:
        async with synthesizer(engines.Tone) as voice:
            first, pause, second = await voice.speak((HELLO, Silence(250), Say("Bye.")), rate)
            assert len(pause) == 2 * rate // 4
            assert not any(pause)
            expected = len(HELLO.text) * engines.MS_PER_CHARACTER
            assert len(first) * 500 / rate == pytest.approx(expected + 30, abs=25)
            assert level_db(to_samples(first)) == pytest.approx(-19.0, abs=0.2)
            assert len(second) < len(first)

    run(call())


def test_a_slower_rate_takes_longer() -> None:
    async def call() -> None:
        async with synthesizer(engines.Tone) as voice:
            (normal,) = await voice.speak((HELLO,), 8_000)
            (slow,) = await voice.speak((HELLO,), 8_000, 78)
            assert len(slow) > 1.2 * len(normal)

    run(call())


def test_an_engines_output_does_not_mix_with_its_audio() -> None:
    async def call() -> None:
        async with synthesizer(engines.Prints) as voice:
            (pcm,) = await voice.speak((HELLO,), 8_000)
            assert level_db(to_samples(pcm)) == pytest.approx(-19.0, abs=0.2)

    run(call())


def test_one_sentence_requested_many_times_at_once_is_made_once(tmp_path: Path) -> None:
    trail = tmp_path / "trail"

    async def call() -> None:
        async with synthesizer(engines.Tone, trail, workers=2) as voice:
            runs = await asyncio.gather(*(voice.speak((HELLO, HELLO), 8_000) for _ in range(10)))
            assert len({bytes(pcm) for both in runs for pcm in both}) == 1

    run(call())
    assert spoken(trail) == [HELLO.text]


def test_a_canceled_request_does_not_cancel_the_sentence_for_others(tmp_path: Path) -> None:
    trail = tmp_path / "trail"

    async def call() -> None:
        async with synthesizer(engines.Tone, trail) as voice:
            leaves = asyncio.create_task(voice.speak((HELLO,), 8_000))
            stays = asyncio.create_task(voice.speak((HELLO,), 8_000))
            await asyncio.sleep(0)
            leaves.cancel()
            assert (await stays)[0]

    run(call())
    assert spoken(trail) == [HELLO.text]


def test_public_sentences_outlive_the_process_and_private_ones_do_not(tmp_path: Path) -> None:
    trail, cache = tmp_path / "trail", tmp_path / "cache"
    private = Say("Your number is four.", private=True)

    async def call() -> None:
        async with synthesizer(engines.Tone, trail, cache) as voice:
            await voice.speak((HELLO, private, private), 8_000)

    run(call())
    run(call())
    assert sorted(spoken(trail)) == [HELLO.text, private.text, private.text]
    assert len(list(cache.iterdir())) == 1


def test_another_voice_does_not_get_cached_audio_of_the_first(tmp_path: Path) -> None:
    trail = tmp_path / "trail"

    async def call(identity: str) -> None:
        spec = engines.spec(engines.Tone, trail, identity)
        async with SentenceSynthesizer(spec, Speech(cache=tmp_path / "cache", workers=1)) as voice:
            await voice.speak((HELLO,), 8_000)

    for identity in ("one voice", "another voice", "one voice"):
        run(call(identity))
    assert spoken(trail) == [HELLO.text] * 2


def test_a_crashed_worker_is_replaced_and_the_sentence_is_spoken(tmp_path: Path) -> None:
    trail = tmp_path / "trail"

    async def call() -> None:
        async with synthesizer(engines.DiesFirst, trail) as voice:
            (pcm,) = await voice.speak((HELLO,), 8_000)
            assert pcm

    run(call())
    assert spoken(trail) == [HELLO.text] * 2


def test_a_hung_worker_is_killed_and_the_sentence_is_spoken(tmp_path: Path) -> None:
    trail = tmp_path / "trail"

    async def call() -> None:
        async with synthesizer(engines.HangsFirst, trail, timeout_ms=BUSY_MS) as voice:
            (pcm,) = await voice.speak((HELLO,), 8_000)
            assert pcm

    run(call())
    first, second = (int(line.split()[0]) for line in trail.read_text().splitlines())
    assert first != second
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_worker_killed_between_two_sentences_is_replaced() -> None:
    async def call() -> None:
        async with synthesizer(engines.Tone) as voice:
            await voice.speak((HELLO,), 8_000)
            (pid,) = voice.pids
            os.kill(pid, signal.SIGKILL)
            (pcm,) = await voice.speak((Say("Another one."),), 8_000)
            assert pcm
            assert voice.pids != (pid,)

    run(call())


@pytest.mark.parametrize(
    ("engine", "complaint"),
    [
        (engines.Fails, "failed: RuntimeError$"),
        (engines.Silent, "returned no audio"),
        (engines.NeverBuilt, "RuntimeError: no voice"),
        (engines.DiesBuilding, r"process ended \(status -11\)"),
    ],
)
def test_a_failing_engine_is_tried_twice_and_then_named(
    tmp_path: Path, engine: type, complaint: str
) -> None:
    trail = tmp_path / "trail"

    async def call() -> None:
        async with synthesizer(engine, trail) as voice:
            with pytest.raises(SynthesisError, match=complaint):
                await voice.speak((HELLO,), 8_000)

    run(call())
    if engine not in (engines.NeverBuilt, engines.DiesBuilding):
        assert spoken(trail) == [HELLO.text] * 2


def test_a_fault_does_not_repeat_a_callers_sentence() -> None:
    async def call() -> None:
        async with synthesizer(engines.Quotes) as voice:
            with pytest.raises(SynthesisError) as caught:
                await voice.speak((Say("Canary.", private=True),), 8_000)
        assert "ValueError" in str(caught.value)
        assert "anary" not in repr(caught.value)

    run(call())


def test_an_engine_that_hangs_forever_is_given_up() -> None:
    async def call() -> None:
        async with synthesizer(engines.Hangs, timeout_ms=HASTY_MS) as voice:
            with pytest.raises(SynthesisError, match=r"hung for 0\.3 s"):
                await voice.speak((HELLO,), 8_000)

    run(call())


def test_a_caller_does_not_wait_for_an_engine_that_hangs() -> None:
    async def call() -> None:
        async with synthesizer(engines.Hangs, patience_ms=HASTY_MS) as voice:
            with pytest.raises(SynthesisError, match=r"did not respond within 0\.3 s"):
                await voice.speak((HELLO,), 8_000)

    run(call())


def test_a_late_sentence_is_ready_for_the_next_caller() -> None:
    async def call() -> None:
        async with synthesizer(engines.Tone, patience_ms=1) as voice:
            while not voice.cached(HELLO, 8_000):
                with contextlib.suppress(SynthesisError):
                    await voice.speak((HELLO,), 8_000)
            assert (await voice.speak((HELLO,), 8_000))[0]

    run(call())


def test_sentences_do_not_pile_up_while_an_engine_is_down() -> None:
    many = [Say(f"Sentence {number}.") for number in range(MOST_WAITING_DOWN + 4)]

    async def call() -> None:
        async with synthesizer(engines.Hangs, patience_ms=HASTY_MS) as voice:
            with pytest.raises(SynthesisError, match="did not respond"):
                await voice.speak((HELLO,), 8_000)
            faults = await asyncio.gather(
                *(voice.speak((sentence,), 8_000) for sentence in many), return_exceptions=True
            )
        refused = [fault for fault in faults if "is down" in str(fault)]
        assert all(isinstance(fault, SynthesisError) for fault in faults)
        assert len(refused) == len(many) - MOST_WAITING_DOWN + 1

    run(call())


def test_cached_sentences_are_spoken_while_the_engine_is_down(tmp_path: Path) -> None:
    async def call(engine: type) -> bytes:
        async with synthesizer(engine, cache=tmp_path) as voice:
            return bytes((await voice.speak((HELLO,), 8_000))[0])

    assert run(call(engines.Tone)) == run(call(engines.Fails))


def test_a_slow_sentence_that_fails_is_spoken_at_the_normal_rate() -> None:
    async def call() -> None:
        async with synthesizer(engines.SlowFails) as voice:
            (normal,) = await voice.speak((HELLO,), 8_000)
            (slow,) = await voice.speak((HELLO,), 8_000, 78)
            assert slow == normal

    run(call())


def test_starting_names_an_engine_that_cannot_be_created() -> None:
    async def call() -> None:
        async with synthesizer(engines.NeverBuilt) as voice:
            with pytest.raises(SynthesisError, match="no voice"):
                await voice.start()

    run(call())


def test_closing_ends_every_process_it_started() -> None:
    async def call() -> tuple[int, ...]:
        async with synthesizer(engines.Tone, workers=2) as voice:
            await voice.start()
            return voice.pids

    pids = run(call())
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_closing_while_an_engine_hangs_ends_it_too() -> None:
    async def call() -> tuple[int, ...]:
        async with synthesizer(engines.Hangs, patience_ms=HASTY_MS) as voice:
            await voice.start()
            with pytest.raises(SynthesisError):
                await voice.speak((HELLO,), 8_000)
            return voice.pids

    (pid,) = run(call())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_has_no_secrets_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMS_IVR_BACKEND__CREDENTIAL", "canary")

    async def call() -> bytes:
        async with synthesizer(engines.Tone) as voice:
            await voice.start()
            environment = Path(f"/proc/{voice.pids[0]}/environ")
            return await asyncio.to_thread(environment.read_bytes)

    assert b"canary" not in run(call())


def test_a_hung_worker_without_a_parent_ends_by_its_own_alarm() -> None:
    request = json.dumps({"text": "Hello.", "rate": 8_000, "rate_percent": 100})
    command = ("-m", "bot.synthesis.worker", "tests.support.speech_engines:Hangs", "{}", "0.2")
    ended = subprocess.run(
        [sys.executable, *command],
        input=request.encode() + b"\n",
        stdout=subprocess.PIPE,
        check=False,
    )
    assert ended.returncode == -signal.SIGALRM


def test_a_worker_ends_when_its_parent_closes_the_pipe() -> None:
    command = ("-m", "bot.synthesis.worker", "tests.support.speech_engines:Tone", "{}", "60")
    ended = subprocess.run(
        [sys.executable, *command], input=b"", stdout=subprocess.PIPE, check=False
    )
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {"ready": True}
