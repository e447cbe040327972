"""Selects the rescorer in the settings, and explains why there may be none."""

from __future__ import annotations

from bot.adapters.rescorer_whisper import WhisperRescorer
from bot.adapters.whisper_folder import installed_folder, missing_libraries
from bot.errors import ModelError
from bot.interfaces import Rescorer
from bot.settings import Rescoring


def load_rescorer(asked: Rescoring, threads: int = 1) -> Rescorer | None:
    """Load Whisper if it is enabled and installed. Raises ModelError if its model is invalid, or if
    one is named but the libraries are missing.
    """
    if not asked.enabled:
        return None
    folder = asked.model or installed_folder()
    lacking = missing_libraries()
    if asked.model is None and (folder is None or lacking):
        return None
    if folder is None or lacking:
        raise ModelError(f"{lacking[0]} is not installed: pip install elms-ivr[whisper]")
    return WhisperRescorer(folder, threads)
