"""A new journal's tables are made once for all tests of a process, and copied: a test of what is in them need not make them again."""

import tempfile
from functools import cache
from pathlib import Path

from journal import database

make = database._migrate
"""What the program itself does, for tests of just that."""


def install():
    """Copy instead of making, from now on, where a journal is new. What an older program left is brought up to date as ever."""

    @cache
    def made():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / database.FILE_NAME
            make(path, None)
            return path.read_bytes()

    def migrate(path, keyring):
        if not path.stat().st_size:
            path.write_bytes(made())
        make(path, keyring)

    database._migrate = migrate
