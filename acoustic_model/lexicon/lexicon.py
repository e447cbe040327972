"""The model's words, their pronunciations, and the units that the network scores.

Three numberings meet here, and only here:

* **unit**: a sound that the network distinguishes, with two outputs (pdfs): ``2u`` for the first
  frame of the unit and ``2u + 1`` for later ones. Unit 0 is silence.
* **phone**: Kaldi's phone number, from 1. Phone 1 is silence; every position of every
  pronunciation has its own phone, so that its place in the word is known (the engine needs that
  for word times). Several phones may share a unit.
* **word**: the symbol in ``words.txt``, from 1, in the order of :data:`WORDS`.

Words with recordings of many speakers (digits, yes, no) have their own units (``six.0.s``); the
others share generic units of American English (``S``), which sentences train too, so that these
words need no recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from acoustic_model.errors import LexiconError
from acoustic_model.lexicon.pronunciations import DIGITS, GENERIC_UNITS, PRONUNCIATIONS, WHOLE_WORDS
from acoustic_model.lexicon.spelled_words import SPELLED

__all__ = ["DIGITS", "GENERIC_UNITS", "UNKNOWN", "WORDS", "Lexicon", "Pronunciation", "lexicon"]

UNKNOWN = "[unk]"
SILENCE = "SIL"
UNKNOWN_UNITS = ("UNK.0", "UNK.1", "UNK.2")

WORDS = (*WHOLE_WORDS, *PRONUNCIATIONS, UNKNOWN)
"""Every trained word; a word's number is its index plus one."""


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """One way to say a word: its units, and the Kaldi phone of each."""

    units: tuple[int, ...]
    phones: tuple[int, ...]


@dataclass(frozen=True)
class Lexicon:
    """Words with their pronunciations over numbered units.

    :func:`lexicon` is the project's; those of other models are read from their files.
    """

    units: tuple[str, ...]
    pronunciations: dict[str, tuple[Pronunciation, ...]]
    phone_units: tuple[int, ...]
    """The unit of every Kaldi phone; entry 0 belongs to phone 1."""
    fillers: frozenset[str] = frozenset()
    """The words that stand for out-of-grammar speech (acoustic_model.export.fillers)."""

    @property
    def pdfs(self) -> int:
        """Outputs of the network: two per unit."""
        return 2 * len(self.units)

    @cached_property
    def unit_numbers(self) -> dict[str, int]:
        """Maps unit names to numbers."""
        return {name: number for number, name in enumerate(self.units)}


def lexicon() -> Lexicon:
    """The project's lexicon: silence, whole-word units, generic units, ``[unk]``."""
    spoken: dict[str, tuple[tuple[str, ...], ...]] = {
        word: (_whole_word(word, said),) for word, said in WHOLE_WORDS.items()
    }
    spoken |= {
        word: tuple(tuple(way.split()) for way in ways) for word, ways in PRONUNCIATIONS.items()
    }
    spoken[UNKNOWN] = (UNKNOWN_UNITS,)
    whole = [unit for word in WHOLE_WORDS for unit in spoken[word][0]]
    units = (SILENCE, *whole, *GENERIC_UNITS, *UNKNOWN_UNITS)
    return from_units(units, spoken)


def from_units(
    units: tuple[str, ...], spoken: Mapping[str, tuple[tuple[str, ...], ...]]
) -> Lexicon:
    """Numbers the phones of `spoken` (word to pronunciations in unit names), after silence.

    Raises :class:`LexiconError` for a word without pronunciation, or with unknown units.
    """
    number = {name: index for index, name in enumerate(units)}
    phone_units = [0]
    pronunciations: dict[str, tuple[Pronunciation, ...]] = {}
    for word, ways in spoken.items():
        numbered = []
        _check_said(word, ways, number)
        for way in ways:
            said = tuple(number[name] for name in way)
            first = len(phone_units) + 1
            phone_units.extend(said)
            numbered.append(Pronunciation(said, tuple(range(first, first + len(said)))))
        pronunciations[word] = tuple(numbered)
    return Lexicon(units, pronunciations, tuple(phone_units))


def _check_said(word: str, ways: tuple[tuple[str, ...], ...], number: Mapping[str, int]) -> None:
    if not ways or not all(ways):
        raise LexiconError(
            f"{word!r} has no pronunciation; add one in acoustic_model/lexicon/pronunciations.py"
        )
    unknown = [unit for way in ways for unit in way if unit not in number]
    if unknown:
        raise LexiconError(
            f"the pronunciation of {word!r} has {unknown[0]!r}, which is not a phone of CMUdict "
            "without stress; correct it in acoustic_model/lexicon/pronunciations.py"
        )


def with_spelled(model: Lexicon) -> Lexicon:
    """`model` with the spelled words added; existing numbers do not change."""
    numbers = model.unit_numbers
    spelled = {
        word: tuple(tuple(numbers[unit] for unit in way.split()) for way in ways)
        for word, ways in SPELLED.items()
    }
    return _behind(model, spelled, model.fillers)


def with_fillers(model: Lexicon, spelled: Mapping[str, tuple[int, ...]]) -> Lexicon:
    """`model` with fillers (word to unit numbers) added; existing numbers do not change."""
    return _behind(model, {word: (units,) for word, units in spelled.items()}, frozenset(spelled))


def _behind(
    model: Lexicon, added: Mapping[str, tuple[tuple[int, ...], ...]], fillers: frozenset[str]
) -> Lexicon:
    phone_units = list(model.phone_units)
    pronunciations = dict(model.pronunciations)
    for word, ways in added.items():
        numbered = []
        for units in ways:
            first = len(phone_units) + 1
            phone_units.extend(units)
            numbered.append(Pronunciation(units, tuple(range(first, len(phone_units) + 1))))
        pronunciations[word] = tuple(numbered)
    return Lexicon(model.units, pronunciations, tuple(phone_units), fillers)


def word_positions(model: Lexicon) -> list[str]:
    """Type of each phone in ``word_boundary.int``: nonword, begin, internal, end, singleton."""
    positions = ["nonword"] * len(model.phone_units)
    for ways in model.pronunciations.values():
        for way in ways:
            inner = len(way.phones) - 2
            kinds = ["begin", *["internal"] * inner, "end"] if inner >= 0 else ["singleton"]
            for phone, kind in zip(way.phones, kinds, strict=True):
                positions[phone - 1] = kind
    return positions


def _whole_word(word: str, said: str) -> tuple[str, ...]:
    return tuple(f"{word}.{place}.{phone}" for place, phone in enumerate(said.split()))
