"""From home to a clinic: what a client publishes, on the clinic's side and on home's.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinician_id", ID, nullable=False),
        sa.Column("wearer_id", ID, nullable=True),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("code_sha256", ID, nullable=False),
        sa.Column("token_sha256", ID, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("manifest", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["person.id"], name=op.f("fk_publication_wearer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("wearer_id", name=op.f("uq_publication_wearer_id")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_publication_code_sha256")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_publication_token_sha256")),
    )
    op.create_index(op.f("ix_publication_clinician_id"), "publication", ["clinician_id"], unique=False)
    op.create_table(
        "published_item",
        sa.Column("publication_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("digest", ID, nullable=False),
        sa.Column("come_digest", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_published_item_publication_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("publication_id", "item_id", name=op.f("pk_published_item")),
    )
    op.create_table(
        "clinic_link",
        sa.Column("admission_id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("manifest", sa.Integer(), nullable=False),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("kept_until", MOMENT, nullable=True),
        sa.Column("looks_after", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["admission.id"], name=op.f("fk_clinic_link_admission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_clinic_link_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("admission_id", name=op.f("pk_clinic_link")),
    )
    op.create_index(op.f("ix_clinic_link_owner_id"), "clinic_link", ["owner_id"], unique=False)
    op.create_table(
        "clinic_look",
        sa.Column("admission_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("looked", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["admission.id"], name=op.f("fk_clinic_look_admission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("admission_id", "place", name=op.f("pk_clinic_look")),
    )
    op.create_index(op.f("ix_clinic_look_entry_id"), "clinic_look", ["entry_id"], unique=False)
