"""What was allowed for movement and posture when a flood began (floods of before have neither), and near misses.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episode", sa.Column("movement_bpm", sa.Double(), nullable=True))
    op.add_column("episode", sa.Column("posture_bpm", sa.Double(), nullable=True))
    op.create_table(
        "near_miss",
        sa.Column("recording", sa.Integer(), sa.ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("from_s", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("to_s", sa.Integer(), nullable=False),
        sa.Column("peak_bpm", sa.Double(), nullable=False),
        sa.Column("peak_t_s", sa.Integer(), nullable=False),
        sa.Column("algorithm_version", sa.Text(), nullable=False),
    )
