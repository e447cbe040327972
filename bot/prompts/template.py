"""One prompt text, compiled: sentences of literal text and typed slots, and the pauses between."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.errors import PromptError
from bot.prompts.say_as import SAY_AS
from bot.types import Silence, Value

LONGEST_PAUSE_MS = 5_000
LONGEST_VALUE = 1_000
"""Longest slot value, characters: more would take minutes to speak."""
NUMBER_SLOT = "number"
"""The slot in which a caller's number is read back."""

_TOKEN = re.compile(r"\[(?P<ms>\d+)ms\]|\{(?P<name>\w+):(?P<say_as>\w+)\}")
_SENTENCE_END = re.compile(r"(?<=[.?!])(?<!\b[ap]\.m\.)(?<!\b[A-Z]\.)\s+")
_MARKUP = re.compile(r"[{}\[\]<>]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A value to be said; ``constant`` where the prompt files give it themselves."""

    name: str
    say_as: str
    constant: Value | None = None


Part = str | Slot
Sentence = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Sentences and pauses in order; ``where`` names file and key for messages."""

    where: str
    sentences: tuple[Sentence | Silence, ...]

    def slots(self) -> Iterator[Slot]:
        """Slots that need a value, in order."""
        for sentence in self.sentences:
            if not isinstance(sentence, Silence):
                yield from (part for part in sentence if isinstance(part, Slot) and is_open(part))


def is_open(part: Part) -> bool:
    """Tell whether this part waits for a caller's value."""
    return isinstance(part, Slot) and part.constant is None


def compile_template(
    text: str, where: str, constants: Mapping[str, Value], secrets: Collection[str] = ()
) -> Template:
    """Parse one text. Raises PromptError for markup that is not a slot or a pause.

    ``secrets`` are slots that no prompt may have.
    """
    sentences = _Sentences()
    position = 0
    for token in _TOKEN.finditer(text):
        sentences.text(_literal(text[position : token.start()], where))
        position = token.end()
        if token["ms"]:
            sentences.pause(_pause(int(token["ms"]), where))
        else:
            if token["name"] in secrets:
                raise PromptError(f"{where}: slot {token['name']} would speak a secret")
            sentences.slot(_slot(token["name"], token["say_as"], where, constants))
    sentences.text(_literal(text[position:], where))
    found = sentences.all()
    if all(isinstance(sentence, Silence) for sentence in found):
        raise PromptError(f"{where}: has no text")
    return Template(where, found)


class _Sentences:
    """Collects parts until a sentence or a pause ends."""

    def __init__(self) -> None:
        self._ended: list[Sentence | Silence] = []
        self._parts: list[Part] = []

    def text(self, text: str) -> None:
        first, *others = _SENTENCE_END.split(text)
        self._parts.append(first)
        for other in others:
            self._end()
            self._parts.append(other)

    def slot(self, slot: Slot) -> None:
        self._parts.append(slot)

    def pause(self, pause: Silence) -> None:
        self._end()
        self._ended.append(pause)

    def all(self) -> tuple[Sentence | Silence, ...]:
        self._end()
        return tuple(self._ended)

    def _end(self) -> None:
        if any(isinstance(part, Slot) or part.strip() for part in self._parts):
            self._ended.append(tuple(self._parts))
        self._parts = []


def _literal(text: str, where: str) -> str:
    if wrong := _MARKUP.search(text):
        sign = wrong.group()
        raise PromptError(f"{where}: unexpected {sign}: expected {{slot:say-as}} or [400ms]")
    return text


def _pause(ms: int, where: str) -> Silence:
    if not 0 < ms <= LONGEST_PAUSE_MS:
        raise PromptError(f"{where}: a pause must be 1 to {LONGEST_PAUSE_MS} ms, not {ms}")
    return Silence(ms)


def _slot(name: str, say_as: str, where: str, constants: Mapping[str, Value]) -> Slot:
    if say_as not in SAY_AS:
        raise PromptError(
            f"{where}: slot {name} has the unknown say-as {say_as}; known are {', '.join(SAY_AS)}"
        )
    slot = Slot(name, say_as, constants.get(name))
    if slot.constant is not None:
        say(slot, slot.constant, where)
    return slot


def _bounded(value: Value) -> Value:
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        raise ValueError(f"requires a value of at most {LONGEST_VALUE} characters")
    return value


def say(slot: Slot, value: Value, where: str) -> tuple[str | Silence, ...]:
    """A slot's value in words. Raises PromptError without the value."""
    try:
        return SAY_AS[slot.say_as].spoken(_bounded(value))
    except (TypeError, ValueError) as error:
        raise PromptError(f"{where}: slot {slot.name}:{slot.say_as} {_reason(error)}") from None


def write(slot: Slot, value: Value, where: str) -> str:
    """A slot's value as one reads it. Raises PromptError without the value."""
    try:
        return SAY_AS[slot.say_as].written(_bounded(value))
    except (TypeError, ValueError) as error:
        raise PromptError(f"{where}: slot {slot.name}:{slot.say_as} {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Our own reasons start with ``requires``; a library's may quote the value."""
    return str(error) if str(error).startswith("requires ") else "has an invalid value"
