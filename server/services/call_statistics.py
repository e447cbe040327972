"""Statistics of stored calls and turns: outcomes, where callers give up, and confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from server.models import Call, Turn

DAYS = 30
OUTCOMES = ("completed", "transferred", "gave-up", "hangup", "closed", "call-back", "failed")
SERVED = ("completed",)
BUCKETS = 10
HANDED_OVER = "transferred"
ASKED = ("caller asked", "asked")
FIRST_USED = ("accept", None)
"""Decisions with which an answer was used; older records have none."""


@dataclass(frozen=True, slots=True)
class Range:
    """Whole days in the department's time zone, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Range:
        """The range of the same length that ends where this one begins."""
        length = timedelta(days=self.days)
        return Range(self.first - length, self.last - length)


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """Statistics of one question of the dialog."""

    field: str
    asked: int
    matched: int
    keyed: int
    first_tries: int
    """Number of calls or forms in which it was asked for the first time."""
    first_accepted: int
    """Number of first answers that were understood and used."""
    mean_confidence: float | None
    buckets: tuple[int, ...]
    left_here: int


@dataclass(frozen=True, slots=True)
class Certainty:
    """Turns whose confidence was in one tenth."""

    turns: int
    accepted: int
    reached: int
    """Turns of calls that reached their goal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page; ``by_day`` and the like count each outcome.

    It has many attributes because each is a figure or a diagram of the page.
    """

    range: Range
    calls: int
    outcomes: dict[str, int]
    served_share: float | None
    """Completed without a representative."""
    reached_share: float | None
    """Completed, or handed over because the caller asked for that."""
    median_seconds: float | None
    reply_ms: tuple[int, int] | None
    """Median and 95th percentile of the time from the caller's last word to the reply."""
    by_day: dict[date, Counter[str]]
    by_hour: dict[int, Counter[str]]
    by_weekday: dict[int, Counter[str]]
    reasons: list[tuple[str, int]]
    """Why calls were handed over, most frequent first."""
    fields: tuple[FieldFigures, ...]
    certainty: tuple[Certainty, ...]
    """By tenths of the confidence of a turn."""


def last_days(now: datetime, timezone: str, days: int = DAYS) -> Range:
    """The last days up to today."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return Range(today - timedelta(days=days - 1), today)


def figures(session: Session, days: Range, timezone: str) -> Figures:
    """The figures of a range of days, in the department's time zone."""
    zone = ZoneInfo(timezone)
    within = _within(days, zone)
    rows = session.execute(
        select(Call.started_at, Call.outcome, Call.reason, Call.duration_ms)
        .where(*within)
        .order_by(Call.started_at)
    ).all()
    outcomes = Counter(row.outcome for row in rows)
    times = [row.started_at.astimezone(zone) for row in rows]
    by_day: dict[date, Counter[str]] = {day: Counter() for day in _days(times)}
    by_hour: dict[int, Counter[str]] = {hour: Counter() for hour in _hours(times)}
    by_weekday: dict[int, Counter[str]] = {day: Counter() for day in range(7)} if rows else {}
    for local, row in zip(times, rows, strict=True):
        by_day[local.date()][row.outcome] += 1
        by_hour[local.hour][row.outcome] += 1
        by_weekday[local.weekday()][row.outcome] += 1
    turns = _turns(session, within)
    return Figures(
        range=days,
        calls=len(rows),
        outcomes={name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        served_share=sum(outcomes[name] for name in SERVED) / len(rows) if rows else None,
        reached_share=sum(_reached(row) for row in rows) / len(rows) if rows else None,
        median_seconds=_quantile([row.duration_ms / 1000 for row in rows], 0.5),
        reply_ms=_replies(turns),
        by_day=by_day,
        by_hour=by_hour,
        by_weekday=by_weekday,
        reasons=Counter(row.reason for row in rows if row.outcome == HANDED_OVER).most_common(),
        fields=_fields(turns, _left(session, within)),
        certainty=_certainty(turns),
    )


def _within(days: Range, zone: ZoneInfo) -> tuple[ColumnElement[bool], ...]:
    begin = datetime.combine(days.first, time(), zone).astimezone(UTC)
    end = datetime.combine(days.last + timedelta(days=1), time(), zone).astimezone(UTC)
    return (Call.started_at >= begin, Call.started_at < end)


def _turns(session: Session, within: tuple[ColumnElement[bool], ...]) -> Sequence[Any]:
    """All turns of these calls, each with its call's outcome and reason."""
    return session.execute(
        select(
            Turn.field,
            Turn.attempt,
            Turn.result,
            Turn.mode,
            Turn.confidence,
            Turn.decision,
            Turn.reply_after_ms,
            Call.outcome,
            Call.reason,
        )
        .join(Call, Call.id == Turn.call_row_id)
        .where(*within)
    ).all()


def _reached(call: Any) -> bool:
    """Return True if the caller got an answer, or the person asked for."""
    asked = call.outcome == HANDED_OVER and call.reason in ASKED
    return call.outcome in SERVED or asked


def _quantile(values: Sequence[float], share: float) -> float | None:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None


def _replies(turns: Sequence[Any]) -> tuple[int, int] | None:
    took = [turn.reply_after_ms for turn in turns if turn.reply_after_ms is not None]
    median, late = _quantile(took, 0.5), _quantile(took, 0.95)
    return None if median is None or late is None else (int(median), int(late))


def _certainty(turns: Sequence[Any]) -> tuple[Certainty, ...]:
    tenths: list[list[Any]] = [[] for _ in range(BUCKETS)]
    for turn in turns:
        if turn.confidence is not None and turn.mode != "dtmf":
            tenths[min(int(turn.confidence * BUCKETS), BUCKETS - 1)].append(turn)
    return tuple(
        Certainty(
            len(mine),
            sum(turn.decision == "accept" for turn in mine),
            sum(_reached(turn) for turn in mine),
        )
        for mine in tenths
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


def _left(session: Session, within: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    """Return how many callers hung up or gave up at each question."""
    last = (
        select(Turn.call_row_id, func.max(Turn.position).label("position"))
        .group_by(Turn.call_row_id)
        .subquery()
    )
    ended = session.execute(
        select(Turn.field, func.count())
        .join(Call, Call.id == Turn.call_row_id)
        .join(last, last.c.call_row_id == Turn.call_row_id)
        .where(*within, Turn.position == last.c.position, Call.outcome.in_(("hangup", "gave-up")))
        .group_by(Turn.field)
    )
    return {row.field: row[1] for row in ended}


def _fields(turns: Sequence[Any], left: Mapping[str, int]) -> tuple[FieldFigures, ...]:
    by_field: dict[str, list[Any]] = {}
    for turn in turns:
        by_field.setdefault(turn.field, []).append(turn)
    found = [_field(name, mine, left.get(name, 0)) for name, mine in by_field.items()]
    return tuple(sorted(found, key=lambda each: -each.asked))


def _field(name: str, mine: Sequence[Any], left_here: int) -> FieldFigures:
    sure = [turn.confidence for turn in mine if turn.confidence is not None]
    tenths = Counter(min(int(value * BUCKETS), BUCKETS - 1) for value in sure)
    first = [turn for turn in mine if turn.attempt == 1]
    return FieldFigures(
        field=name,
        asked=len(mine),
        matched=sum(turn.result == "match" for turn in mine),
        keyed=sum(turn.mode == "dtmf" for turn in mine),
        first_tries=len(first),
        first_accepted=sum(
            turn.result == "match" and turn.decision in FIRST_USED for turn in first
        ),
        mean_confidence=sum(sure) / len(sure) if sure else None,
        buckets=tuple(tenths[index] for index in range(BUCKETS)),
        left_here=left_here,
    )
