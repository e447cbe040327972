"""Faults of the training chain; ``str()`` gives one line that a person can act on.

AcousticModelError
├── SourceError       a manifest or a recording it names
├── LexiconError      a word that cannot be said
├── CorpusError       a prepared corpus folder
├── VoiceError        a speech synthesizer
├── ModelFileError    a file of a model in the engine's format
└── TrainingError     a training run or its checkpoint
"""

from __future__ import annotations


class AcousticModelError(Exception):
    """Any fault of the training chain."""


class SourceError(AcousticModelError):
    """A manifest is missing, empty, or malformed, or a recording does not match it."""


class LexiconError(AcousticModelError):
    """A vocabulary word has no pronunciation, or one with unknown phones."""


class CorpusError(AcousticModelError):
    """A prepared corpus is missing or truncated, or would be overwritten by accident."""


class VoiceError(AcousticModelError):
    """A speech synthesizer is not installed, or produced no speech."""


class ModelFileError(AcousticModelError):
    """A model file is missing, truncated, or of an unknown kind."""


class TrainingError(AcousticModelError):
    """A checkpoint does not fit, a stage's input is missing, or training diverged."""
