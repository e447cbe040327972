"""Vosk as its documentation uses it: the same model, a phrase list, its own endpointer."""

from __future__ import annotations

import json
from functools import cache

import vosk

from acoustic_model.evaluation.decoding import MENU
from acoustic_model.evaluation.evaluation import digits_of
from acoustic_model.lexicon.lexicon import UNKNOWN
from benchmarks.recognition.heard import WORDS, Heard, Question
from bot.audio.files import Audio, to_pcm
from bot.settings import load_settings

PIECE_MS = 40
DIGITS = ("oh one two three four five six seven eight nine zero",)
"""The phrase list of vosk-api's own example (python/example/test_simple.py), without its "[unk]":
beside these few words, the embedded model would hear nothing but [unk]."""


class DocumentedVosk:
    """All results of a recording joined; it knows no length and no [unk] for digits."""

    name = "vosk"

    def prepare(self) -> None:
        """Load the model."""
        _model()

    def hear(self, audio: Audio, question: Question) -> Heard | None:
        """A digit string, or one of the menu's words; it rejects only what a string is not."""
        if question.name == WORDS:
            text = " ".join(results(audio, (*MENU, UNKNOWN)))
            return Heard("" if UNKNOWN in text else text, audio.duration_ms)
        if not question.digits:
            return None
        return Heard(digits_of(results(audio, DIGITS)), audio.duration_ms)


def first_result(audio: Audio) -> Heard:
    """The digits that its endpointer ends first, and when."""
    engine, size = _engine(audio, DIGITS), audio.rate * PIECE_MS // 1000
    for at in range(0, len(audio.samples), size):
        if engine.AcceptWaveform(to_pcm(audio.samples[at : at + size])):
            words = json.loads(engine.Result())["text"].split()
            if words:
                return Heard(digits_of(words), (at + size) * 1000 // audio.rate)
    words = json.loads(engine.FinalResult())["text"].split()
    return Heard(digits_of(words), audio.duration_ms)


def results(audio: Audio, phrases: tuple[str, ...]) -> list[str]:
    """The words of all results."""
    engine, size = _engine(audio, phrases), audio.rate * PIECE_MS // 1000
    words: list[str] = []
    for at in range(0, len(audio.samples), size):
        if engine.AcceptWaveform(to_pcm(audio.samples[at : at + size])):
            words += json.loads(engine.Result())["text"].split()
    return words + list(json.loads(engine.FinalResult())["text"].split())


def _engine(audio: Audio, phrases: tuple[str, ...]) -> vosk.KaldiRecognizer:
    return vosk.KaldiRecognizer(_model(), float(audio.rate), json.dumps(phrases))


@cache
def _model() -> vosk.Model:
    vosk.SetLogLevel(-2)
    return vosk.Model(str(load_settings().model))
