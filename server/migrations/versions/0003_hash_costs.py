"""The cost of each hash beside it, indexed.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pins", sa.Column("cost", sa.String(length=80), nullable=True))
    op.add_column("users", sa.Column("password_cost", sa.String(length=80), nullable=True))
    _note_costs("pins", "educator_id", "digest", "cost")
    _note_costs("users", "id", "password_digest", "password_cost")
    with op.batch_alter_table("pins", schema=None) as batch_op:  # nothing refers to it
        batch_op.alter_column("cost", existing_type=sa.String(length=80), nullable=False)
    op.create_index(op.f("ix_pins_cost"), "pins", ["cost"])
    op.create_index(op.f("ix_users_password_cost"), "users", ["password_cost"])


def downgrade() -> None:
    op.drop_index(op.f("ix_users_password_cost"), table_name="users")
    op.drop_index(op.f("ix_pins_cost"), table_name="pins")
    op.drop_column("users", "password_cost")
    op.drop_column("pins", "cost")


def _note_costs(table: str, key: str, digest: str, cost: str) -> None:
    """The cost is what stands before a digest's salt and hash."""
    rows = sa.table(table, sa.column(key), sa.column(digest), sa.column(cost))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows.c[key], rows.c[digest])).all():
        if row[1] is not None:
            found = row[1].rsplit("$", 2)[0]
            connection.execute(rows.update().where(rows.c[key] == row[0]).values({cost: found}))
