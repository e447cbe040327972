"""The hash costs in use: every check must do the same work for everybody (S6)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def stored_costs(session: Session, column: Column) -> tuple[str, ...]:
    """Every cost in an indexed column, by one statement that skips from one to the next.

    DISTINCT would read a row per account; this reads one per cost.
    """
    least = select(func.min(column).label("cost")).cte("costs", recursive=True)
    following = select(func.min(column)).where(column > least.c.cost).scalar_subquery()
    costs = least.union_all(select(following).where(least.c.cost.is_not(None)))
    return tuple(session.scalars(select(costs.c.cost).where(costs.c.cost.is_not(None))))
