"""Stored calls: written once per call_id, whatever is sent twice."""

from __future__ import annotations

from sqlalchemy import select

from server.context import Context
from server.contract import CallIn, TurnIn
from server.models import Call, Turn
from server.services import audit

SECRET_FIELDS = frozenset({"pin"})


def store(context: Context, sent: CallIn) -> bool:
    """Keep a call record; the same call_id again replaces nothing. Return whether it was new."""
    with context.database.write() as session:
        known = session.scalars(select(Call.id).where(Call.call_id == sent.call_id)).one_or_none()
        if known is not None:
            return False
        session.add(
            Call(
                call_id=sent.call_id,
                started_at=sent.started_utc,
                stored_at=context.now(),
                line=sent.line,
                duration_ms=sent.duration_ms,
                outcome=sent.outcome.outcome,
                reason=sent.outcome.reason,
                verified=sent.outcome.verified,
                license_number=sent.outcome.license_number,
                handover=sent.handover.model_dump() if sent.handover else None,
                turns=[_turn(position, turn) for position, turn in enumerate(sent.turns)],
            )
        )
        audit.record(
            session,
            at=context.now(),
            actor="bot",
            action="call.stored",
            subject=f"call:{sent.call_id}",
            facts={
                "outcome": sent.outcome.outcome,
                "verified": sent.outcome.verified,
                "modes": sorted({turn.mode for turn in sent.turns if turn.mode}),
                "confidence": confidence_bucket(
                    [turn.confidence for turn in sent.turns if turn.confidence is not None]
                ),
            },
        )
    return True


def confidence_bucket(values: list[float]) -> str | None:
    """The lowest confidence of a call, in tenths: enough for an auditor, too coarse for words."""
    if not values:
        return None
    tenth = min(int(min(values) * 10), 9)
    return f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}"


def _turn(position: int, sent: TurnIn) -> Turn:
    """A row; of a secret field the words are dropped here too, whoever sent them (S2)."""
    facts = sent.model_dump()
    if sent.field in SECRET_FIELDS:
        facts |= {"utterance": None, "value": None, "partials": ()}
    facts["partials"] = [list(pair) for pair in facts["partials"]]
    return Turn(position=position, **facts)
