"""The rules that every prompt keeps, whatever it says (WCAG, W3C COGA on voice menus, EN 301 549).

Each finding is one line: key, number of the text, what is wrong. The tests run this over
prompts/, and it names the rule so that whoever writes a prompt knows why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.numerals import DIGITS
from bot.prompts.prompts import Prompts
from bot.prompts.say_as import SAY_AS
from bot.types import Prompt, Silence

LONGEST_MS = 12_000
MOST_OPTIONS = 4
MS_PER_CHARACTER = 60
"""The voice at 155 words a minute says 16.7 characters a second (measured over these prompts)."""

_KEY = rf"(?:{'|'.join(DIGITS)}|\d|star|pound)"
_PRESS = re.compile(
    rf"\b(?:press|dial|push|key|hit)\s+(?:the\s+)?({_KEY})\b(?!\s+digits?\b)(?:\s+key\b)?", re.I
)
_AFTER_A_KEY = re.compile(r"\s*(?:$|[.;?!]|(?:twice|and wait)\b|,?\s*or\b)", re.I)
_KEYPAD = re.compile(r"\bkey(?:pad|s)?\b|\bpress\b", re.I)
_PERSON = re.compile(r"\brepresentative\b", re.I)
_HARD_WORDS = (
    *("invalid", "error", "utterance", "illegal", "abort", "terminate", "terminated"),
    *("authenticate", "authentication", "credential", "input", "timeout", "dtmf", "grammar"),
    *("database", "server", "exception", "licence", "hash"),
)
_HARD = re.compile(rf"\b(?:{'|'.join(_HARD_WORDS)})\b", re.I)


def lint(prompts: Prompts) -> list[str]:
    """Every breach of a rule, as one line each."""
    found = []
    for key in prompts:
        texts = [_text(prompts, key, number) for number in range(1, _length(prompts, key) + 1)]
        for number, text in enumerate(texts, start=1):
            place = f"{key} [{number}]"
            found += [f"{place}: {breach}" for breach in _breaches(text)]
            found += [f"{place}: {breach}" for breach in _too_long(prompts, key, number)]
        found += [f"{key}: {breach}" for breach in _tapering(prompts, key, texts)]
    return found


def estimated_ms(prompts: Prompts, prompt: Prompt) -> int:
    """About how long a prompt is heard at the normal rate."""
    return sum(
        segment.ms if isinstance(segment, Silence) else len(segment.text) * MS_PER_CHARACTER
        for segment in prompts.segments(prompt)
    )


def example(prompts: Prompts, key: str, count: int = 1) -> Prompt:
    """A prompt with a long sample value in every slot."""
    values = {name: SAY_AS[say_as].sample for name, say_as in prompts.slots(key).items()}
    return Prompt(key, count, values)


def _length(prompts: Prompts, key: str) -> int:
    return len(prompts.texts(key))


def _text(prompts: Prompts, key: str, count: int) -> str:
    return prompts.text(example(prompts, key, count))


def _breaches(text: str) -> Iterator[str]:
    keys = set()
    for press in _PRESS.finditer(text):
        keys.add(press.group(1).lower())
        before = re.split(r"[.?!;]", text[: press.start()])[-1]
        if not re.search(r"\w", before) or not _AFTER_A_KEY.match(text, press.end()):
            yield f"A2: name the thing first, the key last, not “{press.group()}” before it"
    if len(keys) > MOST_OPTIONS:
        yield f"A8: {len(keys)} options; at most {MOST_OPTIONS} can be remembered"
    for word in _HARD.finditer(text):
        yield f"A8: “{word.group()}” is no plain word"


def _too_long(prompts: Prompts, key: str, number: int) -> Iterator[str]:
    took_ms = estimated_ms(prompts, example(prompts, key, number))
    if took_ms > LONGEST_MS:
        yield f"A8: about {took_ms / 1000:.1f} s; at most {LONGEST_MS // 1000} s"


def _tapering(prompts: Prompts, key: str, texts: list[str]) -> Iterator[str]:
    """A9: shorter, then the keypad, then a person."""
    field, event = key.split(".")
    if event not in ("noinput", "nomatch"):
        return
    if len(texts) < 3:
        yield "A9: needs three texts: a shorter one, one with the keypad, one with a person"
        return
    asks = f"{field}.ask"
    if asks in prompts and len(texts[0]) > len(_text(prompts, asks, 1)) + _SORRY:
        yield "A9: the first retry is shorter than the question"
    if not _KEYPAD.search(texts[1]):
        yield "A9: the second retry offers the keypad"
    if not _PERSON.search(texts[2]):
        yield "A9: the third retry offers a representative"


_SORRY = len("Sorry, I did not hear you. ")
"""A prompt first says what happened; its question has to be the shorter one."""
