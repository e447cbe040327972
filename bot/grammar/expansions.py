"""A parsed SRGS document: rules and their expansions, before references are followed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.grammar.length_limits import Length
from bot.grammar.sisr import Script
from bot.grammar.xml_reader import Place
from bot.types import Mode

ANY = "[any]"
"""The token that stands for any word or key: SRGS's special rule GARBAGE. Callers cannot say it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One token: a spoken word in lower case, or one key."""

    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence of expansions; an empty one is SRGS's special rule NULL."""

    items: tuple[Expansion, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Alternatives, preferred first; without any it is SRGS's special rule VOID."""

    alternatives: tuple[Expansion, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An expansion repeated ``least`` to ``most`` times; ``most`` None is without limit."""

    inner: Expansion
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a rule; ``file`` None is the same document, ``rule`` None is its root."""

    file: str | None
    rule: str | None
    length: Length
    place: Place


@dataclass(frozen=True, slots=True)
class Tag:
    """Assignments to the rule's value."""

    script: Script
    place: Place


Expansion = Word | Sequence | OneOf | Repeat | Reference | Tag


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule; ``bot/grammar/default_values.py`` defines its value without tags."""

    name: str
    public: bool
    expansion: Expansion
    examples: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One grammar file."""

    file: str
    mode: Mode
    root: str | None
    """None if other files reference its rules by name."""
    rules: dict[str, Rule]
