"""A number read back is understood: our voice on a telephone line, heard by the embedded model.

A small recognizer is a rough judge of speech. Measured over 360 digits: none wrong at the normal
rate (at most 1 % with 95 % confidence).
"""

from __future__ import annotations

import asyncio
import random
from itertools import product
from pathlib import Path

import pytest

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.adapters.synthesizer_pyttsx3 import pyttsx3_engine
from bot.audio import mulaw
from bot.audio.files import to_pcm, to_samples
from bot.numerals import DIGITS
from bot.prompts.say_as import say_digits_apart
from bot.settings import Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import AudioFrame, Say, Silence

pytestmark = pytest.mark.audio

RATE = 8_000
NUMBERS = 30
PHRASES = (*DIGITS, *(f"{first} {second}" for first, second in product(DIGITS, DIGITS)))
"""Every pair once: no order of digits is likelier than another."""


async def read_back(numbers: list[str], rate_percent: int) -> list[bytes]:
    """Each number as a caller hears it: spoken in groups, coded as µ-law and back."""
    speech = Speech(cache=None, workers=1, timeout_ms=20_000)
    edge = Silence(400)
    async with SentenceSynthesizer(pyttsx3_engine(speech), speech, patience_ms=50_000) as voice:
        heard = []
        for number in numbers:
            said = (
                Say(part) if isinstance(part, str) else part for part in say_digits_apart(number)
            )
            pcm = b"".join(await voice.speak((edge, *said, edge), RATE, rate_percent))
            heard.append(to_pcm(mulaw.decode(mulaw.encode(to_samples(pcm)))))
        return heard


def understood(recognizer: VoskRecognizer, pcm: bytes) -> list[str]:
    recognition = recognizer.start(PHRASES, RATE, 1)
    for at in range(0, len(pcm), RATE // 5):
        recognition.accept(AudioFrame(pcm[at : at + RATE // 5], RATE, 0))
    return [word for best in recognition.final()[:1] for word in best.words]


def errors(wanted: list[str], got: list[str]) -> int:
    """Insertions, deletions and substitutions (Levenshtein)."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, start=1):
        previous, row = row, [i]
        for j, other in enumerate(got, start=1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (word != other)))
    return row[-1]


@pytest.mark.parametrize(("rate_percent", "wrong_at_most"), [(100, 0.02), (78, 0.15)])
def test_digits_read_back_over_a_telephone_line_are_understood(
    project: Path, rate_percent: int, wrong_at_most: float
) -> None:
    rng = random.Random(7)
    numbers = ["".join(rng.choices("0123456789", k=6)) for _ in range(NUMBERS)]
    recognizer = VoskRecognizer(project / "bot" / "models" / "telephone")
    audio = asyncio.run(read_back(numbers, rate_percent))
    wrong = sum(
        errors([DIGITS[int(digit)] for digit in number], understood(recognizer, pcm))
        for number, pcm in zip(numbers, audio, strict=True)
    )
    assert wrong / (6 * NUMBERS) <= wrong_at_most
