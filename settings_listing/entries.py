"""Every setting with its value, unit, source, and meaning; secrets stay hidden."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

UNITS = {
    "ms": "ms",
    "s": "s",
    "minutes": "min",
    "hours": "h",
    "days": "days",
    "kib": "KiB",
    "mib": "MiB",
    "db": "dB",
    "percent": "%",
    "per_minute": "per minute",
}
"""The unit that the end of a setting's name states, where its field states none."""

HIDDEN, UNSET = "(hidden)", "(not set)"
_PASSWORD = re.compile(r"(?<=://)([^/@]*):[^/@]*@")


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting.

    ``value`` and ``default`` are as a settings file writes them (``None`` where nothing is set, and
    for secrets). ``source`` is ``default``, ``option``, or the name of the variable or the file.
    """

    path: tuple[str, ...]
    value: Any
    default: Any
    unit: str
    source: str
    meaning: str
    secret: bool
    variable: str

    @property
    def name(self) -> str:
        """As errors and documents name it: ``turn.timeout_ms``."""
        return ".".join(self.path)

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        if self.secret:
            return HIDDEN if self.value else UNSET
        return as_text(self.value)


def entries(settings: BaseSettings, file: Path | None = None) -> list[Entry]:
    """All settings in the order of their classes. The file has been read before, so it is TOML."""
    kind = type(settings)
    prefix = str(kind.model_config.get("env_prefix", ""))
    delimiter = str(kind.model_config.get("env_nested_delimiter") or "__")
    written = tomllib.loads(file.read_text("utf-8")) if file else {}
    sources = _Sources(file, written, prefix, delimiter)
    return [
        _entry(path, field, owner, default, sources)
        for path, field, owner, default in _leaves(settings, kind, (), None)
    ]


def as_text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "(none)"
    return f"{value:g}" if isinstance(value, float) else str(value)


class _Sources:
    """Where a setting's value comes from: variables win over the file."""

    def __init__(
        self, file: Path | None, written: Mapping[str, Any], prefix: str, delimiter: str
    ) -> None:
        self._file = file
        self._written = written
        self._prefix = prefix
        self._delimiter = delimiter
        self._set = {name.upper(): text for name, text in os.environ.items()}

    def variable(self, path: tuple[str, ...]) -> str:
        return (self._prefix + self._delimiter.join(path)).upper()

    def of(self, path: tuple[str, ...], is_default: bool) -> str:
        if self.variable(path) in self._set:
            return self.variable(path)
        for length in range(1, len(path)):
            whole = self.variable(path[:length])
            if whole in self._set and _holds(_parsed(self._set[whole]), path[length:]):
                return whole
        if _holds(self._written, path):
            return str(self._file)
        return "default" if is_default else "option"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _holds(tree: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return False
        tree = tree[name]
    return True


def _leaves(
    values: BaseModel, kind: type[BaseModel], before: tuple[str, ...], defaults: BaseModel | None
) -> Iterator[tuple[tuple[str, ...], FieldInfo, BaseModel, Any]]:
    """Plain settings of a level first, then its sections, as TOML wants them."""
    sections: list[tuple[str, BaseModel, BaseModel]] = []
    for name, field in kind.model_fields.items():
        value = getattr(values, name)
        usual = field.get_default(call_default_factory=True, validated_data={})
        default = getattr(defaults, name) if defaults else usual
        if isinstance(value, BaseModel):
            sections.append((name, value, default))
        else:
            yield (*before, name), field, values, default
    for name, value, default in sections:
        yield from _leaves(value, type(value), (*before, name), default)


def _entry(
    path: tuple[str, ...], field: FieldInfo, owner: BaseModel, default: Any, sources: _Sources
) -> Entry:
    value = getattr(owner, path[-1])
    secret = isinstance(value, SecretStr)
    written, usual = plain(value), plain(default)
    return Entry(
        path,
        written,
        None if secret else usual,
        _unit(path[-1], field),
        sources.of(path, written == usual),
        field.description or "",
        secret,
        sources.variable(path),
    )


def _unit(name: str, field: FieldInfo) -> str:
    stated = field.json_schema_extra
    if isinstance(stated, dict) and "unit" in stated:
        return str(stated["unit"])
    return next((unit for ending, unit in UNITS.items() if name.endswith(f"_{ending}")), "")


def plain(value: Any) -> Any:
    """A value as TOML or JSON has it; a secret only as whether there is one."""
    if isinstance(value, SecretStr):
        return bool(value.get_secret_value())
    if isinstance(value, tuple | list | frozenset):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _PASSWORD.sub(r"\1:***@", str(value))
