"""What is said of a model directory that is wrong, before libvosk sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.adapters.vosk_model_check import REQUIRED, inspect_model, problems
from bot.commands.model import app
from bot.errors import ModelError
from tests.support.model_files import write_stock_model

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_stock_model(tmp_path / "model")


def test_a_complete_model_has_no_problems(folder: Path) -> None:
    assert problems(folder) == ()
    shape = inspect_model(folder)
    assert (shape.rate, shape.allow_upsample, shape.ivectors) == (16_000, False, True)


@pytest.mark.parametrize(
    "name", [*REQUIRED, "conf/mfcc.conf", "ivector/final.ie", "ivector/splice.conf"]
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError) as error:
        inspect_model(folder)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [*REQUIRED, "ivector/final.mat"])
def test_an_empty_file_counts_as_missing(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert any(name in problem for problem in problems(folder))


def test_all_problems_are_listed_at_once(folder: Path) -> None:
    for name in ("am/final.mdl", "graph/HCLr.fst", "ivector/final.mat"):
        (folder / name).unlink()
    assert len(problems(folder)) == 3


def test_a_folder_without_a_model_is_reported(tmp_path: Path) -> None:
    assert "the model directory does not exist" in problems(tmp_path / "nowhere")[0]
    assert "not a Vosk model" in problems(tmp_path)[0]


def test_a_model_with_a_fixed_graph_takes_no_phrase_lists(folder: Path) -> None:
    (folder / "graph/HCLr.fst").rename(folder / "graph/HCLG.fst")
    assert any("accepts phrase lists" in problem for problem in problems(folder))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("graph/HCLr.fst", b"<html>not found</html>", "is not an OpenFst file"),
        ("graph/Gr.fst", struct.pack("<i", 7), "is not an OpenFst file"),
        ("graph/Gr.fst", b"x", "is not an OpenFst file"),
        ("am/final.mdl", b"<html>", "is not a binary Kaldi model"),
        ("graph/disambig_tid.int", b"12\nx", "must contain only numbers"),
        ("conf/mfcc.conf", b"--sample-frequency=fast\n", "no readable --sample-frequency"),
        ("conf/mfcc.conf", b"--sample-frequency=\xff\n", "no readable --sample-frequency"),
        ("conf/mfcc.conf", b"--sample-frequency=4000\n", "4000 Hz"),
    ],
)
def test_a_file_of_the_wrong_kind_is_named(
    folder: Path, name: str, content: bytes, said: str
) -> None:
    (folder / name).write_bytes(content)
    assert any(said in problem for problem in problems(folder))


def test_options_may_have_comments_and_spaces(folder: Path) -> None:
    conf = "# features\n--sample-frequency = 8000 # telephone\n--allow-upsample=true\n"
    (folder / "conf/mfcc.conf").write_text(conf)
    shape = inspect_model(folder)
    assert (shape.rate, shape.allow_upsample) == (8_000, True)


def test_kaldi_assumes_16_khz_when_the_configuration_has_no_rate(folder: Path) -> None:
    (folder / "conf/mfcc.conf").write_text("--num-ceps=40\n")
    assert inspect_model(folder).rate == 16_000


def test_the_command_lists_problems_and_fails(folder: Path) -> None:
    (folder / "am/final.mdl").unlink()
    (folder / "conf/model.conf").unlink()
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 1
    assert "am/final.mdl" in done.output
    assert "conf/model.conf" in done.output


def test_the_command_describes_a_model_and_lists_the_words_it_lacks(folder: Path) -> None:
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 1
    assert "complete, 16000 Hz, with i-vectors" in done.stdout
    assert "representative" in done.stderr.split("lacks words of the grammars:")[1]
