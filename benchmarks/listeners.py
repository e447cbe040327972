"""Two ways to use one acoustic model on the same audio: ours, and Vosk's documentation's."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import cache

import vosk

from acoustic_model.evaluation import digits_of, wilson
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.audio import Audio, to_pcm
from bot.file_recognition import FileRecognition
from bot.grammar import Grammars
from bot.session import properties_of
from bot.settings import Settings, load_settings
from bot.types import Match
from bot.vocabulary import Vocabulary

PIECE_MS = 40
DOCUMENTED = ("oh one two three four five six seven eight nine zero",)
"""The phrase list of vosk-api's own example (python/example/test_simple.py), without its "[unk]":
beside these few words, the embedded model would hear nothing but [unk]."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood ("" for nothing), when it was decided, and how sure it is."""

    value: str
    decided_ms: int
    confidence: float = 1.0
    grammar: str = ""


def ours(audio: Audio, uris: tuple[str, ...]) -> Heard:
    """Through the turn that a call uses."""
    collected = asyncio.run(_recognition(uris).collect(audio))
    if not isinstance(collected.result, Match):
        return Heard("", collected.end_ms, 0.0)
    best = collected.result.best
    return Heard(best.value, collected.end_ms, best.confidence, best.grammar)


def documented(audio: Audio, *, first: bool) -> Heard:
    """Vosk's phrase list and endpointer: the first result, or all results of the recording."""
    engine = vosk.KaldiRecognizer(_model(), float(audio.rate), json.dumps(DOCUMENTED))
    size = audio.rate * PIECE_MS // 1000
    words: list[str] = []
    for at in range(0, len(audio.samples), size):
        if engine.AcceptWaveform(to_pcm(audio.samples[at : at + size])):
            words += json.loads(engine.Result())["text"].split()
            if words and first:
                return Heard(digits_of(words), (at + size) * 1000 // audio.rate)
    words += json.loads(engine.FinalResult())["text"].split()
    return Heard(digits_of(words), audio.duration_ms)


def share(count: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    low, high = wilson(count, of)
    return f"{count}/{of} = {100 * count / max(1, of):.1f} % ({low:.1f}–{high:.1f})"


@cache
def settings() -> Settings:
    """The settings that a call would use."""
    return load_settings()


@cache
def _recognizer() -> VoskRecognizer:
    return VoskRecognizer(settings().model)


@cache
def _model() -> vosk.Model:
    vosk.SetLogLevel(-2)
    return vosk.Model(str(settings().model))


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(Grammars.load(settings().grammars), _recognizer())


@cache
def _recognition(uris: tuple[str, ...]) -> FileRecognition:
    detector, properties = SileroDetector(), properties_of(settings())
    return FileRecognition(_recognizer(), detector, _vocabulary().active(uris), properties)
