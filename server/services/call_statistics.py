"""Statistics of stored calls and turns: outcomes, where callers give up, and confidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import Call, Turn

DAYS = 30
OUTCOMES = ("completed", "transferred", "gave-up", "hangup", "closed", "call-back", "failed")
SERVED = ("completed",)
BUCKETS = 10


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """Statistics of one question of the dialog."""

    field: str
    asked: int
    matched: int
    keyed: int
    mean_confidence: float | None
    buckets: tuple[int, ...]
    left_here: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page; ``by_day`` and ``by_hour`` count each outcome."""

    since: date
    calls: int
    outcomes: dict[str, int]
    served_share: float | None
    median_seconds: float | None
    by_day: dict[date, Counter[str]]
    by_hour: dict[int, Counter[str]]
    fields: tuple[FieldFigures, ...]


def figures(session: Session, now: datetime, timezone: str) -> Figures:
    """The last thirty days, in the department's time zone."""
    zone = ZoneInfo(timezone)
    since = now - timedelta(days=DAYS)
    rows = session.execute(
        select(Call.started_at, Call.outcome, Call.duration_ms)
        .where(Call.started_at > since, Call.started_at <= now)
        .order_by(Call.started_at)
    ).all()
    outcomes = Counter(row.outcome for row in rows)
    local_times = [row.started_at.astimezone(zone) for row in rows]
    by_day: dict[date, Counter[str]] = {day: Counter() for day in _days(local_times)}
    by_hour: dict[int, Counter[str]] = {hour: Counter() for hour in _hours(local_times)}
    for local, row in zip(local_times, rows, strict=True):
        by_day[local.date()][row.outcome] += 1
        by_hour[local.hour][row.outcome] += 1
    durations = sorted(row.duration_ms for row in rows)
    return Figures(
        since=since.astimezone(zone).date(),
        calls=len(rows),
        outcomes={name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        served_share=sum(outcomes[name] for name in SERVED) / len(rows) if rows else None,
        median_seconds=durations[len(durations) // 2] / 1000 if durations else None,
        by_day=by_day,
        by_hour=by_hour,
        fields=_fields(session, since, now),
    )


def _days(times: list[datetime]) -> list[date]:
    """All days from first to last, including those without calls."""
    if not times:
        return []
    first, last = min(times).date(), max(times).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _hours(times: list[datetime]) -> range:
    """All hours from the earliest to the latest of the day, including those without calls."""
    hours = [time.hour for time in times]
    return range(min(hours), max(hours) + 1) if hours else range(0)


def _fields(session: Session, since: datetime, now: datetime) -> tuple[FieldFigures, ...]:
    recent = (Call.started_at > since, Call.started_at <= now)
    turns = session.execute(
        select(Turn.field, Turn.result, Turn.mode, Turn.confidence)
        .join(Call, Call.id == Turn.call_row_id)
        .where(*recent)
    ).all()
    last = (
        select(Turn.call_row_id, func.max(Turn.position).label("position"))
        .group_by(Turn.call_row_id)
        .subquery()
    )
    ended = session.execute(
        select(Turn.field, func.count())
        .join(Call, Call.id == Turn.call_row_id)
        .join(last, last.c.call_row_id == Turn.call_row_id)
        .where(
            *recent,
            Turn.position == last.c.position,
            Call.outcome.in_(("hangup", "gave-up")),
        )
        .group_by(Turn.field)
    )
    left = {row.field: row[1] for row in ended}
    names = list(dict.fromkeys(turn.field for turn in turns))
    found = []
    for name in names:
        mine = [turn for turn in turns if turn.field == name]
        sure = [turn.confidence for turn in mine if turn.confidence is not None]
        tenths = Counter(min(int(value * BUCKETS), BUCKETS - 1) for value in sure)
        found.append(
            FieldFigures(
                field=name,
                asked=len(mine),
                matched=sum(turn.result == "match" for turn in mine),
                keyed=sum(turn.mode == "dtmf" for turn in mine),
                mean_confidence=sum(sure) / len(sure) if sure else None,
                buckets=tuple(tenths[index] for index in range(BUCKETS)),
                left_here=left.get(name, 0),
            )
        )
    return tuple(sorted(found, key=lambda each: -each.asked))
