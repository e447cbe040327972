"""Everything that steers how a caller is understood, as one value: read each part where it is used.

All values are fitted on recordings; those that follow the VoiceXML properties, and what mistakes
cost, are settings instead (bot.settings).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import EvidenceParameters
from bot.hearing.confidence import ConfidenceParameters
from bot.hearing.listener import HearingParameters
from bot.turn.parameters import TurnParameters


@dataclass(frozen=True, slots=True)
class Tuning:
    """All that steers the hearing of a call, and what several attempts are worth."""

    hearing: HearingParameters = field(default_factory=HearingParameters)
    confidence: ConfidenceParameters = field(default_factory=ConfidenceParameters)
    turn: TurnParameters = field(default_factory=TurnParameters)
    evidence: EvidenceParameters = field(default_factory=EvidenceParameters)


FITTED = Tuning()
"""As fitted, and as every call uses it."""
