"""The tables. Every row reaches an owner; rows and sessions never leave this package."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from journal.columns import Short, UtcDateTime, Words

Id = Short(64)
NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """All tables; constraints have names, so that migrations can speak of them on every database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime(), str: Words()}  # noqa: RUF012  read by SQLAlchemy when the class is made


class PersonRow(Base):
    """An account. `outlasted`: another one was here and is erased; whoever clicks at the machine may be that person.

    `is_clinician`: it reads what wearers show it, and has no heart of its own here.
    """

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    outlasted: Mapped[bool | None]
    is_clinician: Mapped[bool | None]


class SessionRow(Base):
    """Somebody is signed in. Only the token's hash is kept; `used_on` is a day, and no finer on purpose."""

    __tablename__ = "session"
    token_sha256: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    device: Mapped[str | None]
    used_on: Mapped[str | None] = mapped_column(Short(10))


class PasswordRow(Base):
    """What a person signs in with. The name is case-folded; of the password there is only an argon2id hash."""

    __tablename__ = "password"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    set_at: Mapped[datetime]


class PasskeyRow(Base):
    """A passkey of its owner's: what checks it. Its secret never leaves their device. `place`: the host name it is for."""

    __tablename__ = "passkey"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str]
    place: Mapped[str]
    name: Mapped[str]
    made_at: Mapped[datetime]
    used_on: Mapped[str | None] = mapped_column(Short(10))


class InvitationRow(Base):
    """The installation's owner lets somebody new in, once. It is nobody's yet; only the code's hash is kept."""

    __tablename__ = "invitation"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code_sha256: Mapped[str] = mapped_column(Id, unique=True)
    called: Mapped[str]
    for_clinician: Mapped[bool]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiTokenRow(Base):
    """What a program of its owner's may do, until when. Only the token's hash is kept."""

    __tablename__ = "api_token"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(Id, unique=True)
    name: Mapped[str]
    scopes: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_on: Mapped[str | None] = mapped_column(Short(10))


class TalkRow(Base):
    """One conversation."""

    __tablename__ = "talk"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    began_at: Mapped[datetime]
    topic_began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    simulated: Mapped[bool]


class TalkStateRow(Base):
    """What the two people share, as one value with a version: changed by compare-and-set."""

    __tablename__ = "talk_state"
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    state: Mapped[str]


class ParticipantRow(Base):
    """Who is in a talk."""

    __tablename__ = "participant"
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    joined_at: Mapped[datetime]


class RecordingRow(Base):
    """One wearer's data of a talk. `number` keeps the millions of measurement rows short, and is never given twice.

    `imported_sha256` is what an imported recording is known by when it comes again; a recorded one has none. `page_strap` is a
    strap that the wearer's page reads: no radio here is to look for it.
    """

    __tablename__ = "recording"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    utc_offset_min: Mapped[int]
    strap: Mapped[str | None]
    page_strap: Mapped[str | None]
    threshold_bpm: Mapped[float]
    imported_sha256: Mapped[str | None] = mapped_column(Id)
    __table_args__ = (
        UniqueConstraint("talk_id", "owner_id"),
        Index("uq_recording_owner_id_imported_sha256", "owner_id", "imported_sha256", unique=True),
        {"sqlite_autoincrement": True},
    )


class MeasurementRow(Base):
    """One notification, raw, so that a better parser can read the past again.

    `page_number` is what the page that received it has given it (`sensing.numbered`); it is what makes sending it again change nothing.
    """

    __tablename__ = "measurement"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    t_ms: Mapped[int]
    packet: Mapped[bytes] = mapped_column(LargeBinary)
    motion_mg: Mapped[int | None]
    page_number: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        # Only of those that a page has sent: the millions of others need no second index.
        Index(
            "uq_measurement_page_number",
            "recording",
            "page_number",
            unique=True,
            sqlite_where=text("page_number IS NOT NULL"),
            postgresql_where=text("page_number IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )


class LinkEventRow(Base):
    """A change of the link: why there is a gap."""

    __tablename__ = "link_event"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), index=True)
    t_ms: Mapped[int]
    link: Mapped[str]
    detail: Mapped[str]


class MinuteRow(Base):
    """A minute of a recording, ready for trends."""

    __tablename__ = "minute"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seconds_s: Mapped[int]
    signal_ok_s: Mapped[int]
    heart_rate_mean_bpm: Mapped[float | None]
    heart_rate_min_bpm: Mapped[float | None]
    heart_rate_max_bpm: Mapped[float | None]
    rmssd_ms: Mapped[float | None]
    flooded_s: Mapped[int]


class TimelineRow(Base):
    """A finished talk's timeline, derived from its packets: made anew whenever `basis` or `packets` no longer fit.

    It is the one that pages show. What another version of the detector made before stands beside (`EarlierAnalysisRow`).
    `made_at` is not known of those that are older than the column.
    """

    __tablename__ = "timeline"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    basis: Mapped[str]
    packets: Mapped[int]
    made_at: Mapped[datetime | None]
    facts: Mapped[str]
    minutes: Mapped[str]
    trace: Mapped[bytes] = mapped_column(LargeBinary)


class EarlierAnalysisRow(Base):
    """What another version of the detector made of a recording, kept when this one's took its place (`journal.versions`).

    `figures` are those that trends had of it, as JSON; None where there were none.
    """

    __tablename__ = "earlier_analysis"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    algorithm_version: Mapped[str] = mapped_column(Id, primary_key=True)
    basis: Mapped[str]
    packets: Mapped[int]
    made_at: Mapped[datetime | None]
    facts: Mapped[str]
    minutes: Mapped[str]
    trace: Mapped[bytes] = mapped_column(LargeBinary)
    figures: Mapped[str | None]


class TalkFiguresRow(Base):
    """What trends need of a finished talk, derived from its timeline or its minutes: made anew when `basis` no longer fits.

    `floods` is JSON: of each its peak, its rise and its way back.
    """

    __tablename__ = "talk_figures"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime]
    utc_offset_min: Mapped[int]
    basis: Mapped[str]
    from_minutes: Mapped[bool]
    algorithm_version: Mapped[str | None]
    heard_s: Mapped[float]
    lost_s: Mapped[float]
    above_line_s: Mapped[float]
    baseline_bpm: Mapped[float | None]
    rmssd_baseline_ms: Mapped[float | None]
    floods: Mapped[str]
    near_misses: Mapped[int]
    pauses_taken: Mapped[int]
    pauses_kept: Mapped[int]
    __table_args__ = (Index(None, "owner_id", "began_at"),)


class ShownCurveRow(Base):
    """The recording's owner shows its curve to the other of the talk."""

    __tablename__ = "shown_curve"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    shown_at: Mapped[datetime]


class NearMissRow(Base):
    """A rise towards the line that turned back by itself."""

    __tablename__ = "near_miss"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    from_s: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_s: Mapped[int]
    peak_bpm: Mapped[float]
    peak_t_s: Mapped[int]
    algorithm_version: Mapped[str]


class EpisodeRow(Base):
    """A flood with its whole physiological context, and the rule that was in force."""

    __tablename__ = "episode"
    recording: Mapped[int] = mapped_column(ForeignKey("recording.number", ondelete="CASCADE"), primary_key=True)
    began_t_s: Mapped[float] = mapped_column(primary_key=True)
    onset_t_s: Mapped[float]
    ended_t_s: Mapped[float | None]
    end: Mapped[str | None]
    peak_bpm: Mapped[float]
    peak_t_s: Mapped[float]
    baseline_bpm: Mapped[float | None]
    baseline_provisional: Mapped[bool]
    rise_bpm: Mapped[float | None]
    above_threshold_s: Mapped[int]
    rmssd_baseline_ms: Mapped[float | None]
    rmssd_flood_ms: Mapped[float | None]
    rmssd_flood_missing: Mapped[str | None]
    signal_ok_share: Mapped[float]
    threshold_bpm: Mapped[float]
    threshold_leave_bpm: Mapped[float]
    threshold_kind: Mapped[str]
    algorithm_version: Mapped[str]
    movement_bpm: Mapped[float | None]
    posture_bpm: Mapped[float | None]
    why: Mapped[str | None]
    quality: Mapped[float | None]


class SuggestionRow(Base):
    """A suggestion and what became of it. Projected from the talk's state whenever that is saved."""

    __tablename__ = "suggestion"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), primary_key=True, index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    episode_began_t_s: Mapped[float]
    raised_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str]
    answered_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    reason: Mapped[str | None]


class PauseRow(Base):
    """A pause. Projected from the talk's state whenever that is saved."""

    __tablename__ = "pause"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), primary_key=True, index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    called_at: Mapped[datetime]
    return_at: Mapped[datetime]
    state: Mapped[str]
    ready_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    extensions: Mapped[int]


class StrapRow(Base):
    """A strap that somebody wears. A strap has one wearer, until that one forgets it."""

    __tablename__ = "strap"
    system: Mapped[str] = mapped_column(Short(16), primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    battery_percent: Mapped[int | None]
    made: Mapped[str]
    worn_at: Mapped[datetime]


class EntryRow(Base):
    """A journal entry: private to its owner, one for each talk, or by hand without a talk.

    `happened_at` with its offset is the wearer's own clock; `zone` is known only where a machine or a page named it.
    """

    __tablename__ = "entry"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    talk_id: Mapped[str | None] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    utc_offset_min: Mapped[int]
    zone: Mapped[str | None]
    __table_args__ = (UniqueConstraint("owner_id", "talk_id"), Index(None, "owner_id", "created_at"))


class EntryTextRow(Base):
    """What the owner wrote into an entry, sealed, with the version that a save must name."""

    __tablename__ = "entry_text"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    written_at: Mapped[datetime]
    utc_offset_min: Mapped[int]
    zone: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class EntryDraftRow(Base):
    """What another tab had written when it came too late: kept, sealed, until its owner lets it go."""

    __tablename__ = "entry_draft"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    tab: Mapped[str] = mapped_column(Id)
    based_on: Mapped[int]
    written_at: Mapped[datetime]
    utc_offset_min: Mapped[int]
    zone: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("entry_id", "tab", "based_on"),)


class DailyCheckRow(Base):
    """A day's two-minute check, its answers sealed. `day` is a date on the wearer's clock."""

    __tablename__ = "daily_check"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    day: Mapped[str] = mapped_column(Short(10))
    checked_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("owner_id", "day"),)


class PairRow(Base):
    """Two people who talk together. The second may be a name only, until they have come in on a phone of their own.

    `first_yes_at` and `second_yes_at`: who has opted in to the talk that is about to begin.
    """

    __tablename__ = "pair"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    second_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    second_name: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    first_yes_at: Mapped[datetime | None]
    second_yes_at: Mapped[datetime | None]


class AgreementRow(Base):
    """One version of what two people agreed. Words are never changed afterwards; a new version is a new row.

    They are sealed with the key of the pair's first: the row goes with either account, so there is always that key.
    """

    __tablename__ = "agreement"
    pair_id: Mapped[str] = mapped_column(ForeignKey("pair.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    first_yes_at: Mapped[datetime | None]
    second_yes_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class JoinCodeRow(Base):
    """A code that lets one phone in, once, for a few minutes. Only its hash is kept."""

    __tablename__ = "join_code"
    code_sha256: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    for_other: Mapped[bool]
    expires_at: Mapped[datetime]


class WayBackRow(Base):
    """The words that bring a person back into their own account. Only their hash is kept."""

    __tablename__ = "way_back"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    words_sha256: Mapped[str] = mapped_column(Id, unique=True)


class TurnToRow(Base):
    """Somebody a person can turn to. Private to its owner; name and way are sealed."""

    __tablename__ = "turn_to"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    added_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ChannelRow(Base):
    """One way to reach its owner. The address holds keys of theirs, and is kept sealed."""

    __tablename__ = "channel"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    label: Mapped[str]
    created_at: Mapped[datetime]
    trouble: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class DeliveryRow(Base):
    """One message to one channel: `trying` while nobody knows, then `arrived` or `failed`."""

    __tablename__ = "delivery"
    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Short(200), primary_key=True)
    talk_id: Mapped[str] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    at: Mapped[datetime]


class AdmissionRow(Base):
    """A clinician whom a wearer has admitted, or an invitation that waits. `ended_at`: by either of them, for good."""

    __tablename__ = "admission"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    wearer_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    clinician_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    called: Mapped[str]
    code_sha256: Mapped[str | None] = mapped_column(Id, unique=True)
    invited_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class GrantRow(Base):
    """What a wearer shows to a clinician: one entry, or all that happened from a moment on. Revoked at once."""

    __tablename__ = "access_grant"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    admission_id: Mapped[str] = mapped_column(ForeignKey("admission.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    from_at: Mapped[datetime | None]
    with_words: Mapped[bool]
    given_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    zone: Mapped[str | None]
    revoked_at: Mapped[datetime | None]


class ClientCardRow(Base):
    """What a clinician keeps about a client besides notes: when they meet next, and when they last looked."""

    __tablename__ = "client_card"
    admission_id: Mapped[str] = mapped_column(ForeignKey("admission.id", ondelete="CASCADE"), primary_key=True)
    next_appointment: Mapped[str | None]
    looked_at: Mapped[datetime | None]


class ClinicianNoteRow(Base):
    """A clinician's own note on a client, or on one entry, sealed with the clinician's key."""

    __tablename__ = "clinician_note"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    admission_id: Mapped[str] = mapped_column(ForeignKey("admission.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    written_at: Mapped[datetime]
    for_wearer: Mapped[bool]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class AccessLogRow(Base):
    """A reading by somebody else, signed in a chain for each wearer. Only ever added to; it outlasts what it speaks of.

    `reader_id` only finds a reader's own readings; what counts is what is signed.
    """

    __tablename__ = "access_log"
    owner_id: Mapped[str] = mapped_column(Id, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reader_id: Mapped[str] = mapped_column(Id, index=True)
    said: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class AccessSaltRow(Base):
    """What ties a line of the access log to an entry. It goes with the entry, and then nothing does."""

    __tablename__ = "access_salt"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class PublicationRow(Base):
    """At a clinic: one client who publishes from home. `wearer_id` is the record that they fill, to which nobody signs in.

    `manifest` is the number of the newest list that home sent, `told` that list; `confirmed_at` is when that was. Of the
    code and the token only hashes are kept. The row outlasts the clinician's account: it is what keeps everybody out of the record
    until that goes, too (`journal.published`).
    """

    __tablename__ = "publication"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinician_id: Mapped[str] = mapped_column(Id, index=True)
    wearer_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    called: Mapped[str]
    code_sha256: Mapped[str] = mapped_column(Id, unique=True)
    token_sha256: Mapped[str | None] = mapped_column(Id, unique=True)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    manifest: Mapped[int]
    told: Mapped[str | None]


class PublishedItemRow(Base):
    """At a clinic: something that home named in its list, and the digest of what has come of it."""

    __tablename__ = "published_item"
    publication_id: Mapped[str] = mapped_column(ForeignKey("publication.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[str] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(Id)
    come_digest: Mapped[str | None] = mapped_column(Id)


class ClinicLinkRow(Base):
    """At home: an admission of a clinician who reads at a clinic's server, and how to reach it. The token is sealed.

    `looks_after` is the last line of the clinic's log that has come; `heard_at` when the clinic last answered.
    """

    __tablename__ = "clinic_link"
    admission_id: Mapped[str] = mapped_column(ForeignKey("admission.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    address: Mapped[str]
    is_on: Mapped[bool]
    manifest: Mapped[int]
    heard_at: Mapped[datetime | None]
    kept_until: Mapped[datetime | None]
    looks_after: Mapped[int]
    trouble: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ClinicLookRow(Base):
    """At home: a reading at the clinic, as the clinic told it. The line outlasts its entry, and no longer names it then."""

    __tablename__ = "clinic_look"
    admission_id: Mapped[str] = mapped_column(ForeignKey("admission.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    looked: Mapped[str]
    reader: Mapped[str]
    entry_id: Mapped[str | None] = mapped_column(Id, index=True)
