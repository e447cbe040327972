"""Prompt files: from a key, a count and values to what is said, sentence by sentence.

A file of prompts/ maps ``field.event`` to one text or a list of texts, of which the last repeats
(tapered by count). In a text, ``{received:date}`` is a slot with its say-as name, ``[400ms]`` a
pause that we make. Whole sentences are the unit of synthesis, so that they can be cached; one
that holds a value of the caller is private, and never written anywhere. ``constants`` are
values that the file itself gives; sentences with them are as public as any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.errors import PromptError
from bot.numerals import DIGITS
from bot.prompts.loader import read_folder
from bot.prompts.normalization import words
from bot.prompts.say_as import DIGIT_GAP_MS, SAY_AS
from bot.prompts.template import (
    NUMBER_SLOT,
    Part,
    Sentence,
    Slot,
    Template,
    compile_template,
    is_open,
    say,
    write,
)
from bot.types import Prompt, Say, Segment, Silence, Value

SENTENCE_GAP_MS = 250
"""Between sentences, and between prompts, where the text gives no pause of its own."""


class Prompts:
    """All prompts of one folder, compiled. Raises PromptError: file, key, slot, never a value."""

    def __init__(
        self,
        templates: Mapping[str, tuple[Template, ...]],
        pronunciations: Mapping[str, str] | None = None,
        constants: Mapping[str, Value] | None = None,
        secrets: Collection[str] = (),
    ) -> None:
        self._templates = templates
        self._pronunciations = pronunciations or {}
        self._constants = constants or {}
        self._secrets = secrets

    @classmethod
    def load(
        cls,
        folder: Path,
        constants: Mapping[str, Value] | None = None,
        secrets: Collection[str] = (),
    ) -> Prompts:
        """Read and compile every *.yaml of a folder; ``constants`` win over those of the files.

        ``secrets`` are slots that no prompt may have.
        """
        files = read_folder(folder)
        known = {**files.constants, **(constants or {})}
        templates = {
            key: _compiled(entry.texts, f"{entry.file}: {key}", known, secrets)
            for key, entry in files.entries.items()
        }
        return cls(templates, files.pronunciations, known, secrets)

    def changed(self, texts: Mapping[str, Sequence[str]]) -> Prompts:
        """The same prompts with other texts under some keys. Raises PromptError for a bad one."""
        for key in texts:
            self.texts(key)
        templates = {
            key: _compiled(each, key, self._constants, self._secrets) for key, each in texts.items()
        }
        return Prompts(
            {**self._templates, **templates}, self._pronunciations, self._constants, self._secrets
        )

    def __iter__(self) -> Iterator[str]:
        """All keys, in the order of the files."""
        return iter(self._templates)

    def __contains__(self, key: object) -> bool:
        """Tell whether a file has this key."""
        return key in self._templates

    def texts(self, key: str) -> tuple[Template, ...]:
        """The compiled texts of a key, first to last."""
        try:
            return self._templates[key]
        except KeyError:
            raise PromptError(f"there is no prompt {key}") from None

    def slots(self, key: str) -> Mapping[str, str]:
        """Name and say-as name of every slot that a caller of this key has to fill."""
        found = (part for template in self.texts(key) for part in template.slots())
        return {slot.name: slot.say_as for slot in found}

    def check(self, said: Mapping[str, Mapping[str, Value]]) -> None:
        """Raise PromptError for keys that no file has, then for a slot that ``said`` cannot fill.

        ``said`` has an example of every value by the key that it is given with.
        """
        missing = sorted(set(said) - set(self._templates))
        if missing:
            raise PromptError(f"missing prompts: {', '.join(missing)}")
        for key, values in said.items():
            for template in self._templates[key]:
                self._check_slots(template, values)

    def _check_slots(self, template: Template, values: Mapping[str, Value]) -> None:
        for slot in template.slots():
            if slot.name not in values:
                known = f"slots here are {', '.join(values)}" if values else "there are none here"
                raise PromptError(f"{template.where}: there is no slot {slot.name}; {known}")
            say(slot, values[slot.name], template.where)

    def segments(self, prompt: Prompt) -> tuple[Segment, ...]:
        """Return the prompts as runs of words and silences."""
        segments = self._segments(self._template(prompt), prompt.values)
        if not prompt.confidential:
            return segments
        return tuple(
            replace(one, confidential=True) if isinstance(one, Say) else one for one in segments
        )

    def sequence(self, prompts: Sequence[Prompt]) -> tuple[Segment, ...]:
        """Several prompts one after the other, a pause between them."""
        segments: list[Segment] = []
        for prompt in prompts:
            _append(segments, self.segments(prompt))
        return tuple(segments)

    def text(self, prompt: Prompt) -> str:
        """Return the prompts as text for a terminal: figures stay figures."""
        template = self._template(prompt)
        sentences = (
            "".join(_written(part, prompt.values, template.where) for part in sentence)
            for sentence in template.sentences
            if not isinstance(sentence, Silence)
        )
        return " ".join(sentence.strip() for sentence in sentences if sentence.strip())

    def fixed(self) -> tuple[str, ...]:
        """Everything that is said alike to all callers, each once: what can be made beforehand."""
        found: dict[str, None] = {}
        for templates in self._templates.values():
            for template in templates:
                sample = {slot.name: SAY_AS[slot.say_as].sample for slot in template.slots()}
                for segment in self._segments(template, sample):
                    if isinstance(segment, Say) and not segment.private:
                        found[segment.text] = None
        return tuple(found | dict.fromkeys(DIGITS))

    def _template(self, prompt: Prompt) -> Template:
        templates = self.texts(prompt.key)
        return templates[min(max(prompt.count, 1), len(templates)) - 1]

    def _segments(self, template: Template, values: Mapping[str, Value]) -> tuple[Segment, ...]:
        segments: list[Segment] = []
        for sentence in template.sentences:
            said = (
                [sentence]
                if isinstance(sentence, Silence)
                else self._sentence(sentence, values, template.where)
            )
            _append(segments, said)
        return tuple(segments)

    def _sentence(
        self, sentence: Sentence, values: Mapping[str, Value], where: str
    ) -> list[Segment]:
        """One run of words, or several where digits stand between them."""
        segments: list[Segment] = []
        run: list[Part] = []
        for part in sentence:
            if (
                isinstance(part, Slot)
                and len(pieces := say(part, _value(part, values, where), where)) > 1
            ):
                _append(segments, self._run(run, values, where), DIGIT_GAP_MS)
                number = _number([part], values)
                _append(
                    segments,
                    [
                        p if isinstance(p, Silence) else Say(p, is_open(part), number)
                        for p in pieces
                    ],
                    DIGIT_GAP_MS,
                )
                run = []
            else:
                run.append(part)
        _append(segments, self._run(run, values, where), DIGIT_GAP_MS)
        return segments

    def _run(self, parts: Sequence[Part], values: Mapping[str, Value], where: str) -> list[Segment]:
        said = "".join(
            part if isinstance(part, str) else str(say(part, _value(part, values, where), where)[0])
            for part in parts
        )
        text = words(said, self._pronunciations)
        if not any(map(str.isalnum, text)):
            return []
        pronounced = any(word in said for word in self._pronunciations)
        written = words(said) if pronounced else text
        private, number = any(map(is_open, parts)), _number(parts, values)
        return [Say(text, private, number, "" if written == text else written)]


def _compiled(
    texts: Sequence[str], where: str, constants: Mapping[str, Value], secrets: Collection[str]
) -> tuple[Template, ...]:
    if not texts:
        raise PromptError(f"{where}: has no text")
    return tuple(
        compile_template(" ".join(text.split()), where, constants, secrets) for text in texts
    )


def _append(
    segments: list[Segment], more: Sequence[Segment], gap_ms: int = SENTENCE_GAP_MS
) -> None:
    """Add what follows, with a pause where neither side brings one."""
    if not more:
        return
    if segments and not isinstance(segments[-1], Silence) and not isinstance(more[0], Silence):
        segments.append(Silence(gap_ms))
    segments.extend(more)


def _number(parts: Sequence[Part], values: Mapping[str, Value]) -> str:
    """The caller's number that these parts read back; empty where they read none."""
    reads = any(isinstance(part, Slot) and part.name == NUMBER_SLOT for part in parts)
    return str(values.get(NUMBER_SLOT, "")) if reads else ""


def _value(slot: Slot, values: Mapping[str, Value], where: str) -> Value:
    value = slot.constant if slot.constant is not None else values.get(slot.name)
    if value is None:
        raise PromptError(f"{where}: slot {slot.name} has no value")
    return value


def _written(part: Part, values: Mapping[str, Value], where: str) -> str:
    return part if isinstance(part, str) else write(part, _value(part, values, where), where)
