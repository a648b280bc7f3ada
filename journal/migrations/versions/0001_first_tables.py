"""The first tables: people, talks, recordings, and the entries they belong to.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "talk",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_entry_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_entry_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("owner_id", "talk_id", name=op.f("uq_entry_owner_id_talk_id")),
    )
    op.create_index(op.f("ix_entry_owner_id_created_at"), "entry", ["owner_id", "created_at"], unique=False)
    op.create_index(op.f("ix_entry_talk_id"), "entry", ["talk_id"], unique=False)
    op.create_table(
        "participant",
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_participant_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_participant_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("talk_id", "person_id", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_person_id"), "participant", ["person_id"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("return_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_pause_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_pause_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_talk_id"), "pause", ["talk_id"], unique=False)
    op.create_table(
        "recording",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset_min", sa.Integer(), nullable=False),
        sa.Column("strap", sa.Text(), nullable=True),
        sa.Column("threshold_bpm", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_recording_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_recording_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_recording")),
        sa.UniqueConstraint("id", name=op.f("uq_recording_id")),
        sa.UniqueConstraint("talk_id", "owner_id", name=op.f("uq_recording_talk_id_owner_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recording_owner_id"), "recording", ["owner_id"], unique=False)
    op.create_index(op.f("ix_recording_talk_id"), "recording", ["talk_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("episode_began_t_s", sa.Double(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_suggestion_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_suggestion_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    op.create_index(op.f("ix_suggestion_talk_id"), "suggestion", ["talk_id"], unique=False)
    op.create_table(
        "talk_state",
        sa.Column("talk_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_state_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_talk_state")),
    )
    op.create_table(
        "episode",
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("began_t_s", sa.Double(), nullable=False),
        sa.Column("onset_t_s", sa.Double(), nullable=False),
        sa.Column("ended_t_s", sa.Double(), nullable=True),
        sa.Column("end", sa.Text(), nullable=True),
        sa.Column("peak_bpm", sa.Double(), nullable=False),
        sa.Column("peak_t_s", sa.Double(), nullable=False),
        sa.Column("baseline_bpm", sa.Double(), nullable=True),
        sa.Column("baseline_provisional", sa.Boolean(), nullable=False),
        sa.Column("rise_bpm", sa.Double(), nullable=True),
        sa.Column("above_threshold_s", sa.Integer(), nullable=False),
        sa.Column("rmssd_baseline_ms", sa.Double(), nullable=True),
        sa.Column("rmssd_flood_ms", sa.Double(), nullable=True),
        sa.Column("rmssd_flood_missing", sa.Text(), nullable=True),
        sa.Column("signal_ok_share", sa.Double(), nullable=False),
        sa.Column("threshold_bpm", sa.Double(), nullable=False),
        sa.Column("threshold_leave_bpm", sa.Double(), nullable=False),
        sa.Column("threshold_kind", sa.Text(), nullable=False),
        sa.Column("algorithm_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_episode_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "began_t_s", name=op.f("pk_episode")),
    )
    op.create_table(
        "link_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("t_ms", sa.Integer(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_link_event_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_event")),
    )
    op.create_index(op.f("ix_link_event_recording"), "link_event", ["recording"], unique=False)
    op.create_table(
        "measurement",
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("t_ms", sa.Integer(), nullable=False),
        sa.Column("packet", sa.LargeBinary(), nullable=False),
        sa.Column("motion_mg", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_measurement_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "seq", name=op.f("pk_measurement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "minute",
        sa.Column("recording", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds_s", sa.Integer(), nullable=False),
        sa.Column("signal_ok_s", sa.Integer(), nullable=False),
        sa.Column("heart_rate_mean_bpm", sa.Double(), nullable=True),
        sa.Column("heart_rate_min_bpm", sa.Double(), nullable=True),
        sa.Column("heart_rate_max_bpm", sa.Double(), nullable=True),
        sa.Column("rmssd_ms", sa.Double(), nullable=True),
        sa.Column("flooded_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recording.number"], name=op.f("fk_minute_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", "minute", name=op.f("pk_minute")),
    )
