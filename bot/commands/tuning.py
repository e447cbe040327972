"""elms-ivr tuning: the values that steer how a caller is heard, each with its unit and meaning."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import typer

from bot.calls.tuning import FITTED

_WIDTH = 78


def tuning() -> None:
    """Show every value that steers how a caller is heard, with its meaning."""
    for name, parameters in groups(FITTED):
        typer.echo(f"[{name}]")
        about = meanings(type(parameters))
        for field in fields(parameters):
            for line in textwrap.wrap(about[field.name], _WIDTH):
                typer.echo(f"# {line}")
            typer.echo(f"{field.name} = {getattr(parameters, field.name)}")
        typer.echo()


def groups(whole: Any) -> Iterator[tuple[str, Any]]:
    """Each group of parameters within a value, by its name there."""
    for field in fields(whole):
        value = getattr(whole, field.name)
        if any(is_dataclass(getattr(value, one.name)) for one in fields(value)):
            yield from groups(value)
        else:
            yield field.name, value


def meanings(parameters: type) -> dict[str, str]:
    """What stands under each field of a class, by the field's name."""
    (defined,) = ast.parse(inspect.getsource(parameters)).body
    body = defined.body if isinstance(defined, ast.ClassDef) else []
    found = {}
    for field, about in pairwise(body):
        match field, about:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                found[name] = inspect.cleandoc(text)
    return found
