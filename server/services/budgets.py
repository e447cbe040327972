"""Budgets that are exact in any time window, under concurrency and across processes (S5, S17).

A budget is a log with one row per use, deleted once it is older than the window. No boundary
between windows thus allows twice as many uses. Uses dated in the future (the clock was set back)
are moved to now and count for one more window. Refused attempts are not logged, so that repeating
them cannot keep a budget exhausted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.models import Budget, BudgetUse

LONGEST_WINDOW = timedelta(hours=24)
"""Older uses no longer count in any budget and may be purged."""
_NO_SYNC = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most ``most`` uses of a key within any window of this length (a day or less)."""

    key: str
    most: int
    window: timedelta

    def __post_init__(self) -> None:
        if self.window > LONGEST_WINDOW:
            raise ValueError(f"a budget's window of {self.window} is longer than uses are kept")


def has_room(session: Session, allowances: Sequence[Allowance], now: datetime) -> bool:
    """Return True if each budget has room for one more use.

    The keys are locked in the given order until the transaction ends.
    """
    keys = [each.key for each in allowances]
    _lock(session, keys)
    session.execute(
        update(BudgetUse).where(BudgetUse.key.in_(keys), BudgetUse.at > now).values(at=now),
        execution_options=_NO_SYNC,
    )
    old = or_(
        *(and_(BudgetUse.key == each.key, BudgetUse.at <= now - each.window) for each in allowances)
    )
    session.execute(delete(BudgetUse).where(old), execution_options=_NO_SYNC)
    logged = select(BudgetUse.key, func.count()).where(BudgetUse.key.in_(keys))
    used = {row[0]: row[1] for row in session.execute(logged.group_by(BudgetUse.key))}
    return all(used.get(each.key, 0) < each.most for each in allowances)


def count(
    session: Session, allowances: Sequence[Allowance], now: datetime, wanted: bool
) -> tuple[int, ...]:
    """Log one use of each locked key if ``wanted``; otherwise run an equivalent statement (S6)."""
    keys = select(Budget.key, literal(now, BudgetUse.at.type)).where(
        Budget.key.in_([each.key for each in allowances]), literal(wanted)
    )
    statement = insert(BudgetUse).from_select(["key", "at"], keys).returning(BudgetUse.id)
    return tuple(session.scalars(statement))


def give_back(session: Session, uses: Sequence[int]) -> None:
    """Remove uses that were counted in advance, after the attempt turned out to be right."""
    session.execute(delete(BudgetUse).where(BudgetUse.id.in_(uses)), execution_options=_NO_SYNC)


def _lock(session: Session, keys: Sequence[str]) -> None:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Budget).values([{"key": key} for key in keys])
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Budget.key], set_={"key": statement.excluded.key}
        ),
        execution_options=_NO_SYNC,
    )
