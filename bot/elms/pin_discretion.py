"""Decides which parts of an entry for a license number may be a PIN (S14)."""

from __future__ import annotations

from bot.dialog.form import Discretion
from bot.elms.login import PIN_LENGTH
from bot.types import Interpretation


class PinDiscretion(Discretion):
    """Keeps whatever may be a PIN from being spoken."""

    def may_be_aloud(self, heard: Interpretation) -> bool:
        """Return True for spoken entries: a PIN is keyed rather than spoken, and may be among any
        keys (decision 46).
        """
        return heard.mode == "voice"

    def may_be_secret(self, digits: str) -> bool:
        """Return True for as many digits as a PIN has."""
        return len(digits) == PIN_LENGTH

    def may_end_secret(self, digits: str) -> bool:
        """Return True if this end, with the one or two surplus digits before it, may be a PIN."""
        return PIN_LENGTH - len(digits) in {1, 2}
