"""`elms-ivr listen`: what something would mean to a grammar, and what is like it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands.grammar_argument import complete_name
from bot.errors import GrammarError
from bot.grammar.nearest import nearest, unknown_words
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

GRAMMARS = project_grammars()


def listened(*typed: str, to: tuple[str, ...] = ()) -> list[str]:
    """The lines that are printed, without the first one."""
    ran = CliRunner().invoke(app, ["listen", *to], input="\n".join(typed) + "\n")
    assert ran.exit_code == 0
    return [line.strip() for line in ran.stdout.splitlines()[1:]]


@pytest.mark.parametrize(
    ("grammar", "typed", "expected"),
    [
        ("license_number", "421-903", ["complete", "license_number = 421903"]),
        ("license_number", "my number is 421903", ["complete", "license_number = 421903"]),
        ("license_number", "four two", ["the beginning of an entry", "so far = 42"]),
        ("menu", "activity", ["complete", "menu = activity"]),
        ("yesno", "repeat", ["complete", "universals = repeat"]),
        ("yesno", "1", ["complete", "yesno = yes"]),
    ],
)
def test_an_entry_means_what_it_means_in_a_call(
    grammar: str, typed: str, expected: list[str]
) -> None:
    assert listened(typed, to=(grammar,)) == expected


def test_an_entry_that_is_not_understood_is_shown_with_similar_phrases() -> None:
    lines = listened("check my statis", to=("menu",))
    assert lines[0] == "nothing"
    assert lines[1].startswith("no grammar here has the word 'statis'; like it:")
    assert "status" in lines[1]
    assert any(line.startswith("near: '") and "menu = status" in line for line in lines)


def test_the_menu_and_the_commands_are_the_default_grammars() -> None:
    ran = CliRunner().invoke(app, ["listen"], input="")
    assert ran.stdout == "listening with menu.grxml, universals.grxml; Ctrl-D ends\n"


def test_a_missing_grammar_is_one_line_of_error() -> None:
    ran = CliRunner().invoke(app, ["listen", "nowhere"], input="")
    assert ran.exit_code != 0
    assert isinstance(ran.exception, GrammarError)
    assert str(ran.exception) == "grammar file nowhere.grxml does not exist"


@pytest.mark.parametrize("name", GRAMMARS.names)
def test_a_similar_phrase_is_understood(name: str) -> None:
    grammar = GRAMMARS.get(f"{name}.grxml").voice
    said = grammar.examples[0].split()
    found = nearest(grammar, said)
    assert found[0] == " ".join(said)
    assert all(grammar.match(one.split()).answer.complete for one in found)


def test_a_distant_phrase_has_no_similar_one() -> None:
    assert nearest(GRAMMARS.get("yesno.grxml").voice, ["xylophone", "quartz"]) == ()


def test_a_word_in_another_spelling_is_not_unknown() -> None:
    pin = GRAMMARS.get("pin.grxml").voice
    assert unknown_words(pin, ["for", "4", "four", "FOUR"]) == {}
    assert set(unknown_words(pin, ["four", "fourr"])) == {"fourr"}


def test_the_shell_completes_the_names_of_grammars() -> None:
    assert complete_name("p") == ["pin"]
    assert complete_name("li") == ["license_number"]
    assert complete_name("x") == []
