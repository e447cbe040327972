"""elms-ivr grammar: what it prints, and how it fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.commands.grammar import app
from bot.errors import IvrError
from bot.resources import GRAMMARS

pytestmark = pytest.mark.unit


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_check_passes_on_the_grammars_of_the_project() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "digits.grxml: " in result.output
    assert "menu.dtmf.grxml: " in result.output


def test_check_lists_the_words_that_a_model_lacks_and_passes(tmp_path: Path) -> None:
    for name in ("g.grxml", "g.dtmf.grxml"):
        shutil.copy(GRAMMARS / name.replace("g.", "yesno.", 1), tmp_path / name)
    text = (tmp_path / "g.grxml").read_text().replace("<item>nope</item>", "<item>nix</item>")
    (tmp_path / "g.grxml").write_text(text.replace("<example>nope", "<example>nix"))
    result = run("check", "--grammars", str(tmp_path))
    assert result.exit_code == 0
    assert "words that the model lacks: " in result.output
    assert "nix" in result.output


def test_check_fails_on_an_example_that_does_not_match(tmp_path: Path) -> None:
    for path in GRAMMARS.glob("*.grxml"):
        shutil.copy(path, tmp_path)
    broken = tmp_path / "yesno.grxml"
    broken.write_text(broken.read_text().replace("<example>nope", "<example>never"))
    result = run("check", "--grammars", str(tmp_path))
    assert result.exit_code == 1
    assert "yesno.grxml: example 'never' does not match (NO)" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--grammars", "nowhere"),
        ("check", "--model", "nowhere"),
        ("parse", "nothing", "one"),
        ("parse", "menu?length=x", "one"),
        ("parse", "menu", "one", "--keys", "1"),
        ("sample", "menu?length=64"),
    ],
)
def test_faults_are_one_line_of_error_and_a_nonzero_exit_status(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, IvrError)  # main() prints it behind the command's name
    assert len(str(result.exception).splitlines()) == 1


def test_parse_shows_the_answer_and_every_value() -> None:
    result = run("parse", "digits", "twelve", "hundred", "thirty", "four")
    assert result.output.splitlines() == ["MATCH", "  digits = 1234", "  digits = 120034"]


def test_parse_shows_the_entry_so_far_for_keys() -> None:
    result = run("parse", "digits?length=6", "--keys", "4219")
    assert result.output.splitlines() == ["POTENTIAL", "  so far = 4219"]


def test_parse_accepts_keys_among_words_and_several_grammars() -> None:
    assert "pin = 4021" in run("parse", "pin", "forty", "2", "1").output
    beside = run("parse", "pin", "four two help", "--with", "universals").output
    assert beside.splitlines() == ["MAX", "  universals = help", "  so far = 42"]


def test_a_bare_number_has_the_limits_that_it_has_in_a_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = "four two one nine oh three"
    assert run("parse", "license_number", number).output.startswith("MAX")
    assert run("parse", "license_number", "four two").output.startswith("POTENTIAL")
    sampled = run("sample", "license_number", "--keys", "-n", "9").output.splitlines()
    assert {len(keys.split()) for keys in sampled} == {6}
    monkeypatch.setenv("ELMS_IVR_LICENSE_NUMBER__LENGTH", "5")
    monkeypatch.setenv("ELMS_IVR_LICENSE_NUMBER__ALPHABET", "987654321")
    assert run("parse", "license_number", number).output.startswith("NO")
    assert run("parse", "license_number", "four two one nine three").output.startswith("MAX")


def test_sample_prints_the_requested_number_and_repeats_it_for_a_seed() -> None:
    first = run("sample", "digits?length=6", "-n", "5", "--seed", "3")
    assert len(first.output.splitlines()) == 5
    assert first.output == run("sample", "digits?length=6", "-n", "5", "--seed", "3").output
    keys = run("sample", "pin", "--keys", "-n", "1").output
    assert len(keys.split()) == 4
