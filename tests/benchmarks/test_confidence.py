"""Confidence is fitted without the speakers whose answers it is judged on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer import BadParameter

pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks.confidence import __main__
from benchmarks.confidence.__main__ import merged, of_commands
from benchmarks.confidence.answers import Answers, report
from benchmarks.confidence.logistic import (
    DIVISIONS,
    FOLDS,
    RIDGES,
    Table,
    folds_of,
    held_back,
    unseen,
)
from benchmarks.confidence.rows import FOREIGN, STRINGS, HeardTwice, Row, read, write
from bot.hearing.confidence import FEATURES, UNFITTED
from bot.resources import PROJECT
from bot.settings import load_settings

pytestmark = pytest.mark.unit

SPEAKERS = [f"speaker {number}" for number in range(40)]


def test_each_division_puts_a_speaker_in_one_fold_and_with_other_people() -> None:
    folds = folds_of(["one", "two", "one"])
    assert folds.shape == (3, DIVISIONS)
    assert (folds[0] == folds[2]).all()
    many = folds_of(SPEAKERS)
    assert set(many.flat) == set(range(FOLDS))
    together = many[:, None] == many[None]
    assert (together.all(axis=2) == np.eye(len(SPEAKERS), dtype=bool)).all()


def table(seed: int = 0) -> Table:
    """One feature that tells, one that is noise, and 10 answers of each speaker."""
    rng = np.random.default_rng(seed)
    speakers = SPEAKERS * 10
    telling = rng.normal(0, 1, len(speakers))
    right = (rng.random(len(speakers)) < 1 / (1 + np.exp(-2 * telling))).astype(float)
    values = np.column_stack([telling, rng.normal(0, 1, len(speakers))])
    return Table(("other", "nothing"), values, right, np.ones(len(speakers)), folds_of(speakers))


def test_a_feature_without_information_is_left_out() -> None:
    ridge, chosen = held_back(table())
    assert chosen.names == ("other",)
    assert ridge in RIDGES


def test_a_speakers_recordings_do_not_affect_the_speakers_own_probabilities() -> None:
    honest = table()
    lied = np.array([speaker == SPEAKERS[0] for speaker in SPEAKERS * 10])
    changed = Table(
        honest.names,
        honest.values,
        np.where(lied, 1 - honest.right, honest.right),
        honest.weight,
        honest.folds,
    )
    before, after = unseen(honest, 1.0), unseen(changed, 1.0)
    assert after[lied] == pytest.approx(before[lied])
    assert np.abs(after[~lied] - before[~lied]).max() > 1e-4


def row(speaker: str, *, right: bool, other: float, kind: str = STRINGS) -> Row:
    values = dict.fromkeys(FEATURES, 0.0) | {"other": other}
    return Row(kind, True, speaker, "clean", f"{speaker} {other}", "number", right, values)


def test_kept_rows_are_read_back(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    found = [
        HeardTwice(row("a", right=True, other=1), row("a", right=False, other=2)),
        HeardTwice(None, row("b", right=True, other=3)),
        HeardTwice(None, None),
    ]
    write(kept, found, {STRINGS: 3})
    assert read(kept) == (found, {STRINGS: 3})


def test_commands_are_fitted_separately_only_if_everything_was_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.confidence.__main__.read_confidence", lambda _: UNFITTED)
    with pytest.raises(BadParameter, match="fit everything first"):
        of_commands([HeardTwice(None, None)], "both")


def test_fitting_commands_leaves_other_weights_unchanged() -> None:
    before = {"number": 1, "both": {"number": 2, "command": 3}, "rescored": {"number": 4}}
    assert merged(before, {"rescored": {"command": 5}}) == before | {
        "rescored": {"number": 4, "command": 5}
    }
    assert merged({}, {"number": 6, "both": {"command": 7}}) == {
        "number": 6,
        "both": {"command": 7},
    }


def test_the_report_separates_misrecognized_numbers_from_out_of_grammar_speech() -> None:
    rows = [
        row("a", right=True, other=1),
        row("b", right=True, other=2),
        row("c", right=False, other=3),
        row("d", right=False, other=4, kind=FOREIGN),
    ]
    answers = Answers.of(rows, np.array([0.9, 0.4, 0.8, 0.7]), number=True)
    assert answers.weight == pytest.approx([1, 1, 1, 3 * 0.05 / 0.95])
    first, at = report(answers, {FOREIGN: 7}, (0.5,))
    assert first.startswith("4 answers; calibration error ")
    assert at == "at 0.50: of 2 right answers 1 taken, 1 misheard, 1 of 7 foreign"


def test_a_speaker_with_four_times_the_recordings_counts_twice_as_much() -> None:
    rows = [row("a", right=True, other=1), *[row("b", right=True, other=2)] * 4]
    weight = Answers.of(rows, np.zeros(5), number=True).weight
    assert weight[1:].sum() == pytest.approx(2 * weight[0])
    assert weight.sum() == pytest.approx(5)


def test_only_plots_of_the_shipped_model_go_into_the_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert __main__._images() == PROJECT / "docs" / "images"
    monkeypatch.setattr(__main__, "settings", lambda: load_settings(model=tmp_path))
    assert __main__._images() == tmp_path
