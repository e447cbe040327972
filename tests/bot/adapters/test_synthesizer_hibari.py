"""The second voice, where its extra is installed."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec

import pytest

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


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(synthesizer_hibari, "version", missing)
    with pytest.raises(SynthesisError, match=r"pip install elms-ivr\[hibari\]"):
        speech_engine(SPEECH)
