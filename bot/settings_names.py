"""Misspelt names of settings: found before anything begins, the nearest right one named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic import BaseModel

from bot.errors import SettingsError


def names(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Every setting by its sections and its own name, sections included."""
    for name, field in model.model_fields.items():
        yield (name,)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from ((name, *inner) for inner in names(field.annotation))


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?``, or nothing where no known name is like it."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def check_environment(
    variables: Iterable[str], model: type[BaseModel], prefix: str, delimiter: str
) -> None:
    """Raise SettingsError that names the first variable with our prefix that is no setting."""
    known = [prefix + delimiter.join(parts).upper() for parts in names(model)]
    for variable in sorted(variables):
        if variable.upper().startswith(prefix) and variable.upper() not in known:
            hint = nearest(variable.upper(), known)
            raise SettingsError(f"environment: {variable} is no setting{hint}")
