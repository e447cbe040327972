"""Who took a handed-over call, what became of it, and the notes on calls.

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("disposition", sa.String(length=60), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_calls_taken_by_users"),
            "users",
            ["taken_by"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handled_call", sa.String(length=80), nullable=True))
    op.create_table(
        "call_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_row_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_row_id"],
            ["calls.id"],
            name=op.f("fk_call_notes_call_row_id_calls"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_call_notes_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_notes")),
    )
    op.create_index(op.f("ix_call_notes_call_row_id"), "call_notes", ["call_row_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_call_notes_call_row_id"), table_name="call_notes")
    op.drop_table("call_notes")
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_column("handled_call")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_calls_taken_by_users"), type_="foreignkey")
        batch_op.drop_column("disposition")
        batch_op.drop_column("taken_by")
