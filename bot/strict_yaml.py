"""Strict YAML with line numbers: values as they were written, not as YAML interprets them.

Scalars are kept as text, so that ``keys: 0042`` keeps its zeros and ``say: yes`` is a word. Unknown
keys, duplicate keys, and values of the wrong kind are errors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import yaml

from bot.bounded_file import read_bounded
from bot.errors import ScriptError

T = TypeVar("T")

LARGEST_BYTES = 1 << 20
MOST_LEVELS = 16
"""Maximum nesting of lists and mappings; a script has five levels."""
_TRUE, _FALSE = {"true", "yes"}, {"false", "no"}


class ShallowLoader(yaml.SafeLoader):
    """YAML without objects and deep nesting, for which the time grows with the square of the depth
    and the loader in C crashes."""

    _level = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node one level deeper. Raises YAMLError beyond MOST_LEVELS."""
        self._level += 1
        try:
            if self._level > MOST_LEVELS:
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.MarkedYAMLError(problem="is nested too deeply", problem_mark=mark)
            return super().compose_node(parent, index)
        finally:
            self._level -= 1


def read_text(path: Path) -> str:
    """A YAML file as text. Raises OSError and UnicodeDecodeError."""
    return read_bounded(path, LARGEST_BYTES).decode("utf-8")


def read_yaml(path: Path) -> Node:
    """The document in a file. Raises ScriptError, one line with file and line."""
    try:
        root = yaml.compose(read_text(path), ShallowLoader)
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ScriptError(f"{path}: cannot be read; it is not in UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise ScriptError(f"{path}:{mark.line + 1 if mark else 1}: {problem}") from None
    if root is None:
        raise ScriptError(f"{path}:1: the file is empty")
    return Node(root, path)


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the file. ``within`` is its context for errors ("turn 3: ")."""

    node: yaml.Node
    path: Path
    within: str = ""

    def error(self, message: str) -> ScriptError:
        """An error at this position."""
        line = self.node.start_mark.line + 1
        return ScriptError(f"{self.path}:{line}: {self.within}{message}")

    def mapping(self, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, Node]:
        """Names and values; every name must be in ``allowed`` and unique."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"expected names with values: {', '.join(allowed)}")
        found: dict[str, Node] = {}
        for key, value in self.node.value:
            name, place = str(key.value), Node(key, self.path, self.within)
            if name not in allowed:
                close = get_close_matches(name, allowed, 1)
                meant = f"did you mean {close[0]}?" if close else f"known: {', '.join(allowed)}"
                raise place.error(f"unknown name {name!r}; {meant}")
            if name in found:
                raise place.error(f"duplicate name {name}")
            found[name] = Node(value, self.path, self.within)
        for name in required:
            if name not in found:
                raise self.error(f"{name} is missing")
        return found

    def items(self, within: str = "") -> list[Node]:
        """The values of a list; with ``within``, errors number them."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("expected a list")
        return [
            Node(value, self.path, f"{within} {number}: " if within else self.within)
            for number, value in enumerate(self.node.value, 1)
        ]

    def text(self) -> str:
        """The text as written; must not be empty."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("expected text")
        written = str(self.node.value).strip()
        if not written:
            raise self.error("expected text, but this is empty")
        return written

    def whole(self, least: int, most: int) -> int:
        """An integer in a range."""
        return self._number(int, least, most)

    def number(self, least: float, most: float) -> float:
        """A number in a range."""
        return self._number(float, least, most)

    def truth(self) -> bool:
        """True or false."""
        written = self.text().lower()
        if written in _TRUE | _FALSE:
            return written in _TRUE
        raise self.error(f"expected true or false, not {written!r}")

    def choice(self, known: Collection[T]) -> T:
        """One of the known words."""
        written = self.text()
        for one in known:
            if one == written:
                return one
        raise self.error(f"{written!r} is not one of {', '.join(map(str, known))}")

    def _number(self, kind: Callable[[str], T], least: T, most: T) -> T:
        written = self.text()
        try:
            value = kind(written)
            inside = least <= value <= most  # type: ignore[operator]
        except ValueError:
            raise self.error(f"expected a number, not {written!r}") from None
        if not inside:
            raise self.error(f"{written} is not between {least} and {most}")
        return value
