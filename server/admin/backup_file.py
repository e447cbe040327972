"""The file of a backup: gzip of JSON lines, the same for SQLite and PostgreSQL (decision 55).

The first line says what it is and of which version, then each table has a line with its name and
columns and a line for each row. The last line has the number of rows and the SHA-256 of all lines
before it. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.errors import DatabaseError

FORMAT = 1
SUFFIX = ".jsonl.gz"


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a backup; ``pepper`` is a digest that only the same pepper produces."""

    revision: str
    made: str
    pepper: str


@dataclass(frozen=True, slots=True)
class TableStart:
    """The rows that follow are of this table."""

    name: str
    columns: tuple[str, ...]


Row = list[Any]


class Writer:
    """Writes lines and counts them into the digest."""

    def __init__(self, out: gzip.GzipFile) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self.rows = 0

    def table(self, name: str, columns: Iterable[str]) -> None:
        """Begin a table."""
        self._line({"table": name, "columns": list(columns)})

    def row(self, values: Iterable[Any]) -> None:
        """One row, in the order of the columns."""
        self.rows += 1
        self._line([_encoded(value) for value in values])

    def _line(self, content: Any) -> None:
        line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._out.write(line)

    def header(self, header: Header) -> None:
        """The first line."""
        self._line({"elms_backup": FORMAT, "revision": header.revision, "made": header.made,
                    "pepper": header.pepper})  # fmt: skip

    def end(self) -> None:
        """The last line; without it a backup is cut off."""
        self._line({"rows": self.rows, "sha256": self._digest.hexdigest()})


@contextmanager
def new_backup(file: Path) -> Iterator[Writer]:
    """Write a file that only its owner reads; it has its name once it is whole.

    Raises DatabaseError where it cannot be written.
    """
    if file.exists():
        raise DatabaseError(f"{file} already exists; a backup never overwrites a file")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6) as out:
                writer = Writer(out)
                yield writer
                writer.end()
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.rename(file)
    except OSError as error:
        raise DatabaseError(f"cannot write {file}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def read_backup(file: Path) -> Iterator[Header | TableStart | Row]:
    """The parts of a backup in order. Raises DatabaseError where it is not whole.

    The digest is checked with the last line: use nothing of it before the iteration has ended.
    """
    try:
        with gzip.open(file, "rb") as opened:
            yield from _parts(file, opened)
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise DatabaseError(f"{file} is not a complete backup: {error}") from None
    except OSError as error:
        raise DatabaseError(f"cannot read {file}: {error.strerror or error}") from None


def _parts(file: Path, lines: Iterable[bytes]) -> Iterator[Header | TableStart | Row]:
    digest, rows, header = hashlib.sha256(), 0, None
    for line in lines:
        content = json.loads(line)
        if header is None:
            header = _header(file, content)
            yield header
        elif isinstance(content, list):
            rows += 1
            yield content
        elif "table" in content:
            yield TableStart(str(content["table"]), tuple(content["columns"]))
        elif content == {"rows": rows, "sha256": digest.hexdigest()}:
            return
        else:
            raise DatabaseError(f"{file} was changed: its contents do not match its last line")
        digest.update(line)
    raise DatabaseError(f"{file} is truncated: its last line is missing")


def _header(file: Path, content: Any) -> Header:
    if not isinstance(content, dict) or "elms_backup" not in content:
        raise DatabaseError(f"{file} is not a backup of this service")
    if content["elms_backup"] != FORMAT:
        raise DatabaseError(f"{file} was made by a newer server")
    return Header(str(content["revision"]), str(content["made"]), str(content["pepper"]))


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    return value.isoformat() if hasattr(value, "isoformat") else value
