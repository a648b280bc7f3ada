"""Clinicians whom a wearer has admitted, what is shown to them, and the log of each reading.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("is_clinician", sa.Boolean(), nullable=True))
    op.create_table(
        "admission",
        sa.Column("id", ID, nullable=False),
        sa.Column("wearer_id", ID, nullable=False),
        sa.Column("clinician_id", ID, nullable=True),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("code_sha256", ID, nullable=True),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["wearer_id"], ["person.id"], name=op.f("fk_admission_wearer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["person.id"], name=op.f("fk_admission_clinician_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_admission_code_sha256")),
    )
    op.create_index(op.f("ix_admission_wearer_id"), "admission", ["wearer_id"], unique=False)
    op.create_index(op.f("ix_admission_clinician_id"), "admission", ["clinician_id"], unique=False)
    op.create_table(
        "access_grant",
        sa.Column("id", ID, nullable=False),
        sa.Column("admission_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("from_at", MOMENT, nullable=True),
        sa.Column("with_words", sa.Boolean(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["admission.id"], name=op.f("fk_access_grant_admission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_access_grant_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
    )
    op.create_index(op.f("ix_access_grant_admission_id"), "access_grant", ["admission_id"], unique=False)
    op.create_index(op.f("ix_access_grant_entry_id"), "access_grant", ["entry_id"], unique=False)
    op.create_table(
        "access_log",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reader_id", ID, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "place", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_reader_id"), "access_log", ["reader_id"], unique=False)
    op.create_table(
        "access_salt",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_access_salt_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_access_salt")),
    )
    _only_add_to("access_log")


def _only_add_to(table: str) -> None:
    """A slip of this program must not change the log either; who has the database file can, and the signatures tell."""
    refusal = f"{table} is only added to"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_only_added_to()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
