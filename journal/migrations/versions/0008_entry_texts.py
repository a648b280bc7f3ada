"""Entries by hand, the wearer's own clock of each entry, and what is written into them, sealed.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("entry") as entry:
        entry.alter_column("talk_id", existing_type=sa.String(length=64), nullable=True)
        entry.add_column(sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True))
        entry.add_column(sa.Column("utc_offset_min", sa.Integer(), nullable=True))
        entry.add_column(sa.Column("zone", sa.Text(), nullable=True))
    op.execute(_of_the_recording("happened_at", "began_at", "created_at"))
    op.execute(_of_the_recording("utc_offset_min", "utc_offset_min", "0"))
    with op.batch_alter_table("entry") as entry:
        entry.alter_column("happened_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        entry.alter_column("utc_offset_min", existing_type=sa.Integer(), nullable=False)
    op.create_table(
        "entry_text",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset_min", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_text_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_text")),
    )
    op.create_table(
        "entry_draft",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("tab", sa.String(length=64), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset_min", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_draft_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_draft")),
        sa.UniqueConstraint("entry_id", "tab", "based_on", name=op.f("uq_entry_draft_entry_id_tab_based_on")),
    )


def _of_the_recording(column: str, source: str, otherwise: str) -> str:
    """What the owner's recording of the entry's talk says; an entry has one."""
    return (
        f"UPDATE entry SET {column} = COALESCE("  # noqa: S608  names from this file
        f"(SELECT r.{source} FROM recording r WHERE r.talk_id = entry.talk_id AND r.owner_id = entry.owner_id), "
        f"{otherwise})"
    )
