"""Straps that a page reads: which one, and the numbers that make sending a packet again change nothing.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("page_strap", sa.Text(), nullable=True))
    op.add_column("measurement", sa.Column("page_number", sa.BigInteger(), nullable=True))
    numbered = sa.text("page_number IS NOT NULL")
    op.create_index(
        "uq_measurement_page_number",
        "measurement",
        ["recording", "page_number"],
        unique=True,
        sqlite_where=numbered,
        postgresql_where=numbered,
    )
