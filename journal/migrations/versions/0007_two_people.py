"""Two people: who belongs together, the codes that let a phone in, agreements in versions, and whom one can turn to.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("outlasted", sa.Boolean(), nullable=True))
    op.create_table(
        "pair",
        sa.Column("id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("second_id", ID, nullable=True),
        sa.Column("second_name", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("first_yes_at", MOMENT, nullable=True),
        sa.Column("second_yes_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_pair_first_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_pair_second_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
    )
    op.create_index(op.f("ix_pair_first_id"), "pair", ["first_id"], unique=False)
    op.create_index(op.f("ix_pair_second_id"), "pair", ["second_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("pair_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("first_yes_at", MOMENT, nullable=True),
        sa.Column("second_yes_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pair_id"], ["pair.id"], name=op.f("fk_agreement_pair_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pair_id", "number", name=op.f("pk_agreement")),
    )
    op.create_table(
        "join_code",
        sa.Column("code_sha256", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("for_other", sa.Boolean(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_join_code_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_join_code")),
    )
    op.create_index(op.f("ix_join_code_owner_id"), "join_code", ["owner_id"], unique=False)
    op.create_table(
        "way_back",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("words_sha256", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_way_back_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_way_back")),
        sa.UniqueConstraint("words_sha256", name=op.f("uq_way_back_words_sha256")),
    )
    op.create_table(
        "turn_to",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_turn_to_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn_to")),
    )
    op.create_index(op.f("ix_turn_to_owner_id"), "turn_to", ["owner_id"], unique=False)
