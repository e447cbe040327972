"""Attempts that repeat only themselves, budgets as logs of uses.

Revision 0006, after 0005.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DAY = timedelta(days=1)
WINDOWS = {"overall": timedelta(hours=1), "sign-in": timedelta(minutes=15)}
MOST_USES = 10_000
"""Refusals were counted too; more uses than this would not close a budget any tighter."""

TIME = sa.DateTime(timezone=True)
attempts = sa.table(
    "attempts",
    sa.column("id", sa.Integer),
    sa.column("call_id", sa.String),
    sa.column("number", sa.Integer),
    sa.column("at", TIME),
    sa.column("educator_id", sa.Integer),
    sa.column("outdated", sa.Boolean),
)
access = sa.table(
    "phone_access", sa.column("educator_id", sa.Integer), sa.column("cleared_at", TIME)
)
budgets = sa.table(
    "budgets",
    sa.column("key", sa.String),
    sa.column("window_started", TIME),
    sa.column("used", sa.Integer),
)
uses = sa.table("budget_uses", sa.column("key", sa.String), sa.column("at", TIME))


def upgrade() -> None:
    _bind_attempts()
    op.create_table(
        "budget_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_uses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_budget_uses_key", "budget_uses", ["key", "at"])
    _log_uses()
    with op.batch_alter_table("budgets", schema=None) as batch_op:
        batch_op.drop_column("window_started")
        batch_op.drop_column("used")


def downgrade() -> None:
    with op.batch_alter_table("budgets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window_started", TIME, nullable=True))
        batch_op.add_column(sa.Column("used", sa.Integer(), nullable=True))
    _sum_uses()
    with op.batch_alter_table("budgets", schema=None) as batch_op:
        batch_op.alter_column("window_started", existing_type=TIME, nullable=False)
        batch_op.alter_column("used", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_budget_uses_key", table_name="budget_uses")
    op.drop_table("budget_uses")
    _unbind_attempts()


def _bind_attempts() -> None:
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("outdated", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_constraint("uq_attempts_call", type_="unique")
        batch_op.create_index("ix_attempts_call", ["call_id", "number"], unique=False)
    cleared = (
        sa.select(access.c.cleared_at)
        .where(access.c.educator_id == attempts.c.educator_id)
        .scalar_subquery()
    )
    op.execute(attempts.update().where(attempts.c.at <= cleared).values(outdated=sa.true()))
    with op.batch_alter_table("phone_access", schema=None) as batch_op:
        batch_op.drop_column("cleared_at")


def _unbind_attempts() -> None:
    """Give rows that share a call and number their own numbers; none is lost, all count."""
    op.add_column("phone_access", sa.Column("cleared_at", TIME, nullable=True))
    last_outdated = (
        sa.select(sa.func.max(attempts.c.at))
        .where(attempts.c.educator_id == access.c.educator_id, attempts.c.outdated)
        .scalar_subquery()
    )
    op.execute(access.update().values(cleared_at=last_outdated))
    _number_apart()
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_attempts_call")
        batch_op.create_unique_constraint("uq_attempts_call", ["call_id", "number"])
        batch_op.drop_column("outdated")


def _number_apart() -> None:
    connection = op.get_bind()
    shared = (
        sa.select(attempts.c.call_id)
        .group_by(attempts.c.call_id, attempts.c.number)
        .having(sa.func.count() > 1)
    )
    rows = connection.execute(
        sa.select(attempts.c.id, attempts.c.call_id, attempts.c.number)
        .where(attempts.c.call_id.in_(shared))
        .order_by(attempts.c.call_id, attempts.c.id)
    ).all()
    highest: dict[str, int] = {}
    for row in rows:
        highest[row.call_id] = max(highest.get(row.call_id, 0), row.number)
    seen: set[tuple[str, int]] = set()
    for row in rows:
        if (row.call_id, row.number) in seen:
            highest[row.call_id] += 1
            connection.execute(
                attempts.update().where(attempts.c.id == row.id).values(number=highest[row.call_id])
            )
        seen.add((row.call_id, row.number))


def _log_uses() -> None:
    """Nobody knows when in its window a use was counted, so it counts from now."""
    now = datetime.now(UTC)
    connection = op.get_bind()
    logged: list[dict[str, Any]] = []
    for row in connection.execute(sa.select(budgets)).all():
        started = row.window_started.replace(tzinfo=row.window_started.tzinfo or UTC)
        if now - started < WINDOWS.get(row.key.split(":")[0], DAY):
            logged += [{"key": row.key, "at": now}] * min(row.used, MOST_USES)
    if logged:
        connection.execute(uses.insert(), logged)


def _sum_uses() -> None:
    sums = sa.select(uses.c.key, sa.func.min(uses.c.at), sa.func.count()).group_by(uses.c.key)
    op.execute(budgets.delete())
    op.execute(budgets.insert().from_select(["key", "window_started", "used"], sums))
