"""Files that the bot ships with: at the checkout's top, or inside the installed package.

A wheel holds the checkout's grammars, prompts, and the recordings of the demonstration as package
data (pyproject.toml, ``force-include``).
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
"""The checkout's root; in an installation the folder that holds the packages."""

INSTALLED = PACKAGE / "shipped"
"""Only a wheel has it."""

_TOP = INSTALLED if INSTALLED.is_dir() else PROJECT

GRAMMARS = _TOP / "grammars"
PROMPTS = _TOP / "prompts"
RECORDINGS = _TOP / "audio_fixtures" / "8k"
"""Recorded callers, 8 kHz; a wheel has those of the demonstration."""
MODEL = PACKAGE / "models" / "telephone"
DETECTOR = PACKAGE / "models" / "detector" / "silero.onnx"


def speech_cache() -> Path | None:
    """Return the folder for sentences synthesized before: in the checkout, else in the user's
    cache.

    XDG Base Directory Specification: $XDG_CACHE_HOME, by default ~/.cache; None without a home.
    """
    if not INSTALLED.is_dir():
        return PROJECT / ".cache" / "speech"
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        caches = given if given.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return caches / "elms-ivr" / "speech"
