"""What an imported recording is known by, so that importing it again adds nothing.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("imported_sha256", sa.String(length=64), nullable=True))
    op.create_index("uq_recording_owner_id_imported_sha256", "recording", ["owner_id", "imported_sha256"], unique=True)
