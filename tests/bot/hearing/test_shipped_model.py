"""The models that are committed: how large they are, how far they look ahead, what they cost."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from acoustic_model.kaldi.nnet3 import Affine
from acoustic_model.kaldi.vosk_model import read_vosk_files
from benchmarks.load.models import cpu_ms_a_second, engines
from bot.adapters.model_folder import SECOND
from bot.settings import load_settings

pytestmark = pytest.mark.audio

MODEL = load_settings().model
BOTH = pytest.mark.parametrize("folder", [MODEL, MODEL / SECOND], ids=["first", "second"])
FRAMES_A_SECOND = 100


def test_both_models_together_are_at_most_15_mb() -> None:
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) <= 15_000_000


@BOTH
def test_it_looks_ahead_no_further_than_200_ms(folder: Path) -> None:
    net = read_vosk_files(folder).net
    assert 1000 * net.right_context / FRAMES_A_SECOND <= 200


def test_a_second_of_audio_costs_both_models_at_most_400_million_products() -> None:
    """Every weight once a frame, counted as if none of the layers skipped a frame."""
    networks = [read_vosk_files(folder).net for folder in (MODEL, MODEL / SECOND)]
    parts = [part for net in networks for part in net.components.values()]
    weights = sum(part.weights.size for part in parts if isinstance(part, Affine))
    assert 3_000_000 < weights <= 400_000_000 / FRAMES_A_SECOND


@BOTH
def test_it_follows_at_most_300_paths(folder: Path) -> None:
    options = (folder / "conf" / "model.conf").read_text(encoding="utf-8").split()
    (most,) = [int(one.split("=")[1]) for one in options if one.startswith("--max-active=")]
    assert most <= 300


def test_spotting_words_costs_less_than_a_third_of_the_models() -> None:
    spent = cpu_ms_a_second(engines(), rounds=9)
    models = [a + b for a, b in zip(spent["first model"], spent["second model"], strict=True)]
    shares = [a / b for a, b in zip(spent["word spotter"], models, strict=True)]
    assert statistics.median(shares) < 1 / 3


@BOTH
def test_its_card_states_purpose_data_quality_and_failures(folder: Path) -> None:
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    for heading in (
        "## Purpose and limits",
        "## Facts",
        "## Figures",
        "## Data",
        "## Known failures",
    ):
        assert heading in card
    assert "Attribution is due" in card
