"""What a clinician keeps: when the next meeting is, when they last looked, and notes.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "client_card",
        sa.Column("admission_id", ID, nullable=False),
        sa.Column("next_appointment", sa.Text(), nullable=True),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["admission.id"], name=op.f("fk_client_card_admission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("admission_id", name=op.f("pk_client_card")),
    )
    op.create_table(
        "clinician_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("admission_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("for_wearer", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["admission.id"], name=op.f("fk_clinician_note_admission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_clinician_note_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_clinician_note_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician_note")),
    )
    for column in ("admission_id", "author_id", "entry_id"):
        op.create_index(op.f(f"ix_clinician_note_{column}"), "clinician_note", [column], unique=False)
