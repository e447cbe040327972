"""The files that pages are built from: escaping templates, styles, and scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

_FOLDER = Path(__file__).resolve().parent / "assets"


@cache
def template(name: str) -> Template:
    """A template; an undefined variable is an error."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def part(name: str) -> str:
    """A style or a script to embed in the page."""
    return (_FOLDER / name).read_text("utf-8")
