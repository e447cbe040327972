"""Confidence is fitted without the speakers whose answers it is judged on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer import BadParameter

pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks.confidence import __main__, logistic
from benchmarks.confidence.__main__ import FEWEST, main, merged, of_commands, of_each, offered
from benchmarks.confidence.answers import Answers, report
from benchmarks.confidence.figures import ALL, Believed, text
from benchmarks.confidence.logistic import (
    DIVISIONS,
    FOLDS,
    RIDGES,
    Table,
    folds_of,
    held_back,
    nested,
    unseen,
)
from benchmarks.confidence.rows import (
    FOREIGN,
    STRINGS,
    WEIGHED,
    WORDS,
    HeardTwice,
    Row,
    Weighed,
    read,
    write,
)
from benchmarks.recognition.heard import DIGITS_ASKED, asking
from benchmarks.recognition.listener_ours import recognition
from benchmarks.recognition.phrases import SENTENCES, sentences
from bot.adapters.model_folder import read_confidence
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


def test_nested_folds_choose_everything_without_the_speaker() -> None:
    honest = table()
    out = honest.folds[:, 0] == 0
    changed = replace(honest, right=np.where(out, 1 - honest.right, honest.right))
    before, after = nested(honest), nested(changed)
    assert after[out] == pytest.approx(before[out])
    assert np.abs(after[~out] - before[~out]).max() > 1e-4


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


def test_rows_kept_before_sentences_were_told_apart_are_read(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    write(kept, [HeardTwice(None, row("a", right=True, other=1))], {STRINGS: 1})
    kept.write_text(kept.read_text().replace(', "sentence": false', ""))
    assert "sentence" not in kept.read_text()
    (heard,), _ = read(kept)
    assert heard.beside is not None
    assert heard.beside.weighed == "number"


def answers_of(weighed: Weighed, telling: str, count: int = FEWEST) -> list[Row]:
    """Answers of one kind, right or wrong as one feature says, by many speakers."""
    rng = np.random.default_rng(WEIGHED.index(weighed))
    number, sentence = weighed != "command", weighed == "sentence"
    found = []
    for index in range(count):
        value = float(rng.normal())
        right = bool(rng.random() < 1 / (1 + np.exp(-3 * value)))
        one = row(SPEAKERS[index % len(SPEAKERS)], right=right, other=0, kind=WORDS)
        values = one.values | {telling: value}
        found.append(replace(one, number=number, sentence=sentence, values=values))
    return found


@pytest.fixture
def few_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "RIDGES", (1.0,))
    monkeypatch.setattr(__main__, "FEATURES", ("other", "nothing", "words"))


@pytest.mark.usefixtures("few_choices")
def test_numbers_numbers_in_sentences_and_commands_are_fitted_on_their_own_answers() -> None:
    told: dict[Weighed, str] = {"number": "other", "sentence": "nothing", "command": "words"}
    found = [one for weighed, name in told.items() for one in answers_of(weighed, name)]
    fits = of_each(found, judge=True)
    for weighed, name in told.items():
        assert {row.weighed for row in fits[weighed].answers.rows} == {weighed}
        assert len(fits[weighed].answers.rows) == FEWEST
        assert max(fits[weighed].weights.weights.items(), key=lambda one: one[1])[0] == name
        assert len(set(fits[weighed].answers.sure)) > FOLDS


@pytest.mark.usefixtures("few_choices")
def test_a_few_numbers_in_sentences_get_no_weights_of_their_own() -> None:
    found = [*answers_of("number", "other"), *answers_of("command", "words")]
    few = answers_of("sentence", "nothing", FEWEST - 1)
    assert set(of_each([*found, *few], judge=False)) == {"number", "command"}


def test_weights_of_sentences_use_no_feature_that_a_call_may_not_have() -> None:
    assert {"spotted_least", "spotted_most"} <= set(offered("number")) - set(offered("sentence"))


@pytest.mark.usefixtures("few_choices")
def test_a_fit_writes_weights_of_sentences_that_a_call_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = [HeardTwice(one, one) for weighed in WEIGHED for one in answers_of(weighed, "other")]
    asked = {STRINGS: 0, WORDS: len(heard), FOREIGN: 0}
    monkeypatch.setattr(__main__, "FEATURES", ("other", "nothing"))
    monkeypatch.setattr(__main__, "rows", lambda every, work: (heard, asked))
    monkeypatch.setattr(__main__, "who_is_beside", lambda: "rescored")
    monkeypatch.setattr(__main__, "hearing_version", lambda: "")
    monkeypatch.setattr(__main__, "settings", lambda: load_settings(model=tmp_path))
    main(work=tmp_path)
    found = read_confidence(tmp_path)
    assert found.rescored is not None
    for fitted in (found, found.rescored):
        assert fitted.sentence is not None
        assert fitted.sentence.weights["other"] > 0
    assert "numbers in sentences" in (tmp_path / "confidence-reliability.svg").read_text()


def test_each_sentence_means_its_number_to_the_grammars_of_its_question() -> None:
    found = list(sentences())
    assert len(found) == SENTENCES
    assert found == list(sentences())
    assert {question for question, _, _ in found} == set(DIGITS_ASKED)
    for question, _, said in found:
        values = recognition(asking(question).uris).grammars.match("voice", tuple(said.split()))
        ((_, value),) = set(values.values)
        assert value.isdigit()
        assert len(value) == DIGITS_ASKED[question]


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
    answers = Answers.of(rows, np.array([0.9, 0.4, 0.8, 0.7]), "number")
    assert answers.weight == pytest.approx([1, 1, 1, 3 * 0.05 / 0.95])
    first, at = report(answers, {FOREIGN: 7}, (0.5,))
    assert first.startswith("4 answers; calibration error ")
    assert at == "at 0.50: of 2 right answers 1 taken, 1 misheard, 1 of 7 foreign"


def test_a_speaker_with_four_times_the_recordings_counts_twice_as_much() -> None:
    rows = [row("a", right=True, other=1), *[row("b", right=True, other=2)] * 4]
    weight = Answers.of(rows, np.zeros(5), "number").weight
    assert weight[1:].sum() == pytest.approx(2 * weight[0])
    assert weight.sum() == pytest.approx(5)


def test_only_plots_of_the_shipped_model_go_into_the_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert __main__._images() == PROJECT / "docs" / "images"
    monkeypatch.setattr(__main__, "settings", lambda: load_settings(model=tmp_path))
    assert __main__._images() == tmp_path


def test_figures_of_confidence_are_by_line_and_speaker_and_are_read_back() -> None:
    def said(speaker: str, *, right: bool, line: str, kind: str = STRINGS) -> Row:
        return replace(row(speaker, right=right, other=1, kind=kind), condition=line)

    rows = [
        said("a", right=True, line="clean16k"),
        said("b", right=True, line="tel_ulaw"),
        said("b", right=False, line="tel_ulaw"),
        said("c", right=False, line="tel_ulaw", kind=FOREIGN),
    ]
    answers = Answers.of(rows, np.array([0.99, 0.6, 0.8, 0.4]), "number")
    found = Believed.of({"number": answers}, {FOREIGN: 9}, every=1, beside="rescored")
    assert [one[:3] for one in found.errors] == [
        ("number", ALL, 4),
        ("number", "clean16k", 1),
        ("number", "tel_ulaw", 3),
    ]
    at_half = next(one for one in found.points if (one.condition, one.at) == (ALL, 0.5))
    assert (at_half.right.count, at_half.right.of, at_half.right.speakers) == (2, 2, 2)
    assert (at_half.wrong.count, at_half.wrong.of) == (1, 3)
    assert (at_half.foreign, at_half.foreign_asked) == (0, 9)
    safest = [one for one in found.points if one.condition == "tel_ulaw"][-1]
    assert (safest.at, safest.wrong.count, safest.right.count) == (0.8, 0, 0)
    again = Believed.from_json(json.loads(json.dumps(found.as_json())))
    assert again == found
    assert "| numbers, 0.50 | all lines | 100.0 %" in text(again)
    assert "in sentences" not in text(again)
    both = {"number": answers, "sentence": Answers.of(rows, answers.sure, "sentence")}
    told = text(Believed.of(both, {FOREIGN: 9}, every=1, beside="rescored"))
    assert "| numbers in sentences, 0.50 | all lines | 100.0 %" in told
