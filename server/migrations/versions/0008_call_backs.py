"""Callers whom somebody promised to call back.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_backs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=80), nullable=False),
        sa.Column("earlier_call_id", sa.String(length=80), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_number", sa.String(length=200), nullable=False),
        sa.Column("earliest", sa.String(length=5), nullable=False),
        sa.Column("latest", sa.String(length=5), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["done_by"],
            ["users.id"],
            name=op.f("fk_call_backs_done_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_backs_call_id")),
    )
    op.create_index(op.f("ix_call_backs_stored_at"), "call_backs", ["stored_at"])
    op.create_index(op.f("ix_call_backs_done_at"), "call_backs", ["done_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_call_backs_done_at"), table_name="call_backs")
    op.drop_index(op.f("ix_call_backs_stored_at"), table_name="call_backs")
    op.drop_table("call_backs")
