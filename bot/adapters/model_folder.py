"""A model directory: an acoustic model, and this project's own files beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.adapters.spotter_onnx import OnnxSpotter
from bot.bounded_file import read_bounded
from bot.errors import ModelError
from bot.hearing.confidence import (
    FITTED,
    UNFITTED,
    Confidence,
    ConfidenceParameters,
    Logistic,
)
from bot.hearing.ensemble import Ensemble, Member
from bot.interfaces import Rescorer

SECOND = "second"
"""Folder of a separately trained model, for entries where the first is uncertain."""

SPOTTER = "spotter.onnx"
"""File of the spotter, needed if weights use it."""

CONFIDENCE = "confidence.json"
"""File of the fitted weights."""

_LARGEST_BYTES = 256 << 10
"""Largest size of a weights file."""


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """Contents of the weights file."""

    number: Logistic
    command: Logistic
    sentence: Logistic | None = None
    both: FittedWeights | None = None
    rescored: FittedWeights | None = None

    def confidence(self, parameters: ConfidenceParameters) -> Confidence:
        """Return a confidence with these weights."""
        both = self.both.confidence(parameters) if self.both else None
        rescored = self.rescored.confidence(parameters) if self.rescored else None
        return Confidence(self.number, self.command, both, rescored, parameters, self.sentence)


_WEIGHTS = TypeAdapter(FittedWeights)


def load_ensemble(folder: Path, rescorer: Rescorer | None = None) -> Ensemble:
    """Load a model directory with its other listeners: the rescorer, or the second model if no
    weights were fitted for a rescorer. Raises ModelError.
    """
    first = VoskRecognizer(folder)
    spotter = _spotter(folder / SPOTTER, first)
    fitted = rescorer is not None and read_confidence(folder).rescored is not None
    second = None if fitted else _second(folder)
    return Ensemble(_member(first), second, spotter, rescorer)


def read_confidence(folder: Path, parameters: ConfidenceParameters = FITTED) -> Confidence:
    """Return the weights of a model directory, or else UNFITTED's. Raises ModelError."""
    path = folder / CONFIDENCE
    if not path.is_file():
        return replace(UNFITTED, parameters=parameters)
    try:
        stored = _WEIGHTS.validate_json(read_bounded(path, _LARGEST_BYTES))
        found = stored.confidence(parameters)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ModelError(f"{path} is not a valid confidence file: {reason}") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})") from None
    if found.spots and not (folder / SPOTTER).is_file():
        raise ModelError(
            f"{path} needs {SPOTTER}, which is missing; make it with `python -m "
            f"acoustic_model spot {folder}`"
        )
    return found


def _member(recognizer: VoskRecognizer) -> Member:
    return Member(recognizer, recognizer.fillers)


def _second(folder: Path) -> Member | None:
    """Load the second model of a directory. Raises ModelError if its words differ."""
    path = folder / SECOND
    if not path.is_dir():
        return None
    second = VoskRecognizer(path)
    ours, theirs = ((each / "graph" / "words.txt").read_bytes() for each in (folder, path))
    if ours != theirs:
        raise ModelError(f"{path}: its words differ from those of {folder}; unpack the model again")
    return _member(second)


def _spotter(path: Path, recognizer: VoskRecognizer) -> OnnxSpotter | None:
    """Load the spotter of a model. Raises ModelError if it spots words of another model."""
    if not path.is_file():
        return None
    spotter = OnnxSpotter(path)
    if others := recognizer.missing(spotter.words):
        raise ModelError(f"{path}: spots words that the model lacks: {', '.join(others)}")
    return spotter
