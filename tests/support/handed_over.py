"""A verified call that was handed over to a representative, stored as the bot would."""

from __future__ import annotations

from typing import Any

from tests.support.elms_service import BOT, Elms


def hand_over(elms: Elms, call_id: str, number: str, **more: Any) -> None:
    """Store the record of such a call, which ends now."""
    record = {
        "call_id": call_id,
        "started_utc": elms.clock.now.isoformat(),
        "line": "text",
        "duration_ms": 60_000,
        "outcome": {"outcome": "transferred", "reason": "asked", "verified": True},
        "handover": {"reason": "asked", "license_number": number, "verified": True},
    } | more
    stored = elms.client.put(f"/api/v1/calls/{call_id}", json=record, headers=BOT)
    assert stored.status_code == 204, stored.text
