"""The voice hibari as a driver of pyttsx3, where its extra is installed."""

from __future__ import annotations

import asyncio
import wave
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

import pytest
import pyttsx3

from bot.adapters import synthesizer_hibari
from bot.adapters.synthesizer_engines import speech_engine
from bot.audio.files import level_db, to_samples
from bot.errors import SynthesisError
from bot.settings import Speech
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Say

pytestmark = pytest.mark.audio

SPEECH = Speech(engine="hibari", cache=None, workers=1, timeout_ms=20_000)
needs_hibari = pytest.mark.skipif(
    find_spec("hibari") is None, reason="the extra is not installed: pip install elms-ivr[hibari]"
)


@needs_hibari
def test_it_speaks_through_the_same_protocol_and_slower_on_request() -> None:
    async def speak() -> tuple[bytes, bytes]:
        async with SentenceSynthesizer(speech_engine(SPEECH), SPEECH, patience_ms=50_000) as voice:
            sentence = Say("Please say or key your license number.")
            (normal,) = await voice.speak((sentence,), 8_000)
            (slow,) = await voice.speak((sentence,), 8_000, 78)
            return normal, slow

    normal, slow = asyncio.run(speak())
    assert level_db(to_samples(normal)) == pytest.approx(-19.0, abs=3)
    assert len(slow) >= 1.2 * len(normal)


@needs_hibari
def test_pyttsx3_itself_speaks_with_it(tmp_path: Path) -> None:
    synthesizer_hibari.register()
    engine = pyttsx3.init("hibari")
    engine.setProperty("rate", 155)
    engine.save_to_file("Please say or key your license number.", str(tmp_path / "said.wav"))
    engine.runAndWait()
    with wave.open(str(tmp_path / "said.wav")) as file:
        assert 1.5 < file.getnframes() / file.getframerate() < 4


@needs_hibari
def test_a_property_the_driver_lacks_is_an_error_not_silence() -> None:
    engine = synthesizer_hibari.hibari(155)
    with pytest.raises(SynthesisError, match="voice emma"):
        engine.set("voice", "emma")


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(synthesizer_hibari, "version", missing)
    with pytest.raises(SynthesisError, match=r"pip install elms-ivr\[hibari\]"):
        speech_engine(SPEECH)
