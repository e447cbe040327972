"""elms-ivr tuning: the parameters of listening to callers, with units and meanings."""

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
    """Show all endpointing and recognition parameters, with their meanings."""
    for name, parameters in groups(FITTED):
        typer.echo(f"[{name}]")
        about = meanings(type(parameters))
        for field in fields(parameters):
            for line in textwrap.wrap(about[field.name], _WIDTH):
                typer.echo(f"# {line}")
            typer.echo(f"{field.name} = {getattr(parameters, field.name)}")
        typer.echo()


def groups(whole: Any) -> Iterator[tuple[str, Any]]:
    """The groups of parameters in a value, with their names."""
    for field in fields(whole):
        value = getattr(whole, field.name)
        if any(is_dataclass(getattr(value, one.name)) for one in fields(value)):
            yield from groups(value)
        else:
            yield field.name, value


def meanings(parameters: type) -> dict[str, str]:
    """The docstring under each field of a class, by field name."""
    (defined,) = ast.parse(inspect.getsource(parameters)).body
    body = defined.body if isinstance(defined, ast.ClassDef) else []
    found = {}
    for field, about in pairwise(body):
        match field, about:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                found[name] = inspect.cleandoc(text)
    return found
