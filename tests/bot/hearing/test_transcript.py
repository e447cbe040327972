"""What another listener wrote becomes the words that grammars have."""

from __future__ import annotations

import pytest

from bot.hearing.transcript import said_once, words_of

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
