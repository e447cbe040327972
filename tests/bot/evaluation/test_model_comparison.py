"""elms-ivr model: what is wrong with a model, and two models on the same labeled recordings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.adapters.model_folder import SECOND
from bot.commands import model as command
from bot.errors import AudioError, IvrError
from bot.evaluation.labeled_recordings import Labeled, read_labeled
from bot.evaluation.model_comparison import (
    DIGITS,
    OUTSIDE,
    SMALL,
    Answer,
    Asked,
    Compared,
    ask,
    groups,
)
from bot.evaluation.model_comparison_page import render
from bot.resources import PROJECT
from bot.settings import load_settings
from tests.support.full_disk import room_for
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.audio

FIXTURES = PROJECT / "audio_fixtures" / "8k"
MODEL = load_settings().model
MANIFEST = """\
file,words,speaker,kind
license_a.flac,four two one nine oh three,adam,string
two.flac,two,adam,digit
yes_paul.flac,yes,paul,command
music.flac,,nobody,music
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command.app, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for line in MANIFEST.splitlines()[1:]:
        shutil.copy(FIXTURES / line.split(",")[0], folder)
    (folder / "manifest.csv").write_text(MANIFEST)
    return folder


# -- what a recording is asked ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind", "wanted"),
    [
        ("four two one nine oh three", DIGITS, "421903"),
        ("double five", DIGITS, "55"),
        ("two", DIGITS, "2"),
        ("yes please", "yes or no", "yes"),
        ("account activity", "menu", "activity"),
        ("start over", "commands everywhere", "startover"),
        ("tree", OUTSIDE, None),
        ("", OUTSIDE, None),
    ],
)
def test_a_recording_is_recognized_at_the_question_that_its_words_answer(
    words: str, kind: str, wanted: str | None
) -> None:
    asked = ask(project_grammars(), tuple(words.split()), "length=6")
    assert (asked.kind, asked.wanted) == (kind, wanted)


def test_an_out_of_grammar_recording_is_recognized_at_every_question() -> None:
    asked = ask(project_grammars(), ("tree",), "length=6")
    own = [uris[0] for uris in asked.sets]
    assert own == ["license_number.grxml?length=6", "yesno.grxml", "menu.grxml"]


# -- the comparison ---------------------------------------------------------------------------


def test_two_models_are_compared_recording_by_recording(folder: Path, tmp_path: Path) -> None:
    page, lines = tmp_path / "out" / "page.html", tmp_path / "lines.jsonl"
    ran = run("compare", MODEL, MODEL, folder, "--page", page, "--jsonl", lines)
    assert ran.exit_code == 0, ran.output
    rows = {row["file"]: row for row in map(json.loads, lines.read_text().splitlines())}
    assert rows["license_a.flac"]["first"]["value"] == "421903"
    assert rows["music.flac"]["wanted"] is None
    for row in rows.values():  # the same model twice
        assert row["first"]["value"] == row["second"]["value"]
        assert row["first"]["right"] == (row["first"]["value"] == row["wanted"])
    assert "p = 1.000" in ran.output
    assert "Neither model understands more" in page.read_text()


def compared(name: str, speaker: str, first: str, second: str) -> Compared:
    labeled = Labeled(Path(name), name, ("one", "two"), (("speaker", speaker),))
    answers = (Answer(first, 0.9, 0.01), Answer(second, 0.9, 0.01))
    return Compared(labeled, Asked(DIGITS, (("digits.grxml?length=2",),), "12"), 1.0, answers)


FOUR = [
    *[compared(f"{number}.wav", "ann", "12", "13") for number in range(7)],
    compared("8.wav", "ben", "12", "12"),
]


def test_a_full_disk_is_one_line_of_error_and_keeps_the_earlier_page(
    folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "out" / "page.html"
    page.parent.mkdir()
    page.write_text("the earlier page")
    (folder / "manifest.csv").write_text("file,words\ntwo.flac,two\n")
    with room_for(1_000):
        ran = run("compare", MODEL, MODEL, folder, "--page", page)
    assert str(ran.exception) == f"{page}: cannot be written (File too large)"
    assert [path.read_text() for path in page.parent.iterdir()] == ["the earlier page"]


def test_small_groups_of_recordings_are_merged() -> None:
    found = {(group.by, group.name): group.paired for group in groups(FOUR)}
    assert found["speaker", "ann"].only_first == 7
    assert found["speaker", SMALL].both == 1
    assert found["all", "all"].p == pytest.approx(2 / 128)


def test_the_page_says_which_is_better_and_what_flipped() -> None:
    page = render(("old", "new"), "recordings", FOUR)
    assert "old understands more" in page
    assert "p = 0.016" in page
    assert page.count('<th scope="row">') == 2 + 7  # two groups, seven flipped recordings
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


# -- what cannot be used ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (None, "manifest.csv is missing"),
        ("", "lacks the columns: file, words"),
        ("file,speaker\na.wav,x\n", "lacks the columns: words"),
        ("file,words\n", "lists no recordings"),
        ("file,words\n,one\n", "line 2: file is missing"),
        ("file,words\ngone.wav,one\n", "line 2: gone.wav is missing"),
        ("file,words\ntwo.flac,two\ntwo.flac,one\n", "line 3: duplicate file two.flac"),
        ("file,words\ntwo.flac,2\n", "line 2: '2' is not a word in letters"),
        ("file,words\nmanifest.csv,two\n", "not a readable audio file"),
        ("file,words,speaker\ntwo.flac,two, one,adam\n", "line 2: more cells than columns"),
        ("file,words\n\xff", "cannot be read"),
    ],
)
def test_a_bad_manifest_is_one_line_of_error(
    folder: Path, manifest: str | None, problem: str
) -> None:
    (folder / "manifest.csv").unlink()
    if manifest is not None:
        (folder / "manifest.csv").write_bytes(manifest.encode("latin-1"))
    with pytest.raises(AudioError) as fault:
        read_labeled(folder)
    assert problem in str(fault.value)
    assert "\n" not in str(fault.value)


def test_an_invalid_model_ends_the_comparison_with_one_line(folder: Path, tmp_path: Path) -> None:
    ran = run("compare", MODEL, tmp_path, folder, "--page", tmp_path / "page.html")
    assert isinstance(ran.exception, IvrError)
    assert "not a Vosk model" in str(ran.exception)
    assert not (tmp_path / "page.html").exists()


def test_every_wrong_file_of_a_model_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "model"
    shutil.copytree(MODEL, broken)
    (broken / "am" / "final.mdl").write_bytes(b"no model")
    (broken / "graph" / "HCLr.fst").unlink()
    ran = run("check", broken)
    assert ran.exit_code == 1
    assert ran.output.splitlines() == [
        f"elms-ivr: {broken}: graph/HCLr.fst is missing or empty",
        f"elms-ivr: {broken}: am/final.mdl is not a binary Kaldi model",
    ]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def says(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, "latin-1")


@pytest.mark.parametrize(
    ("name", "damage", "line"),
    [
        ("graph/Gr.fst", cut, "graph/Gr.fst is truncated or damaged"),
        ("graph/HCLr.fst", cut, "graph/HCLr.fst is truncated or damaged"),
        ("am/final.mdl", cut, "libvosk cannot use this model"),
        ("graph/disambig_tid.int", says("7\n"), "disambig_tid.int contradicts graph/HCLr.fst"),
        ("graph/disambig_tid.int", says("\n"), "disambig_tid.int contradicts graph/HCLr.fst"),
        ("graph/fillers.txt", says("_ah \xff"), "graph/fillers.txt is not UTF-8 text"),
        ("graph/fillers.txt", says("_ah _zz"), "fillers.txt has words that the model lacks: _zz"),
        ("graph/fillers.txt", Path.unlink, "graph/fillers.txt is missing or empty"),
        ("graph/words.txt", says("garbage"), "graph/words.txt is not a list of words"),
        ("confidence.json", says("{"), "is not a valid confidence file"),
        ("spotter.onnx", cut, "spotter.onnx is not a spotter of this project"),
        ("spotter.onnx", Path.unlink, "needs spotter.onnx, which is missing"),
        ("conf/model.conf", says("--no-such=1\n"), "Invalid option --no-such=1"),
    ],
)
def test_faults_that_libvosk_does_not_report_are_one_line_each(
    tmp_path: Path, name: str, damage: Callable[[Path], object], line: str
) -> None:
    broken = tmp_path / "model"
    shutil.copytree(MODEL, broken)
    damage(broken / name)
    ran = run("check", broken)
    assert ran.exit_code == 1
    said = str(ran.exception) if isinstance(ran.exception, IvrError) else ran.output
    assert line in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("am/final.mdl", "second: am/final.mdl is missing or empty"),
        ("graph/words.txt", "second: its words differ"),
    ],
)
def test_a_fault_of_the_second_model_is_one_line(tmp_path: Path, name: str, line: str) -> None:
    broken = tmp_path / "model"
    shutil.copytree(MODEL, broken, ignore=shutil.ignore_patterns(SECOND))
    shutil.copytree(broken, broken / SECOND)
    file = broken / SECOND / name
    if file.suffix == ".txt":
        file.write_text(file.read_text("utf-8").replace("seven ", "sever "), "utf-8")
    else:
        file.unlink()
    ran = run("check", broken)
    assert ran.exit_code == 1
    said = str(ran.exception) if isinstance(ran.exception, IvrError) else ran.output
    assert line in said
    assert len(said.splitlines()) == 1


def test_a_model_without_a_fitted_confidence_is_complete_and_reported_so(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    (tmp_path / "model" / "confidence.json").unlink()
    ran = run("check", tmp_path / "model")
    assert ran.exit_code == 0, ran.output
    assert "no confidence.json" in ran.output


def test_the_shipped_model_has_every_word_of_the_grammars() -> None:
    ran = run("check", MODEL)
    assert ran.exit_code == 0, ran.output
    assert "no confidence.json" not in ran.output


WORD = """<?xml version="1.0" encoding="UTF-8"?>
<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US"
         mode="{mode}" root="word" tag-format="semantics/1.0">
  <rule id="word" scope="public"><example>{said}</example>{said}<tag>out = 'x';</tag></rule>
</grammar>
"""


def grammar_of(folder: Path, word: str) -> Path:
    """A folder with one grammar of one word."""
    folder.mkdir()
    (folder / "word.grxml").write_text(WORD.format(mode="voice", said=word))
    keyed = WORD.format(mode="dtmf", said="1").replace(' xml:lang="en-US"', "")
    (folder / "word.dtmf.grxml").write_text(keyed)
    return folder


def test_a_model_that_knows_every_word_is_complete(tmp_path: Path) -> None:
    ran = run("check", MODEL, "--grammars", grammar_of(tmp_path / "grammars", "seven"))
    assert ran.exit_code == 0, ran.output
    assert "complete, 8000 Hz" in ran.output


def test_a_missing_word_is_named_and_fails_the_check(
    tmp_path: Path,
) -> None:
    ran = run("check", MODEL, "--grammars", grammar_of(tmp_path / "grammars", "zyzzyva"))
    assert ran.exit_code == 1
    assert ran.stderr == f"elms-ivr: {MODEL}: lacks words of the grammars: zyzzyva\n"
