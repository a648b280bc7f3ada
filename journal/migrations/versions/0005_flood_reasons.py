"""Why a flood began, and how good the signal was then. Floods of before have neither.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episode", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("episode", sa.Column("quality", sa.Double(), nullable=True))
