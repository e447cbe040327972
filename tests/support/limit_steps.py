"""What uses up the server's limits: PINs of somebody and nobody, and calls handed over."""

from __future__ import annotations

import itertools
from typing import Any

from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import BOT, Elms

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
WRONG = "1357"
numbers = itertools.count(1)


def presents(elms: Elms, number: str, pin: str, **more: Any) -> bool:
    """A PIN under an attempt number that no other has; whether it was right."""
    sent = elms.verify(number, pin, attempt=next(numbers) % 90 + 1, **more)
    return bool(sent.json()["verified"])


def nobody() -> str:
    """A license number that nobody has."""
    return f"11{next(numbers):04}"


def wrong_pins(elms: Elms, times: int, **more: Any) -> None:
    """Wrong PINs, each for another number that nobody has."""
    for _ in range(times):
        assert not presents(elms, nobody(), WRONG, **more)


def hand_over(elms: Elms, **more: Any) -> str:
    """A call that was verified and handed over just now."""
    call_id = f"handed-{next(numbers)}"
    assert elms.verify(NUMBER, RIGHT, call_id=call_id).json()["verified"]
    record = {
        "call_id": call_id,
        "started_utc": elms.clock.now.isoformat(),
        "line": "text",
        "duration_ms": 60_000,
        "outcome": {"outcome": "transferred", "reason": "asked", "verified": True},
        "handover": {"reason": "asked", "license_number": NUMBER, "verified": True},
    } | more
    assert elms.client.put(f"/api/v1/calls/{call_id}", json=record, headers=BOT).status_code == 204
    return call_id
