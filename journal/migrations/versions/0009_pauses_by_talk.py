"""Pauses and suggestions are named within their talk: a talk that came back out of an archive has the same ids again.

Revision ID: 0009
"""

from typing import Literal

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite must make the table anew for it; elsewhere it would stand in the way of its own key's name.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    for table in ("pause", "suggestion"):
        with op.batch_alter_table(table, recreate=recreate) as rows:
            rows.drop_constraint(f"pk_{table}", type_="primary")
            rows.create_primary_key(f"pk_{table}", ["id", "talk_id"])
