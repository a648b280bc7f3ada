"""What an earlier version of the detector made of a recording stays beside what a newer one makes.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("timeline", sa.Column("made_at", MOMENT, nullable=True))
    op.create_table(
        "earlier_analysis",
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("algorithm_version", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("packets", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_earlier_analysis_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "algorithm_version", name=op.f("pk_earlier_analysis")),
    )
