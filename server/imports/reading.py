"""Rows of a CSV or JSON Lines file, each with its number; what is wrong is said by row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from server.errors import ImportRefusedError
from server.imports.rows import KINDS, Kind, Row

SUFFIXES = (".csv", ".jsonl")
MOST_SHOWN = 20
"""Errors of a file that are told."""


class Problems:
    """Collects what is wrong with a file's rows."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: list[tuple[int, str]] = []

    def add(self, row: int, words: str) -> None:
        """One thing that is wrong with a row."""
        self._found.append((row, words))

    @property
    def count(self) -> int:
        """Number of errors."""
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise ImportRefusedError with the first of them."""
        if not self._found:
            return
        first = sorted(self._found, key=lambda fault: fault[0])[:MOST_SHOWN]
        lines = [f"{self._file.name} row {row}: {words}" for row, words in first]
        if self.count > len(first):
            lines.append(f"and {self.count - len(first):,} more")
        raise ImportRefusedError("\n".join([*lines, f"nothing in {self._file.name} was imported"]))


def files_of(source: Path) -> list[tuple[Kind, Path]]:
    """The files to import, owners first. Raises ImportRefusedError for a name of no kind."""
    if not source.exists():
        raise ImportRefusedError(f"there is no file or folder {source}")
    if not source.is_dir():
        return [(kind_of(source), source)]
    paths = [path for path in sorted(source.iterdir()) if path.suffix.lower() in SUFFIXES]
    if not paths:
        raise ImportRefusedError(f"{source} has no .csv or .jsonl files")
    found = [(kind_of(path), path) for path in paths]
    return sorted(found, key=lambda pair: KINDS.index(pair[0]))


def kind_of(file: Path) -> Kind:
    """By the file's name: ``applications.csv``, ``applications-2026-11.jsonl``."""
    first = re.split(r"[^a-z]", file.name.lower())[0]
    if file.suffix.lower() in SUFFIXES:
        for kind in KINDS:
            if kind.name == first:
                return kind
    names = ", ".join(kind.name for kind in KINDS)
    raise ImportRefusedError(f"{file.name}: name it after its contents ({names}), .csv or .jsonl")


def rows_in(file: Path) -> int:
    """About how many rows a file has, for a progress bar."""
    with file.open("rb") as opened:
        return sum(block.count(b"\n") for block in iter(lambda: opened.read(1 << 20), b""))


class Numbered(NamedTuple):
    """A row, its number, and the columns that it has; what a file lacks is left as it is."""

    number: int
    row: Row
    columns: frozenset[str]


def read(file: Path, kind: Kind, problems: Problems) -> Iterator[Numbered]:
    """Rows that are right; the others go to ``problems``.

    The header of a CSV file is row 1. Raises ImportRefusedError where the file cannot be read.
    """
    raw = _jsonl(file, problems) if file.suffix.lower() == ".jsonl" else _csv(file, kind, problems)
    for number, cells in raw:
        filled = {name: cell for name, cell in cells.items() if cell != ""}
        try:
            yield Numbered(number, kind.row.model_validate(filled), frozenset(cells))
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                problems.add(number, _words(fault, kind))


def _csv(file: Path, kind: Kind, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    with _readable(file), file.open(encoding="utf-8-sig", newline="") as opened:
        records = csv.reader(opened, strict=True)
        header = next(records, [])
        _check_header(file, [name.strip() for name in header], kind)
        for number, record in enumerate(records, 2):
            if not any(record):
                continue
            if len(record) != len(header):
                problems.add(number, f"{len(record)} columns, the header has {len(header)}")
                continue
            cells = zip(header, record, strict=True)
            yield number, {name.strip(): cell.strip() for name, cell in cells}


def _jsonl(file: Path, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    with _readable(file), file.open(encoding="utf-8-sig") as opened:
        for number, line in enumerate(opened, 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                found = None
            if isinstance(found, dict):
                yield number, found
            else:
                problems.add(number, "not a JSON object")


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise ImportRefusedError(f"{file.name}: not UTF-8; save it as “CSV UTF-8”") from None
    except csv.Error as error:
        raise ImportRefusedError(f"{file.name}: not a CSV file: {error}") from None
    except OSError as error:
        raise ImportRefusedError(f"cannot read {file}: {error.strerror or error}") from None


def _check_header(file: Path, header: list[str], kind: Kind) -> None:
    for name in header:
        if name not in kind.columns:
            raise ImportRefusedError(f"{file.name}: there is no column {_near(name, kind)}")
        if header.count(name) > 1:
            raise ImportRefusedError(f"{file.name}: the column {name} occurs twice")
    for name, field in kind.row.model_fields.items():
        if field.is_required() and name not in header:
            raise ImportRefusedError(f"{file.name}: the column {name} is missing")


def _near(name: str, kind: Kind) -> str:
    near = get_close_matches(name, kind.columns, n=1)
    return f"{name!r}{f'; did you mean {near[0]}?' if near else ''}"


def _words(fault: Any, kind: Kind) -> str:
    """Describe the error without quoting the input."""
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no column {_near(name, kind)}"
    if fault["type"] == "missing":
        return f"{name}: is empty"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
