"""Every phrase that a prompt offers can be said in the state in which it is heard (A15)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.elms.prompt_contract import SAID
from bot.grammar import ActiveGrammars
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.types import Prompt, Say
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
GRAMMARS = project_grammars()
FIELDS = {
    "license_number": "license_number.grxml?length=6",
    "license_number_rest": "digits.grxml?length=3",
    "license_number_digit": "digits.grxml?length=1",
    "pin": "pin.grxml",
    "yesno": "yesno.grxml",
    "menu": "menu.grxml",
    "call_back": "yesno.grxml",
    "call_back_number": "telephone_number.grxml?length=10",
    "call_back_number_rest": "digits.grxml?length=3",
    "call_back_number_digit": "digits.grxml?length=1",
    "call_back_time": "time_of_day.grxml",
    "information": "information.grxml",
    "offer": "yesno.grxml",
}
OFFERS = (
    r"(?:To|to) ([a-z ]+?)(?:,| and) press",
    r"(?:For|for) ([a-z ]+?), press",
    r"[Yy]ou can say ([a-z, ]+)",
    r"[Pp]lease say ((?:yes|no)[a-z ]*)",
    r"[Ss]ay ([a-z]+)[,.]",
)


LOGIN = ("license_number", "pin", "offer")
SHOWN_AT = {"no_number": "offer", "no_pin": "offer"}
"""The question at which a prompt of another name is heard."""


def active(field: str) -> ActiveGrammars:
    links = ("universals_login.grxml",) if field in LOGIN else ()
    pairs = [GRAMMARS.get(uri) for uri in (FIELDS[field], "universals.grxml", *links)]
    return ActiveGrammars(pairs, asides=GRAMMARS.asides)


def offered() -> Iterator[tuple[str, str]]:
    """Pairs of field and phrase, each once."""
    found: dict[tuple[str, str], None] = {}
    for key, values in SAID.items():
        name = key.partition(".")[0]
        field = SHOWN_AT.get(name, name)
        states = [field] if field in FIELDS else list(FIELDS)
        for count in (1, 2, 3):
            segments = PROMPTS.segments(Prompt(key, count, values))
            text = " ".join(one.text for one in segments if isinstance(one, Say))
            for pattern in OFFERS:
                for phrases in re.findall(pattern, text):
                    for phrase in re.split(r", or |, | or ", phrases):
                        found |= {(state, phrase.strip()): None for state in states}
    yield from found


def test_phrases_are_found_in_the_prompts() -> None:
    phrases = {phrase for _, phrase in offered()}
    assert {"finish", "other account activity", "more time", "slower speech"} <= phrases
    assert {"speak with a representative", "yes", "renewal information"} <= phrases


@pytest.mark.parametrize(("field", "phrase"), list(offered()))
def test_every_offered_phrase_is_understood(field: str, phrase: str) -> None:
    heard = active(field).match("voice", phrase.split())
    assert heard.answer.complete, f"{phrase!r} at {field}"
