"""Checks a Vosk model directory before libvosk does, because libvosk ends the process.

libvosk 0.3.45 with a missing file: no ``graph/HCLr.fst`` and a phrase list is a segmentation fault,
no ``am/final.mdl`` or a broken ``conf`` an abort. The layout is that of the models of
alphacephei.com (``am``, ``conf``, ``graph``, ``ivector``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ModelError

OPENFST_MAGIC = 2_125_659_606
"""First four bytes (little-endian) of every OpenFst file."""

FILLERS = "graph/fillers.txt"
"""Files that this project's models have, and in which nothing may be wrong; others need not have
them.
"""

REQUIRED = (
    "am/final.mdl",
    "conf/model.conf",
    "graph/HCLr.fst",
    "graph/Gr.fst",
    "graph/disambig_tid.int",
)
IVECTOR_REQUIRED = (
    "final.dubm",
    "final.ie",
    "final.mat",
    "global_cmvn.stats",
    "online_cmvn.conf",
    "splice.conf",
)
FEATURES = ("conf/mfcc.conf", "conf/fbank.conf")
DEFAULT_RATE_HZ = 16_000
"""Kaldi's sample frequency if the conf names none."""


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Properties of a model directory."""

    folder: Path
    rate: int
    allow_upsample: bool
    ivectors: bool


def inspect_model(folder: Path) -> ModelShape:
    """Return the properties of a complete model; raise ModelError for the first thing wrong."""
    found = problems(folder)
    if found:
        raise ModelError(found[0])
    options = _options(_features(folder))
    return ModelShape(
        folder,
        _rate(options),
        options.get("--allow-upsample") == "true",
        (folder / "ivector").is_dir(),
    )


def problems(folder: Path) -> tuple[str, ...]:
    """Return everything that is wrong with the files of a model directory, one line each."""
    if not folder.is_dir():
        return (f"{folder}: the model directory does not exist",)
    lacking = [name for name in REQUIRED if not _has(folder / name)]
    if lacking and not (folder / "am").is_dir():
        return (f"{folder}: not a Vosk model (no am/final.mdl); unpack the model's archive here",)
    found = [f"{folder}: {name} is missing or empty" for name in lacking]
    if "graph/HCLr.fst" in lacking and (folder / "graph" / "HCLG.fst").exists():
        found.append(
            f"{folder}: graph/HCLG.fst is a static graph; use a model that accepts phrase lists"
        )
    found += _feature_problems(folder)
    found += _graph_problems(folder)
    found += _acoustic_problems(folder)
    found += _ivector_problems(folder)
    return tuple(found)


def _has(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _features(folder: Path) -> Path:
    """Return the conf that libvosk reads: mfcc first."""
    return next((folder / name for name in FEATURES if (folder / name).is_file()), folder / "none")


def _options(path: Path) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _rate(options: dict[str, str]) -> int:
    return int(float(options.get("--sample-frequency", str(DEFAULT_RATE_HZ))))


def _feature_problems(folder: Path) -> list[str]:
    path = _features(folder)
    if not path.is_file():
        return [f"{folder}: conf/mfcc.conf (or conf/fbank.conf) is missing"]
    try:
        rate = _rate(_options(path))
    except (ValueError, UnicodeDecodeError):
        return [f"{folder}: conf/{path.name} has no readable --sample-frequency"]
    if not 8_000 <= rate <= 48_000:
        return [f"{folder}: conf/{path.name} says {rate} Hz; 8000 to 48000 are supported"]
    return []


def _graph_problems(folder: Path) -> list[str]:
    """Invalid OpenFst files, or a missing symbol table."""
    found = []
    for name in ("graph/HCLr.fst", "graph/Gr.fst"):
        path = folder / name
        if _has(path):
            head = path.read_bytes()[:4] if path.stat().st_size < 4 else _head(path, 4)
            if len(head) < 4 or struct.unpack("<i", head)[0] != OPENFST_MAGIC:
                found.append(f"{folder}: {name} is not an OpenFst file")
    ids = folder / "graph" / "disambig_tid.int"
    if _has(ids) and not all(word.isdigit() for word in ids.read_text("ascii", "replace").split()):
        found.append(f"{folder}: graph/disambig_tid.int must contain only numbers")
    return found


def _acoustic_problems(folder: Path) -> list[str]:
    path = folder / "am" / "final.mdl"
    if _has(path) and _head(path, 2) != b"\0B":
        return [f"{folder}: am/final.mdl is not a binary Kaldi model"]
    return []


def _ivector_problems(folder: Path) -> list[str]:
    """Missing i-vector files; the folder is optional, but libvosk aborts if it lacks a file."""
    ivector = folder / "ivector"
    if not ivector.is_dir():
        return []
    return [
        f"{folder}: ivector/{name} is missing or empty"
        for name in IVECTOR_REQUIRED
        if not (_has(ivector / name) or (name.endswith(".conf") and (ivector / name).is_file()))
    ]


def _head(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def filler_phrases(folder: Path) -> tuple[str, ...]:
    """Return filler phrases for out-of-grammar speech; none in foreign models. Raises
    ModelError.
    """
    path = folder / FILLERS
    try:
        return tuple(path.read_text("utf-8").splitlines()) if path.is_file() else ()
    except UnicodeDecodeError:
        raise ModelError(f"{folder}: {FILLERS} is not UTF-8 text") from None
