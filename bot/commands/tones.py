"""elms-ivr tones: finds DTMF keys in recordings, with their times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from bot.audio.files import read_audio
from bot.errors import AudioError
from bot.tones.dtmf_detector import Tone, find_tones


def tones(
    audio: Annotated[list[Path], typer.Argument(help="WAV or FLAC files, 8 to 48 kHz.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object per line.")] = False,
) -> None:
    """Find the keys pressed in recordings, one line per file."""
    failed = False
    progress = Console(stderr=True)
    busy = track(
        audio, "Listening", console=progress, transient=True, disable=not progress.is_terminal
    )
    for path in busy:
        try:
            recording = read_audio(path)
        except AudioError as error:
            failed = True
            typer.echo(f"elms-ivr: {error}", err=True)
            continue
        for warning in recording.warnings:
            typer.echo(f"elms-ivr: {path}: {warning}", err=True)
        found = find_tones(recording)
        typer.echo(_json(path, found) if jsonl else _text(path, found))
    if failed:
        raise typer.Exit(1)


def _json(path: Path, found: Sequence[Tone]) -> str:
    pressed = [{"key": t.key, "start_ms": t.start_ms, "end_ms": t.end_ms} for t in found]
    return json.dumps({"file": str(path), "keys": _keys(found), "tones": pressed})


def _text(path: Path, found: Sequence[Tone]) -> str:
    times = " ".join(f"{t.key}@{t.start_ms}-{t.end_ms}" for t in found)
    return f"{path}: {_keys(found) or 'no keys'}" + (f"  ({times} ms)" if times else "")


def _keys(found: Sequence[Tone]) -> str:
    return "".join(tone.key for tone in found)
