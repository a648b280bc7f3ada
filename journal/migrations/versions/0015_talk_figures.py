"""What is kept of each talk for trends.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "talk_figures",
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("talk_id", ID, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset_min", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("from_minutes", sa.Boolean(), nullable=False),
        sa.Column("algorithm_version", sa.Text(), nullable=True),
        sa.Column("heard_s", sa.Double(), nullable=False),
        sa.Column("lost_s", sa.Double(), nullable=False),
        sa.Column("above_line_s", sa.Double(), nullable=False),
        sa.Column("baseline_bpm", sa.Double(), nullable=True),
        sa.Column("rmssd_baseline_ms", sa.Double(), nullable=True),
        sa.Column("floods", sa.Text(), nullable=False),
        sa.Column("near_misses", sa.Integer(), nullable=False),
        sa.Column("pauses_taken", sa.Integer(), nullable=False),
        sa.Column("pauses_kept", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_talk_figures_recording"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_talk_figures_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_figures_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording", name=op.f("pk_talk_figures")),
    )
    op.create_index(op.f("ix_talk_figures_owner_id_began_at"), "talk_figures", ["owner_id", "began_at"], unique=False)
    op.create_index(op.f("ix_talk_figures_talk_id"), "talk_figures", ["talk_id"], unique=False)
