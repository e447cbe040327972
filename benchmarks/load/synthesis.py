"""Speed of synthesis: single sentences, many callers at once, cache, and a killed worker."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import numpy as np

from bot.adapters.synthesizer_engines import speech_engine
from bot.errors import SynthesisError
from bot.prompts.lint import example
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Settings, Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.synthesis.warm_up import warm_up
from bot.types import Say

RATE = 8_000
SENTENCES, CALLERS, EACH = 150, 20, 20
SLOW_PERCENT = 78
PATIENT_MS = 60_000


def rows() -> list[tuple[str, str]]:
    """Return rows of metric and value; missing engines are skipped."""
    found: list[tuple[str, str]] = []
    for engine in ("pyttsx3", "hibari"):
        try:
            found += asyncio.run(_engine(engine))
        except SynthesisError as fault:
            found.append((engine, f"not measured: {fault}"))
    return found


async def _engine(name: str) -> list[tuple[str, str]]:
    speech = Speech(engine=name, cache=None)
    texts = _texts()
    async with _voice(speech) as voice:
        await voice.start()
        made = [await _timed(voice.speak((Say(text, True),), RATE)) for text in texts]
        hits = [await _timed(voice.speak((Say(text, True),), RATE)) for text in texts]
        slower = await _slower(voice)
        respawn = await _respawn(voice)
    return [
        (f"{name}: one sentence, p50 / p95", _spread(made)),
        (f"{name}: the same from memory, p50 / p95", _spread(hits)),
        *[(f"{name}: {what}", figure) for what, figure in await _many(speech)],
        *[(f"{name}: {what}", figure) for what, figure in await _fixed(speech)],
        (f"{name}: a sentence at {SLOW_PERCENT} % rate takes", slower),
        (f"{name}: first sentence after a worker was killed", respawn),
    ]


def _voice(speech: Speech) -> SentenceSynthesizer:
    return SentenceSynthesizer(speech_engine(speech), speech, patience_ms=PATIENT_MS)


def _texts() -> list[str]:
    """Make status sentences as callers hear them, all different."""
    rng = random.Random(3)
    prompts = Prompts.load(Settings().prompts)
    keys = [key for key in prompts if prompts.slots(key)]
    bodies = [
        segment.text
        for key in keys
        for segment in prompts.segments(example(prompts, key))
        if isinstance(segment, Say) and len(segment.text) > 30
    ]
    return [f"{rng.choice(bodies)} {_number(rng)}" for _ in range(SENTENCES)]


def _number(rng: random.Random) -> str:
    return " ".join(rng.choices(("one", "two", "three", "four", "five", "six"), k=4))


async def _timed(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return (time.perf_counter() - start) * 1000


def _spread(times_ms: list[float]) -> str:
    middle, late = np.percentile(times_ms, [50, 95])
    digits = 2 if middle < 1 else 0
    return f"{middle:.{digits}f} / {late:.{digits}f} ms ({len(times_ms)} sentences)"


async def _many(speech: Speech) -> list[tuple[str, str]]:
    """Time many callers at once, each with a series of new sentences."""
    times: list[float] = []
    async with _voice(speech) as voice:
        await voice.start()

        async def caller(number: int) -> None:
            rng = random.Random(number)
            for index in range(EACH):
                text = f"Your application has the number {number} {index} {_number(rng)}."
                times.append(await _timed(voice.speak((Say(text, True),), RATE)))

        took_ms = await _timed(asyncio.gather(*(caller(one) for one in range(CALLERS))))
    per_second = len(times) / took_ms * 1000
    what = f"{CALLERS} callers at once on {speech.workers} workers, p50 / p95"
    return [(what, _spread(times)), ("sentences a second with them", f"{per_second:.0f}")]


async def _fixed(speech: Speech) -> list[tuple[str, str]]:
    """Time fixed sentences, the same for all callers: synthesized once, then read from disk."""
    sentences = Prompts.load(Settings().prompts).fixed()
    with tempfile.TemporaryDirectory() as folder:
        kept = speech.model_copy(update={"cache": Path(folder)})
        figures = []
        for what in ("made before the first call", "read from disk after a restart"):
            async with _voice(kept) as voice:
                await voice.start()
                took_ms = await _timed(warm_up(voice, sentences, RATE))
            figures.append((f"{len(sentences)} fixed sentences {what}", f"{took_ms:.0f} ms"))
        return figures


async def _slower(voice: SentenceSynthesizer) -> str:
    sentence = (Say("Please say or key your license number."),)
    (normal,) = await voice.speak(sentence, RATE)
    (slow,) = await voice.speak(sentence, RATE, SLOW_PERCENT)
    return f"{len(slow) / len(normal):.2f} times as long"


async def _respawn(voice: SentenceSynthesizer) -> str:
    times = []
    for number in range(5):
        for pid in voice.pids:
            os.kill(pid, signal.SIGKILL)
        text = f"Another sentence, {_number(random.Random(number))}."
        times.append(await _timed(voice.speak((Say(text, True),), RATE)))
    return f"{np.median(times):.0f} ms (median of {len(times)}, worst {max(times):.0f})"


if __name__ == "__main__":
    os.chdir(PROJECT)
    for measured, figure in rows():
        print(f"{measured:75} {figure}")
