"""Which columns of each table the archive carries, and who its owner is in it. What is added to a table is carried along."""

from journal.models import Base, EpisodeRow, LinkEventRow, MinuteRow, NearMissRow

ME = "me"
"""Stands for the archive's owner, so that it can come back into another account."""
PARTS: dict[str, tuple[type[Base], str]] = {
    "minutes": (MinuteRow, "minute"),
    "episodes": (EpisodeRow, "began_t_s"),
    "near_misses": (NearMissRow, "from_s"),
    "links": (LinkEventRow, "id"),
}
"""What a recording carries besides its packets, and the order of it."""
NOT_IN_PARTS = ("recording", "id")
NOT_IN_OWN = ("owner_id",)
NOT_IN_RECORDING = ("owner_id", "number")
NOT_IN_TEXT = ("entry_id", "sealed")
NOT_IN_CHECK = ("id", "owner_id", "sealed")
NOT_IN_CHANNEL = ("owner_id", "sealed")
NOT_IN_AGREEMENT = ("pair_id", "sealed")
NOT_IN_ADMISSION = ("wearer_id", "clinician_id", "code_sha256")
NOT_IN_GRANT = ("admission_id",)
NOT_IN_TURN_TO = ("owner_id", "sealed")
PACKET_COLUMNS = ("t_s", "packet", "motion_mg")
