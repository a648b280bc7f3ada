"""Straps are remembered, each for its one wearer.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from journal.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "strap",
        sa.Column("system", sa.String(16), primary_key=True),
        sa.Column("device_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.String(64), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("worn_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_strap_owner_id", "strap", ["owner_id"])
