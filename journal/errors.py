"""Why a journal cannot be opened, or does not answer. Each is one line for people."""


class DatabaseError(Exception):
    """The journal cannot be opened. One line for people."""


class NewerSchema(DatabaseError):
    """It was written by a newer program."""


class NotADatabase(DatabaseError):
    """The file is something else, or damaged."""


class DatabaseInUse(DatabaseError):
    """Another process has it."""


class CannotOpen(DatabaseError):
    """The folder, the file or the server cannot be made, read or reached."""


class DatabaseBusy(DatabaseError):
    """It does not answer now: locked by another program, not reachable, or the disk is full. Worth trying again."""
