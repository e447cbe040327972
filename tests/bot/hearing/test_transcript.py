"""What another listener wrote becomes the words that grammars have."""

from __future__ import annotations

import pytest

from bot.grammar import ActiveGrammars
from bot.hearing.spellings import spellings
from bot.hearing.transcript import said_once, words_of
from tests.support.grammars import project_grammars
from tests.support.utterances import State, states

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" Yes.", "yes"),
        ("No, thank you!", "no thank you"),
        ("4 2 1 9", "four two one nine"),
        (" 421903", "four two one nine zero three"),
        ("It's 42-19.", "it's four two one nine"),
        ("I don’t know", "i don't know"),
        (" ...", ""),
        ("OK, bye.", "okay bye"),
        ("\N{EIGHTH NOTE} caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{EIGHTH NOTE}", "caf"),
    ],
)
def test_text_is_put_into_words(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words


@pytest.mark.parametrize(
    ("said", "once"),
    [
        ("goodbye goodbye goodbye", "goodbye"),
        ("can i speak can i speak can i", "can i speak"),
        ("a b a", "a b a"),
        ("start over over over", "start over"),
        ("well can i speak can i speak can", "well can i speak"),
        ("no no", "no"),
        ("yes it is", "yes it is"),
        ("a b c a b d", "a b c a b d"),
        ("", ""),
    ],
)
def test_words_that_go_round_are_taken_once(said: str, once: str) -> None:
    assert " ".join(said_once(tuple(said.split()))) == once


@pytest.mark.parametrize(
    ("said", "once"),
    [
        ("yes it's five eight yes it", "yes it's five eight"),
        ("where do i find it where", "where do i find it"),
        ("i do not want to go to", ""),
        ("can i speak can i speak can", "can i speak"),
        ("no no no", "no"),
    ],
)
def test_text_that_was_cut_off_is_a_round_or_nothing(said: str, once: str) -> None:
    assert " ".join(said_once(tuple(said.split()), cut=True)) == once


GRAMMARS = project_grammars()
STATES = {state.name: state for state in states()}
NO_NUMBER = frozenset({"oh yes", "oh no"})
"""Here "oh" is no zero, and a transcriber would not write "0"."""


def written(state: State) -> dict[str, tuple[str, ...]]:
    """What is said in this state alone, as a transcriber may write it."""
    texts = (text for text, meaning in state.own.items() if meaning is not None)
    return {
        text: spellings(text.split())
        for text in texts
        if text not in NO_NUMBER and "hundred" not in text
    }


@pytest.mark.parametrize("name", STATES)
def test_an_utterance_means_the_same_however_it_is_written(name: str) -> None:
    state = STATES[name]
    active = ActiveGrammars([GRAMMARS.get(uri) for uri in state.grammars], asides=GRAMMARS.asides)
    lost = [
        text
        for said, texts in written(state).items()
        for text in texts
        if state.own[said] not in active.match("voice", words_of(f"{text}.")).values
    ]
    assert lost == []
