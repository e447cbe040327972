"""What uses up the server's limits: PINs of somebody and nobody, and calls handed over."""

from __future__ import annotations

import itertools
from typing import Any

from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import Elms
from tests.support.handed_over import hand_over

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


def handed_over(elms: Elms, **more: Any) -> str:
    """A call that was verified and handed over just now."""
    call_id = f"handed-{next(numbers)}"
    assert elms.verify(NUMBER, RIGHT, call_id=call_id).json()["verified"]
    hand_over(elms, call_id, NUMBER, **more)
    return call_id
