"""Where a PIN may be in what was said or keyed for a license number (S14)."""

from __future__ import annotations

from bot.dialog.form import Discretion
from bot.elms.login import PIN_LENGTH
from bot.types import Interpretation


class PinDiscretion(Discretion):
    """Keeps whatever may be a PIN from being spoken."""

    def may_be_aloud(self, heard: Interpretation) -> bool:
        """A PIN is keyed rather than spoken, and may be among any keys (decision 46)."""
        return heard.mode == "voice"

    def may_be_secret(self, digits: str) -> bool:
        """As many digits as a PIN has may be one."""
        return len(digits) == PIN_LENGTH

    def may_end_secret(self, digits: str) -> bool:
        """With the one or two digits that were too many before it, this end may be one."""
        return PIN_LENGTH - len(digits) in {1, 2}
