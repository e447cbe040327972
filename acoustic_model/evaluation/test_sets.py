"""The recordings that models are scored on, under the conditions of ``degrade.py``.

They are read in place and never trained on.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from acoustic_model.errors import SourceError
from acoustic_model.training.features import RATE_HZ

CONDITIONS = ("clean16k", "tel_ulaw", "tel_ulaw_car10", "tel_ulaw_babble20", "tel_ulaw_babble10")

_VOICES = {"F": "women", "M": "men"}


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording of a test set."""

    path: Path
    words: tuple[str, ...]
    group: str
    """``an4``, ``fsdd``, or ``others`` in the digit sets; otherwise the kind of sound."""
    speaker: str
    kind: str
    near: bool = False
    """True if a clip that is not a digit string still contains number words."""
    voice: str = ""
    """``men`` or ``women``; empty if the manifest does not say."""
    accent: str = ""
    """As in the manifest; empty if it does not say."""


def digit_strings(audio: Path) -> list[Clip]:
    """Strings of two or more digits from ``dev/``."""
    return [clip for clip in _digits(audio) if len(clip.words) > 1]


def single_digits(audio: Path) -> list[Clip]:
    """Single digits from ``dev/`` and from crowdsourced recordings (group ``crowd``)."""
    spoken = [clip for clip in _digits(audio) if len(clip.words) == 1]
    return spoken + [clip for clip in crowd_words(audio) if clip.kind == "digit"]


def crowd_words(audio: Path) -> list[Clip]:
    """Single words from ``dev_words/``; ``kind`` is digit, command, or other."""
    folder = audio / "dev_words"
    return [
        Clip(folder / row["file"], (row["text"],), "crowd", row["speaker"], row["kind"])
        for row in _rows(folder)
    ]


def sentences(audio: Path) -> list[Clip]:
    """Crowdsourced sentences without number words."""
    folder = audio / "dev_sentences"
    return [
        Clip(folder / row["file"], tuple(row["text"].split()), "sentence", row["speaker"], "speech")
        for row in _rows(folder)
    ]


def out_of_grammar(audio: Path) -> list[Clip]:
    """Speech, music, noise, and silence: anything but digit strings."""
    folder = audio / "oog_dev"
    return [
        Clip(
            folder / row["file"],
            tuple(row["text"].split()),
            "oog",
            row["speaker"],
            "nonspeech" if row["kind"] in ("hold-music", "noise") else "speech",
            row["contains_number_words"] == "1",
        )
        for row in _rows(folder)
    ]


def under(
    condition: str, clips: list[Clip], audio: Path
) -> Iterator[tuple[Clip, NDArray[np.int16]]]:
    """Each clip as 8 kHz samples under one of ``degrade.py``'s conditions."""
    degrade = _degrade(audio / "degrade.py")
    for clip in clips:
        samples, rate = soundfile.read(clip.path)
        if rate != 2 * RATE_HZ:
            samples = soxr.resample(samples, rate, 2 * RATE_HZ)
        noise = str(audio / "dev" / "noise")
        heard, rate, _ = degrade.render(samples, condition, clip.path.name, noise)
        if rate != RATE_HZ:
            heard = soxr.resample(heard, rate, RATE_HZ)
        yield clip, np.clip(np.round(heard * 32768), -32768, 32767).astype(np.int16)


def _digits(audio: Path) -> list[Clip]:
    folder = audio / "dev"
    clips = []
    for row in _rows(folder):
        source = row["source"].split(" ")[0]
        group = source if source in ("an4", "fsdd") else "others"
        words = tuple(row["words"].split())
        speaker, voice = row["speaker"], _VOICES.get(row["gender"], "")
        accent = row["accent"].partition(" (")[0] if row["accent"] != "unknown" else ""
        name = folder / row["file"]
        clip = Clip(name, words, group, speaker, row["kind"], voice=voice, accent=accent)
        clips.append(clip)
    return clips


def _rows(folder: Path) -> list[dict[str, str]]:
    manifest = folder / "manifest.csv"
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise SourceError(f"{manifest} cannot be read; scoring needs the test sets") from error


@cache
def _degrade(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("degrade", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SourceError(f"{path} is missing; scoring needs it to render the telephone conditions")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
