"""The errors that a person can do something about: shown as one line, exit code 2."""

from api.printable import printable


def in_words(error: Exception) -> str | None:
    """`error` on one line; None for a fault of the program, which deserves its traceback.

    What is asked about is imported only now, when something went wrong.
    """
    from bleak.exc import BleakError

    from alerts.ports import TalkConflict
    from api.headless import DemoStuck
    from api.lan import NoHomeNetwork
    from api.server import CannotListen
    from api.settings import BadSetting
    from api.whole_file import CannotWrite
    from journal.database import DatabaseError
    from journal.writer import WriteFailed
    from sensing.recording import BadRecording
    from sensing.scanner import NoAdapter, RadioStuck

    known = (
        BadRecording, BadSetting, CannotListen, CannotWrite, DatabaseError, DemoStuck, NoAdapter, NoHomeNetwork, RadioStuck,
        TalkConflict, WriteFailed,
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
