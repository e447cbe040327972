"""What callers say right behind a number, over real audio and the real engines.

The callers are espeak-ng's voices through the recordings' own telephone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audio_fixtures import signals
from audio_fixtures.voices import RATE, Voice, speak
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.audio.files import Audio, Samples
from bot.evaluation.file_recognition import FileRecognition
from bot.hearing.ensemble import Ensemble
from bot.hearing.vocabulary import Vocabulary
from bot.turn.collect import Collected
from bot.types import Match, NoMatch, Properties
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.audio

STEPH = Voice("espeak-ng", "gmw/en-US+steph")
ADAM = Voice("espeak-ng", "gmw/en+adam")
NUMBER, PIN = "license_number.grxml?length=6", "pin.grxml"
Listen = Callable[[str, Audio], Collected]
ACCEPTED = 0.96
"""Where the shipped costs take a number without reading it back."""


@pytest.fixture(scope="module")
def model(project: Path) -> Path:
    return project / "bot" / "models" / "telephone"


@pytest.fixture(scope="module")
def ensemble(model: Path) -> Ensemble:
    return load_ensemble(model)


def said(voice: Voice, *groups: str, gap_ms: int = 0) -> Audio:
    """The groups with so much silence between them, over a µ-law line."""
    gap, parts = signals.silence(gap_ms, RATE), [signals.silence(300, RATE)]
    for place, group in enumerate(groups):
        level = signals.at_level(speak(voice, group) / 32_768, -19.0)
        parts += [gap, level] if place else [level]
    signal = np.concatenate([*parts, signals.silence(300, RATE)])
    noise = signals.white_noise(1000 * len(signal) / RATE, RATE, -78.0, seed=1)
    wide: Samples = signals.to_int16(signal + noise[: len(signal)])
    return Audio(signals.through_telephone(wide, RATE), 8_000)


@pytest.fixture
def heard(project: Path, ensemble: Ensemble, model: Path) -> Listen:
    grammars = project_grammars()

    def listen(field: str, audio: Audio) -> Collected:
        active = Vocabulary(grammars, ensemble.first).active((field, "universals.grxml"))
        sureness = read_confidence(model)
        listening = FileRecognition(
            ensemble, SileroDetector(), active, Properties(), sureness, keys=True
        )
        return asyncio.run(listening.collect(audio))

    return listen


def taken(collected: Collected) -> str | None:
    """The value that is taken without a read-back."""
    result = collected.result
    if isinstance(result, Match) and result.best.confidence >= ACCEPTED:
        return result.best.value
    return None


@pytest.mark.parametrize(
    ("mark", "gap_ms", "voice"),
    [
        ("no", 60, STEPH),
        ("no", 250, ADAM),
        ("sorry", 250, STEPH),
        ("sorry", 450, ADAM),
        ("i mean", 450, STEPH),
        ("i mean", 60, ADAM),
    ],
)
def test_a_withdrawn_number_is_never_accepted(
    heard: Listen, mark: str, gap_ms: int, voice: Voice
) -> None:
    audio = said(
        voice, "four two one nine oh four", f"{mark}, four two one nine oh three", gap_ms=gap_ms
    )
    assert taken(heard(NUMBER, audio)) in ("421903", None)


@pytest.mark.parametrize("gap_ms", [100, 300])
def test_a_withdrawn_pin_is_never_submitted(heard: Listen, gap_ms: int) -> None:
    audio = said(STEPH, "five eight two nine", "no, five eight two seven", gap_ms=gap_ms)
    assert taken(heard(PIN, audio)) in ("5827", None)


@pytest.mark.parametrize("gap_ms", [150, 350])
def test_a_telephone_number_is_not_a_license_number(heard: Listen, gap_ms: int) -> None:
    audio = said(STEPH, "six oh one", "five five five", "one two three four", gap_ms=gap_ms)
    result = heard(NUMBER, audio).result
    assert isinstance(result, NoMatch)
    assert result.too_long


@pytest.mark.parametrize("gap_ms", [200, 350])
def test_an_uh_before_the_last_digit_is_not_a_zero(heard: Listen, gap_ms: int) -> None:
    audio = said(ADAM, "five eight two", "uh", "seven", gap_ms=gap_ms)
    assert taken(heard(PIN, audio)) in ("5827", None)


def test_a_number_followed_by_silence_is_answered_as_early_as_before(heard: Listen) -> None:
    collected = heard(NUMBER, said(STEPH, "four two one nine oh three"))
    assert taken(collected) == "421903"
    after_ms = collected.timing.reply_after_ms
    assert after_ms is not None and after_ms <= 300
