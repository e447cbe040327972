"""What callers say, as text: each utterance means in its state what tests/data/utterances says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ScriptError
from bot.grammar import ActiveGrammars
from tests.support import utterances
from tests.support.grammars import project_grammars
from tests.support.utterances import Meaning, State, states

pytestmark = pytest.mark.unit

STATES = {state.name: state for state in states()}
GRAMMARS = project_grammars()
MEANINGS = [
    (name, meaning)
    for name, state in STATES.items()
    for meaning in dict.fromkeys(state.all.values())
]


def understood(state: State, meaning: Meaning) -> dict[str, Meaning]:
    """What the state makes of every utterance of this meaning."""
    pairs = [GRAMMARS.get(uri) for uri in state.grammars]
    active = ActiveGrammars(pairs, asides=GRAMMARS.asides)
    texts = [text for text, meant in state.all.items() if meant == meaning]
    return {text: next(iter(active.match("voice", text.split()).values), None) for text in texts}


@pytest.mark.parametrize(("name", "meaning"), MEANINGS)
def test_an_utterance_means_in_its_state_what_callers_mean(name: str, meaning: Meaning) -> None:
    found = understood(STATES[name], meaning)
    assert found == dict.fromkeys(found, meaning)


def test_the_table_has_what_callers_say_in_every_state() -> None:
    every = {(state.name, text) for state in STATES.values() for text in state.own}
    assert len(every) > 750
    assert len(next(iter(STATES.values())).anywhere) > 300
    assert {"license_number", "before_login", "pin", "menu", "information"} <= STATES.keys()
    assert {"yesno", "read_back", "call_back_number", "call_back_time"} <= STATES.keys()


def test_utterances_not_understood_yet_lack_words_in_the_acoustic_model(project: Path) -> None:
    listed = (project / "bot/models/telephone/graph/words.txt").read_text("utf-8")
    known = {line.split()[0] for line in listed.splitlines()}
    waiting = utterances.unheard()
    assert [text for text in waiting if known.issuperset(text.split())] == []
    assert len(waiting) < 180, "a new phrase of words that the model has belongs to its meaning"


@pytest.mark.parametrize("name", [name for name in STATES if name != "missing_digit"])
def test_a_state_has_utterances_that_mean_nothing_there(name: str) -> None:
    assert list(STATES[name].own.values()).count(None) >= 4


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("means: {menu: {status: [a, a]}}\nnothing: []", "stands here twice"),
        ("means: {menu: {status: [A]}}\nnothing: []", "lower case"),
        ("means: {menu: {status: a}}\nnothing: []", "expected a list"),
        ("means: {menu: {status: [a]}}\nnothing: []\nelse: []", "unknown name"),
    ],
)
def test_the_table_is_read_strictly(
    written: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "anywhere.yaml").write_text(written)
    monkeypatch.setattr(utterances, "FOLDER", tmp_path)
    with pytest.raises(ScriptError, match=complaint):
        states()
