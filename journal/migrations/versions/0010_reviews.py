"""Timelines, computed once when a talk is over; and the daily two-minute check.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
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
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_daily_check_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_check")),
        sa.UniqueConstraint("owner_id", "day", name=op.f("uq_daily_check_owner_id_day")),
    )
