"""`elms-ivr prompts`: every prompt as it is heard, and what is wrong with it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from bot.commands.settings_file import SettingsFile
from bot.elms.login import SECRET_FIELDS
from bot.elms.prompt_contract import SAID
from bot.elms.spoken_facts import spoken_facts
from bot.errors import PromptError
from bot.prompts.lint import estimated_ms, example, lint
from bot.prompts.loader import read_folder
from bot.prompts.prompts import Prompts
from bot.settings import load_settings
from bot.types import Say

_TEXTS = TypeAdapter(dict[str, list[str]])


@dataclass(frozen=True, slots=True)
class Heard:
    """One text of a prompt."""

    text: str
    heard: str
    """With sample values, in the words that the voice is given."""
    seconds: float
    """About how long it takes at the normal pace."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One prompt."""

    key: str
    file: str
    slots: dict[str, str]
    texts: list[Heard]


def prompts(
    changes: Annotated[
        str | None,
        typer.Option(help="JSON file of texts by key in place of the files'; - reads it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
    settings: SettingsFile = None,
) -> None:
    """List all prompts as callers hear them, and all rule violations; fails if there are any."""
    loaded = load_settings(settings)
    edited = Prompts.load(loaded.prompts, spoken_facts(loaded), SECRET_FIELDS)
    texts = {key: list(each.texts) for key, each in read_folder(loaded.prompts).entries.items()}
    files = {key: each.file for key, each in read_folder(loaded.prompts).entries.items()}
    if changes is not None:
        new = texts_of(changes)
        edited = edited.changed(new)
        texts |= new
    edited.check(SAID)
    listed = [_listed(edited, key, files[key], texts[key]) for key in edited]
    findings = lint(edited)
    if as_json:
        print(json.dumps({"prompts": [asdict(each) for each in listed], "findings": findings}))
        return
    for each in listed:
        for number, text in enumerate(each.texts, start=1):
            typer.echo(f"{each.key} [{number}] ({text.seconds:.1f} s): {text.heard}")
    if findings:
        raise PromptError("; ".join(findings))


def texts_of(changes: str) -> dict[str, list[str]]:
    """Texts by key from a JSON file, or from standard input. Raises PromptError."""
    try:
        text = sys.stdin.read() if changes == "-" else Path(changes).read_text("utf-8")
        return _TEXTS.validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError):
        raise PromptError(
            f"{changes}: expected a JSON object of text lists by prompt key"
        ) from None


def _listed(edited: Prompts, key: str, file: str, texts: list[str]) -> Listed:
    return Listed(
        key,
        file,
        dict(edited.slots(key)),
        [_heard(edited, key, number, text) for number, text in enumerate(texts, start=1)],
    )


def _heard(edited: Prompts, key: str, number: int, text: str) -> Heard:
    prompt = example(edited, key, number)
    said = " ".join(each.text for each in edited.segments(prompt) if isinstance(each, Say))
    return Heard(text, said, round(estimated_ms(edited, prompt) / 1000, 1))
