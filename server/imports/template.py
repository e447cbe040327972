"""Empty files to fill in, and a page that explains their columns."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, get_args

from server.errors import ServerError
from server.imports.rows import KINDS, Kind

EXPLANATION = "columns.md"
_OPENING = """\
# Columns of the files

CSV in UTF-8 with these names in the first row, or JSON Lines (`.jsonl`) with the same names. Dates
are written 2026-11-30. An empty cell is nothing. What is there already is changed; no row of the
database is removed.
"""


def write_templates(folder: Path) -> list[Path]:
    """One empty CSV file for each kind, and the explanation; none replaces a file that is there.

    Raises ServerError.
    """
    texts = {f"{kind.name}.csv": ",".join(kind.columns) + "\n" for kind in KINDS}
    texts[EXPLANATION] = explanation()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [name for name in texts if (folder / name).exists()]
        if there:
            raise ServerError(f"{folder / there[0]} already exists; templates never overwrite")
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise ServerError(f"cannot write {folder}: {error.strerror or error}") from None
    return [folder / name for name in texts]


def explanation() -> str:
    """Every column of every kind, as Markdown."""
    return "\n".join([_OPENING, *(line for kind in KINDS for line in _of_kind(kind))])


def _of_kind(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}\n"
    yield " ".join((kind.row.__doc__ or "").split()) + "\n"
    yield "| column | needed | meaning |"
    yield "| --- | --- | --- |"
    for name, field in kind.row.model_fields.items():
        codes = ", ".join(f"`{code}`" for code in _codes(field.annotation))
        words = f"{field.description} One of: {codes}." if codes else str(field.description)
        yield f"| `{name}` | {'yes' if field.is_required() else 'no'} | {words} |"
    yield ""


def _codes(annotation: Any) -> list[str]:
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    for each in kinds:
        if isinstance(each, type) and issubclass(each, StrEnum):
            return [str(code) for code in each]
    return []
