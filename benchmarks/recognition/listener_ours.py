"""Our chain: the turn that a call uses, and the dialog's decision on what it heard."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from functools import cache
from pathlib import Path

from benchmarks.recognition.heard import WORDS, Heard, Question
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.adapters.rescorer_engines import load_rescorer
from bot.audio.files import Audio
from bot.dialog.form import Field
from bot.dialog.interpreter import YES_NO, ask
from bot.dialog.state import properties_of
from bot.elms.callflow import FORMS
from bot.elms.pin_discretion import PinDiscretion
from bot.elms.session import Session
from bot.evaluation.file_recognition import FileRecognition
from bot.grammar import Grammars
from bot.hearing.ensemble import Ensemble
from bot.hearing.vocabulary import Vocabulary
from bot.resources import PROJECT
from bot.settings import Settings, load_settings
from bot.types import Match, Note, Result

OWN_GRAMMARS = PROJECT / "benchmarks" / "grammars"


class OurTurn:
    """Detector, recognizer, endpointer, grammars and confidence, as in a call."""

    name = "ours"

    def prepare(self) -> None:
        """Load the model and the grammars."""
        _ensemble()
        vocabulary()

    def hear(self, audio: Audio, question: Question) -> Heard:
        """One collect; a NoMatch and a NoInput are nothing heard."""
        collected = asyncio.run(recognition(question.uris).collect(audio))
        result, end_ms = collected.result, collected.timing.end_ms
        decision = decided(_field(question), result)
        if not isinstance(result, Match):
            return Heard("", end_ms, 0.0, decision=decision)
        best = result.best
        return Heard(best.value, end_ms, round(best.confidence, 4), best.grammar, decision)


def decided(field: Field, result: Result) -> str:
    """Return the dialog's decision about a first answer to a question."""
    asking = ask(field, Session.begin(settings(), is_open=True))
    next(asking)
    noted = asking.send(result)
    assert isinstance(noted, Note), noted
    return noted.decision


def _field(question: Question) -> Field:
    if question.name == WORDS:
        return Field("yesno", YES_NO)
    if question.name == f"{question.digits} digits":
        grammar = question.uris[0]
        return Field(
            "license_number",
            grammar,
            read_back=True,
            length=question.digits,
            discretion=PinDiscretion(),
        )
    session = Session.begin(settings(), is_open=True)
    number, pin = FORMS["login"].fields(session)
    (menu,) = FORMS["menu"].fields(session)
    fields = {"license number": number, "PIN": pin, "menu": menu}
    return fields.get(question.name, Field("yesno", YES_NO))


@cache
def settings() -> Settings:
    """The settings that a call would use."""
    return load_settings()


@cache
def _ensemble() -> Ensemble:
    return load_ensemble(settings().model, load_rescorer(settings().rescoring))


@cache
def vocabulary() -> Vocabulary:
    """The grammars of a call, with those of the benchmarks beside them."""
    with tempfile.TemporaryDirectory() as folder:
        for source in (settings().grammars, OWN_GRAMMARS):
            shutil.copytree(source, folder, dirs_exist_ok=True)
        return Vocabulary(Grammars.load(Path(folder)), _ensemble().first)


@cache
def recognition(uris: tuple[str, ...]) -> FileRecognition:
    """A turn that listens to these grammars, as a call would."""
    return FileRecognition(
        ensemble=_ensemble(),
        detector=SileroDetector(),
        grammars=vocabulary().active(uris),
        properties=properties_of(settings()),
        confidence=read_confidence(settings().model).beside(
            rescorer=_ensemble().rescorer is not None
        ),
    )
