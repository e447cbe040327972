"""All parameters for understanding a caller as one value; each is described where it is used.

All values are fitted on recordings; those named after VoiceXML properties, and the costs of
mistakes, are settings instead (bot.settings).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import EvidenceParameters
from bot.hearing.confidence import ConfidenceParameters
from bot.hearing.listener import HearingParameters
from bot.turn.parameters import TurnParameters


@dataclass(frozen=True, slots=True)
class Tuning:
    """The parameters for hearing a call, and for the weight of several attempts."""

    hearing: HearingParameters = field(default_factory=HearingParameters)
    confidence: ConfidenceParameters = field(default_factory=ConfidenceParameters)
    turn: TurnParameters = field(default_factory=TurnParameters)
    evidence: EvidenceParameters = field(default_factory=EvidenceParameters)


FITTED = Tuning()
"""The fitted values, as every call uses them."""
