"""Ends a call: with a goodbye, or with a person; every ending has an outcome."""

from __future__ import annotations

from bot.dialog.form import Dialog, Goto, Left
from bot.elms.session import Session
from bot.types import CallOutcome, Handover, Now, Outcome, Play, Prompt, Transfer

Next = Goto | CallOutcome


def left(session: Session, left: Left) -> Dialog[Next]:
    """Handle a question that ended without an answer, if no form handles it better."""
    if left.why == "hangup":
        return outcome(session, "hangup", f"caller left at {left.field}")
    if left.why == "representative":
        session.wanted = "representative"
        return (yield from person(session, "caller asked"))
    if left.why == "goodbye":
        return (yield from goodbye(session, "hangup", f"caller said goodbye at {left.field}"))
    if left.why == "silent":
        return (yield from goodbye(session, "gave-up", f"caller said nothing at {left.field}"))
    return (yield from person(session, f"could not understand {left.field}", "gave-up"))


def goodbye(session: Session, ended: Outcome, reason: str) -> Dialog[CallOutcome]:
    """Return the closing prompts for a caller who is not handed over."""
    yield Play((Prompt("goodbye.goodbye"),))
    return outcome(session, ended, reason)


def unavailable(session: Session) -> Dialog[Next]:
    """End the call after the backend's second fault."""
    yield Play((Prompt("backend.unavailable"),))
    return (yield from person(session, "records could not be reached", "failed"))


def person(session: Session, reason: str, when_closed: Outcome = "closed") -> Dialog[Next]:
    """Hand over to a representative; outside office hours, say when the office is open and offer a
    call-back."""
    session.at((yield Now()))
    if not session.is_open:
        yield Play(session.unreachable())
        session.wish.otherwise = outcome(session, when_closed, reason)
        return Goto("call_back")
    told = (Prompt("transfer.told"),) if session.verified else ()
    yield Play((Prompt("transfer.connecting"), *told))
    yield Transfer(
        Handover(
            reason=reason,
            license_number=session.proven_number,
            verified=session.verified,
            failed_field=session.failed_field,
            wanted=session.wanted,
        )
    )
    return outcome(session, "transferred", reason)


def outcome(session: Session, ended: Outcome, reason: str) -> CallOutcome:
    """Return the outcome with its text for the call's record."""
    return CallOutcome(ended, reason, session.verified, session.proven_number)
