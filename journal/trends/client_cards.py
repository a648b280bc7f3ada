"""What a clinician keeps of each client: when they last looked, and when they meet next."""

from datetime import datetime

from sqlalchemy import Connection, select

from journal.models import AdmissionRow, ClientCardRow
from journal.statements import put


def note_looked(connection: Connection, clinician_id: str, wearer_id: str, now: datetime) -> None:
    """The clinician looks at this client now: what is there already is not new next time. Within the reading's transaction."""
    query = select(AdmissionRow.id).where(
        AdmissionRow.clinician_id == clinician_id,
        AdmissionRow.wearer_id == wearer_id,
        AdmissionRow.ended_at.is_(None),
    )
    for admission_id in connection.scalars(query).all():
        put(connection, ClientCardRow, {"admission_id": admission_id}, {"looked_at": now})


def put_appointment(connection: Connection, admission_id: str, when: datetime | None) -> None:
    """Keep when the two meet next, on the clinician's own clock. Raises `ValueError` for a time of another clock."""
    if when is not None and when.tzinfo is not None:
        raise ValueError("an appointment is a time on the clinician's own clock, without a time zone")
    told = None if when is None else when.isoformat(timespec="minutes")
    put(connection, ClientCardRow, {"admission_id": admission_id}, {"next_appointment": told})
