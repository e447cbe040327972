"""Sessions whose freshness is unknown; links that were made by a name are taken away.

Until here a single sign-on's first sign-in linked the account whose name was in a claim that people
may choose, so no link of that time can be trusted (decision 26).

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("web_sessions") as batch:
        batch.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.execute("UPDATE users SET oidc_issuer = NULL, oidc_subject = NULL")


def downgrade() -> None:
    op.execute("DELETE FROM web_sessions WHERE confirmed_at IS NULL")
    with op.batch_alter_table("web_sessions") as batch:
        batch.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
