"""Representatives' notes about calls, and the calls' results. Never a PIN."""

from __future__ import annotations

import re

from sqlalchemy import select

from server.context import Context
from server.errors import RuleError
from server.models import Call, CallNote
from server.services import audit
from server.services.sign_in import SignedIn

LONGEST_NOTE = 500
DISPOSITIONS = (
    "Question answered",
    "Documents or steps explained",
    "Sent to another office",
    "To be called back",
    "Caller could not be verified",
    "Nobody on the line",
    "Other",
)
_FOUR = re.compile(r"(?<!\d)\d{4}(?!\d)|(?<!\d)\d(?:[\s.,-]+\d){3}(?![\s.,-]*\d)")
_DIGIT = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_SPELLED = re.compile(rf"(?:\b(?:{_DIGIT})\b[\s.,-]*){{4}}", re.IGNORECASE)
_YEARS = range(1930, 2030)


def add_note(context: Context, me: SignedIn, call_id: str, text: str) -> None:
    """Write a note on a call. Raises RuleError for an empty or long one, or what may be a PIN."""
    words = " ".join(text.split())
    if not words or len(words) > LONGEST_NOTE or not words.isprintable():
        raise RuleError(f"Please write a note of at most {LONGEST_NOTE} characters.")
    if may_hold_a_pin(words):
        raise RuleError("The note has four digits in a row, which may be a PIN. Leave them out.")
    with context.database.write() as session:
        call = session.scalars(select(Call).where(Call.call_id == call_id)).one_or_none()
        if call is None:
            raise RuleError("This call is no longer stored.")
        call.notes.append(CallNote(user_id=me.user_id, at=context.now(), text=words))
        audit.record(
            session,
            at=context.now(),
            actor=me.actor,
            action="call.noted",
            subject=f"call:{call_id}",
        )


def set_disposition(context: Context, me: SignedIn, call_id: str, disposition: str) -> None:
    """Say what became of a call. Raises RuleError for an unknown disposition."""
    if disposition not in DISPOSITIONS:
        raise RuleError("Please choose the outcome of the call.")
    with context.database.write() as session:
        call = session.scalars(select(Call).where(Call.call_id == call_id)).one_or_none()
        if call is None:
            raise RuleError("This call is no longer stored.")
        call.disposition = disposition
        audit.record(
            session,
            at=context.now(),
            actor=me.actor,
            action="call.closed",
            subject=f"call:{call_id}",
            facts={"disposition": disposition},
        )


def may_hold_a_pin(text: str) -> bool:
    """Return True if four digits stand in a row, in figures or words; years are refused as PINs
    (S8).
    """
    figures = (re.sub(r"\D", "", found) for found in _FOUR.findall(text))
    return any(int(each) not in _YEARS for each in figures) or bool(_SPELLED.search(text))
