"""The source of the map: the bot's packages and files, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Room:
    """A package or single file directly below ``bot``."""

    name: str
    is_package: bool
    sentence: str
    """The first sentence of its docstring."""
    imports: frozenset[str]
    """Names of the other rooms that it imports."""

    @property
    def label(self) -> str:
        """Its name as in a folder listing."""
        return f"{self.name}/" if self.is_package else f"{self.name}.py"


def read_rooms(package: Path = PROJECT / "bot") -> dict[str, Room]:
    """All rooms of a package, by name."""
    files = {path.stem: [path] for path in sorted(package.glob("*.py")) if path.stem != "__init__"}
    for opening in sorted(package.glob("*/__init__.py")):
        files[opening.parent.name] = [opening, *sorted(opening.parent.rglob("*.py"))]
    return {name: _room(package.name, name, paths, files) for name, paths in files.items()}


def reduced(rooms: Mapping[str, Room]) -> tuple[tuple[str, str], ...]:
    """Pairs (importer, imported), without those implied by others (transitive reduction)."""
    below: dict[str, frozenset[str]] = {}

    def reach(name: str) -> frozenset[str]:
        if name not in below:
            direct = rooms[name].imports
            below[name] = direct.union(*(reach(one) for one in direct))
        return below[name]

    return tuple(
        (name, lower)
        for name, room in sorted(rooms.items())
        for lower in sorted(room.imports)
        if not any(lower in reach(other) for other in room.imports - {lower})
    )


def _room(package: str, name: str, paths: list[Path], all_rooms: Iterable[str]) -> Room:
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    imported = {module for tree in trees for module in _modules(tree)}
    known = set(all_rooms) - {name}
    return Room(
        name=name,
        is_package=paths[0].name == "__init__.py",
        sentence=_sentence(ast.get_docstring(trees[0]) or ""),
        imports=frozenset(
            parts[1]
            for parts in (module.split(".") for module in imported)
            if len(parts) > 1 and parts[0] == package and parts[1] in known
        ),
    )


def _modules(tree: ast.AST) -> set[str]:
    """Dotted names of all imports, anywhere in the file."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _sentence(docstring: str) -> str:
    first = " ".join(docstring.partition("\n\n")[0].split()).replace("``", "")
    return first.partition(". ")[0].rstrip(".") + "."
