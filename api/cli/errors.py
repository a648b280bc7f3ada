"""The errors that a person can do something about: shown as one line, exit code 2."""

from api.printable import printable


def in_words(error: Exception) -> str | None:
    """`error` on one line; None for a fault of the program, which deserves its traceback.

    What is asked about is imported only now, when something went wrong.
    """
    from bleak.exc import BleakError

    from alerts.not_now import NotNow
    from alerts.ports import TalkConflict
    from api.cli.account import NoInvitation
    from api.cli.whose import WhoseJournal
    from api.formats.fhir import FhirMissing
    from api.headless import DemoStuck
    from api.lan import NoHomeNetwork
    from api.many_processors import NoCluster, NoDask, WorkersGone
    from api.server import CannotListen
    from api.settings import BadSetting
    from api.whole_file import CannotWrite
    from journal.archive_file import BadArchive
    from journal.database import DatabaseError
    from journal.recovery import NotACode
    from journal.sealed import CannotUnseal
    from journal.writer import WriteFailed
    from sensing.no_radio import NoAdapter, RadioStuck
    from sensing.recording import BadRecording

    known = (
        BadArchive, BadRecording, BadSetting, CannotListen, CannotUnseal, CannotWrite, DatabaseError, DemoStuck, FhirMissing, NoAdapter,
        NoCluster, NoDask, NoHomeNetwork, NoInvitation, NotACode, NotNow, RadioStuck, TalkConflict, WhoseJournal, WorkersGone, WriteFailed,
    )  # fmt: skip
    if isinstance(error, known):
        words = str(error)
    elif isinstance(error, BleakError):
        words = f"Bluetooth reports: {error}. Try again; to see everything without a strap, try: flooding demo"
    elif isinstance(error, OSError):
        words = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    else:
        return None
    return printable(" ".join(words.split()))
