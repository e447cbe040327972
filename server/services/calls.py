"""Stored calls: one record for each call_id, even if records are sent twice."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from server.context import Context
from server.contract import CallIn, TurnIn
from server.models import Call, Turn
from server.services import audit, call_backs

OPEN_FIELDS = frozenset({"license_number", "yesno", "menu"})
"""The questions whose answers are stored. Of all others, such as the PIN or questions of a newer
bot, only timing and result are stored."""

OURS = frozenset({"id", "call_row_id", "stored_at", "taken_at", "taken_by_id", "disposition"})
"""Columns that are not part of a record."""


class Kept(Enum):
    """Result of storing a record: stored now, stored before, or its call_id belongs to another."""

    NEW = auto()
    SAME = auto()
    OTHER = auto()


def store(context: Context, sent: CallIn) -> Kept:
    """Store a call record. An existing one is never replaced."""
    with context.database.write() as session:
        call = _call(context, sent)
        known = session.scalars(
            select(Call).where(Call.call_id == sent.call_id).options(selectinload(Call.turns))
        ).one_or_none()
        if known is not None:
            same = _content(known) == _content(call) and call_backs.is_same(context, session, sent)
            return Kept.SAME if same else Kept.OTHER
        session.add(call)
        _record(context, session, sent)
        call_backs.add(context, session, sent)
    return Kept.NEW


def _call(context: Context, sent: CallIn) -> Call:
    return Call(
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
        pbx_id=sent.pbx_id,
        heard=sent.heard,
        unheard=sent.unheard,
        turns=[_turn(position, turn) for position, turn in enumerate(sent.turns)],
    )


def _record(context: Context, session: Session, sent: CallIn) -> None:
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


def _content(call: Call) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Content of a record: its own columns, and those of its turns."""
    return _columns(call), [_columns(turn) for turn in call.turns]


def _columns(row: Call | Turn) -> dict[str, Any]:
    names = (each.key for each in type(row).__mapper__.column_attrs)
    return {name: getattr(row, name) for name in names if name not in OURS}


def confidence_bucket(values: list[float]) -> str | None:
    """The lowest confidence of a call, in tenths: enough for an auditor, too coarse for words."""
    if not values:
        return None
    tenth = min(int(min(values) * 10), 9)
    return f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}"


def _turn(position: int, sent: TurnIn) -> Turn:
    """A row; words are dropped unless the field is one of those that may be stored (S2)."""
    facts = sent.model_dump()
    if sent.field not in OPEN_FIELDS:
        facts |= {"utterance": None, "value": None, "partials": ()}
    facts["partials"] = [list(pair) for pair in facts["partials"]]
    return Turn(position=position, **facts)
