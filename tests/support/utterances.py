"""The table of utterances: what callers say in each state, and what it must mean there.

A file of tests/data/utterances is a state: its grammars, the utterances of each meaning, those that
mean nothing, and those that would mean something if the acoustic model had their words. What
anywhere.yaml has belongs to every state that says nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.strict_yaml import Node, read_yaml
from tests.support.paths import DATA

FOLDER = DATA / "utterances"
ANYWHERE = "anywhere"

Meaning = tuple[str, str] | None
"""A grammar and its value; None where nothing may be taken."""


@dataclass(frozen=True, slots=True)
class State:
    """What is asked, the grammars that listen, and every utterance with its meaning."""

    name: str
    grammars: tuple[str, ...]
    own: dict[str, Meaning]
    anywhere: dict[str, Meaning]
    unheard: tuple[str, ...]
    """Plain phrases for which the acoustic model lacks words: grammars get them with the words."""

    @property
    def all(self) -> dict[str, Meaning]:
        """Its own utterances, and those of every state."""
        return {**self.anywhere, **self.own}


def states() -> tuple[State, ...]:
    """All of them. Raises ScriptError with file and line."""
    anywhere = _read(FOLDER / f"{ANYWHERE}.yaml", {})
    files = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != ANYWHERE)
    return tuple(_read(path, anywhere.own) for path in files)


def unheard() -> tuple[str, ...]:
    """Of every state. Raises ScriptError."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(text for path in files for text in _read(path, {}).unheard)


def _read(path: Path, anywhere: dict[str, Meaning]) -> State:
    root = read_yaml(path)
    parts = root.mapping(("grammars", "means", "nothing", "unheard"), ("means", "nothing"))
    own: dict[str, Meaning] = {}
    for grammar, values in _named(parts["means"]):
        for value, texts in _named(values):
            _add(own, texts, (grammar, value))
    _add(own, parts["nothing"], None)
    known = dict(own)
    if "unheard" in parts:
        _add(known, parts["unheard"], None)
    return State(
        name=path.stem,
        grammars=tuple(parts["grammars"].text().split()) if "grammars" in parts else (),
        own=own,
        anywhere={text: meaning for text, meaning in anywhere.items() if text not in own},
        unheard=tuple(text for text in known if text not in own),
    )


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """Names that the file chooses, each once."""
    if not isinstance(node.node, yaml.MappingNode):
        raise node.error("expected names with values")
    names = [str(key.value) for key, _ in node.node.value]
    yield from node.mapping(names).items()


def _add(found: dict[str, Meaning], texts: Node, meaning: Meaning) -> None:
    for one in texts.items():
        text = one.text()
        if text != " ".join(text.lower().split()):
            raise one.error(f"{text!r} is not in lower case with single blanks")
        if text in found:
            raise one.error(f"{text!r} stands here twice")
        found[text] = meaning
