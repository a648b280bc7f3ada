"""The errors that a person can do something about: shown as one line, exit code 2."""


def known() -> tuple[type[Exception], ...]:
    """Every such error; imported only when something went wrong."""
    from alerts.ports import TalkConflict
    from api.server import PortInUse
    from journal.database import DatabaseError
    from sensing.recording import BadRecording
    from sensing.strap import NoAdapter

    return (BadRecording, DatabaseError, NoAdapter, PortInUse, TalkConflict)
