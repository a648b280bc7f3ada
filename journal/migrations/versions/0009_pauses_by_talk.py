"""Pauses and suggestions are named within their talk: a talk that came back out of an archive has the same ids again.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("pause", "suggestion"):
        with op.batch_alter_table(table, recreate="always") as rows:
            rows.drop_constraint(f"pk_{table}", type_="primary")
            rows.create_primary_key(f"pk_{table}", ["id", "talk_id"])
