"""Timelines, computed once when a talk is over; and the daily two-minute check.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timeline",
        sa.Column("recording", sa.Integer(), sa.ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("packets", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "daily_check",
        sa.Column(
            "owner_id", sa.String(64), sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, nullable=False
        ),
        sa.Column("day", sa.String(10), primary_key=True, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("helped", sa.Text(), nullable=False),
    )
