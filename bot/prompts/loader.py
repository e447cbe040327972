"""Prompt files read from disk: YAML, strictly, with file and key in every complaint."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.errors import PromptError
from bot.strict_yaml import ShallowLoader, read_text
from bot.types import Value

_KEY = re.compile(r"[a-z][a-z0-9_]*\.\w+")
_NO_VALUE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""PyYAML's exceptions for 2022-13-45, !!bool maybe, and the like."""
_CONSTANTS, _PRONUNCIATIONS = "constants", "pronunciations"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: the file that has it, and its texts, first to last."""

    file: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromptFiles:
    """The combined content of one folder's files."""

    entries: dict[str, Entry] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)
    pronunciations: dict[str, str] = field(default_factory=dict)


class _StrictLoader(ShallowLoader):
    """In which a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.MarkedYAMLError(
                    problem="a name must be text", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"duplicate key {key}", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_folder(folder: Path) -> PromptFiles:
    """Read every *.yaml, in order of name. Raises PromptError."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise PromptError(f"{folder}: has no prompt files (*.yaml)")
    found = PromptFiles()
    for path in paths:
        for key, value in _read(path).items():
            if key == _CONSTANTS:
                _add(found.constants, _mapping(value, path, key), path, key, (str, int, date, list))
            elif key == _PRONUNCIATIONS:
                _add(found.pronunciations, _mapping(value, path, key), path, key, (str,))
            else:
                _add_entry(found.entries, key, value, path)
    return found


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(read_text(path), _StrictLoader)  # noqa: S506  is safe
    except OSError as error:
        raise PromptError(f"{path.name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise PromptError(f"{path.name}: cannot be read; it is not in UTF-8") from None
    except yaml.YAMLError as error:
        raise PromptError(f"{path.name}: {_complaint(error)}") from None
    except _NO_VALUE as error:
        raise PromptError(f"{path.name}: has an invalid value ({error})") from None
    return _mapping(content if content is not None else {}, path, "the file")


def _complaint(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is not YAML"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _mapping(value: Any, path: Path, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise PromptError(f"{path.name}: {key} must be a mapping of names to texts")
    return value


def _add(
    into: dict[str, Any],
    values: Mapping[str, Any],
    path: Path,
    section: str,
    kinds: tuple[type, ...],
) -> None:
    for name, value in values.items():
        if name in into:
            raise PromptError(f"{path.name}: {section}: {name} is already defined in another file")
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise PromptError(f"{path.name}: {section}: {name} has a value of the wrong kind")
        into[name] = tuple(value) if isinstance(value, list) else value


def _add_entry(entries: dict[str, Entry], key: str, value: Any, path: Path) -> None:
    if not _KEY.fullmatch(key):
        raise PromptError(f"{path.name}: {key} is not a prompt key (field.event)")
    if key in entries:
        raise PromptError(f"{path.name}: {key} is already defined in {entries[key].file}")
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise PromptError(f"{path.name}: {key} must be a text or a list of texts, in quotes")
    entries[key] = Entry(path.name, tuple(" ".join(text.split()) for text in texts))
