"""The journal as one thing: a database, its writer, and a store for each subject."""

from dataclasses import dataclass
from pathlib import Path

from journal.access_heads import AccessHeads, beside_the_keys
from journal.access_log import AccessLog
from journal.agreements import Agreements
from journal.api_tokens import ApiTokens
from journal.archive import Archive
from journal.channels import Channels
from journal.checks import Checks
from journal.clinic_links import ClinicLinks
from journal.clinician_notes import ClinicianNotes
from journal.database import Database, open_database
from journal.entries import Entries
from journal.erasure import Erasure
from journal.invitations import Invitations
from journal.key_use import keys_in_use
from journal.keys import Keyring, usual_key_file
from journal.pairs import Pairs
from journal.passkeys import Passkeys
from journal.passwords import Passwords
from journal.people import People
from journal.published import Published
from journal.recorder import JournalRecorder
from journal.recordings import Recordings
from journal.reviews.gathered import Reviews, StoredEntries
from journal.sealed_contents import SealedContents
from journal.search import Search
from journal.sharing import Sharing
from journal.shown import Shown
from journal.shown_curves import ShownCurves
from journal.straps import Straps
from journal.talks import Talks
from journal.texts import EntryTexts
from journal.timelines import Timelines
from journal.trends.clients import Clients
from journal.turn_to import TurnTo
from journal.ways_in import WaysIn
from journal.writer import Writer


@dataclass(frozen=True, slots=True)
class Journal:
    """Everything that is remembered."""

    database: Database
    writer: Writer
    people: People
    ways_in: WaysIn
    passkeys: Passkeys
    invitations: Invitations
    tokens: ApiTokens
    talks: Talks
    recorder: JournalRecorder
    entries: Entries
    straps: Straps
    recordings: Recordings
    keyring: Keyring
    texts: EntryTexts
    search: Search
    erasure: Erasure
    archive: Archive
    timelines: Timelines
    reviews: Reviews
    checks: Checks
    pairs: Pairs
    agreements: Agreements
    turn_to: TurnTo
    channels: Channels
    sharing: Sharing
    shown: Shown
    access_log: AccessLog
    clinician_notes: ClinicianNotes
    clients: Clients
    shown_curves: ShownCurves
    clinic_links: ClinicLinks
    published: Published

    def close(self) -> None:
        """Commit what waits, then close the database."""
        try:
            self.writer.stop()
        finally:
            self.database.close()


def open_journal(data_dir: Path, key_file: Path | None = None, *, url: str | None = None) -> Journal:
    """Open the journal in `data_dir`, or at `url` on PostgreSQL, with the keys in `key_file` (default: beside the folder).

    Raises `journal.database.DatabaseError`; where a key is missing, that is `journal.keys.KeyMissing`, and nothing changes.
    """
    keyring = Keyring(key_file or usual_key_file(data_dir))
    database = open_database(data_dir, keyring, url=url)
    try:
        keyring.require(keys_in_use(database))
    except BaseException:
        database.close()
        raise
    writer = Writer(database)
    sealed = SealedContents(keyring)
    recorder = JournalRecorder(database, writer)
    timelines = Timelines(database, recorder)
    entries, texts = Entries(database), EntryTexts(database, sealed)
    access_log = AccessLog(database, AccessHeads(beside_the_keys(keyring.path)))
    return Journal(
        database=database,
        writer=writer,
        people=People(database),
        ways_in=WaysIn(database, Passwords()),
        passkeys=Passkeys(database),
        invitations=Invitations(database),
        tokens=ApiTokens(database),
        talks=Talks(database),
        recorder=recorder,
        entries=entries,
        straps=Straps(database),
        recordings=Recordings(database),
        keyring=keyring,
        texts=texts,
        search=Search(entries, texts),
        erasure=Erasure(database, keyring),
        archive=Archive(database, sealed),
        timelines=timelines,
        reviews=Reviews(database, timelines, StoredEntries(database, texts)),
        checks=Checks(database, sealed),
        pairs=Pairs(database),
        agreements=Agreements(database, sealed),
        turn_to=TurnTo(database, sealed),
        channels=Channels(database, sealed),
        sharing=Sharing(database),
        shown=Shown(database, access_log, entries, texts),
        access_log=access_log,
        clinician_notes=ClinicianNotes(database, sealed),
        clients=Clients(database, access_log),
        shown_curves=ShownCurves(database),
        clinic_links=ClinicLinks(database, sealed),
        published=Published(database, keyring, access_log),
    )
