"""Faults of the training chain; ``str()`` of each is one line that a person can act on.

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
    """A manifest is missing, empty or malformed, or a recording is not what it says."""


class LexiconError(AcousticModelError):
    """A word of the vocabulary has no pronunciation, or one in phones that are not there."""


class CorpusError(AcousticModelError):
    """A prepared corpus is missing, cut off, or about to be overwritten by accident."""


class VoiceError(AcousticModelError):
    """A speech synthesizer is not installed, or gave no speech."""


class ModelFileError(AcousticModelError):
    """A model's file is missing, cut off, or of a kind that is not known here."""


class TrainingError(AcousticModelError):
    """A checkpoint does not fit, a stage's input is missing, or training ran away."""
