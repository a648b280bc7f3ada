"""What was allowed for movement and posture when a flood began. Floods of before have neither.

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
