"""The whole journal in one file, of either database into either database, checked whenever it is read.

A zip: of each table its rows as lines of JSON, in the order in which they can be put back, all of one moment; beside them what
checks the access log, and the keys only where they are asked for: whoever has both can read every word.
"""

import base64
import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, func, insert, select, text

from journal.access_heads import beside_the_keys
from journal.database import Database, head_revision, open_file
from journal.errors import DatabaseError
from journal.models import Base

FORMAT, VERSION = "flooding backup", 1
MANIFEST, KEYS, ACCESS = "manifest.json", "keys.json", "access.json"
AT_A_TIME = 1000


class BadBackup(DatabaseError):
    """The file is damaged, no backup, or of another version. Nothing has changed."""


class KeysChanged(DatabaseError):
    """The key file is another than at the beginning. Worth trying again."""


class NotEmpty(DatabaseError):
    """There is something already where it is to be restored. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What is in a backup.

    Attributes:
        at: the moment it shows.
        rows: how many rows all tables have together.
        with_keys: whether it opens the journal's words.
    """

    at: datetime
    rows: int
    with_keys: bool


def back_up(database: Database, key_file: Path, file: IO[bytes], *, now: datetime, with_keys: bool) -> BackedUp:
    """Write everything of one moment to `file`. Others go on reading and writing meanwhile. Raises `KeysChanged`."""
    counts: dict[str, int] = {}
    sums: dict[str, str] = {}
    access, keys = (path.read_bytes() if path.exists() else None for path in (beside_the_keys(key_file), key_file))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        # Read before the rows: a line of the access log without its head is no fault, a head without its line is one.
        if access is not None:
            sums[ACCESS] = _put(archive, ACCESS, [access])
        with database.read() as connection:
            for table in Base.metadata.sorted_tables:
                lines = _Counted(_lines(connection, table))
                sums[_name(table)] = _put(archive, _name(table), lines)
                counts[table.name] = lines.count
        if with_keys and keys is not None:
            if key_file.read_bytes() != keys:
                raise KeysChanged("the keys were changed while the backup was made; make it again")
            sums[KEYS] = _put(archive, KEYS, [keys])
        manifest = {
            "format": FORMAT, "version": VERSION, "schema": head_revision(), "at": now.isoformat(), "rows": counts, "sha256": sums,
        }  # fmt: skip
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return BackedUp(now, sum(counts.values()), KEYS in sums)


def restore(database: Database, key_file: Path, file: IO[bytes]) -> BackedUp:
    """Bring everything back, into a journal in which nothing is yet; all of it or nothing.

    Raises:
        BadBackup: the file is damaged, no backup, or of another version of the program.
        NotEmpty: there is something already.
    """
    with _opened(file) as archive:
        manifest = _checked(archive)
        beside = _beside(archive, key_file)
        written: list[Path] = []
        try:
            with database.write() as connection:
                _require_empty(connection)
                for table in Base.metadata.sorted_tables:
                    _fill(connection, table, archive, int(manifest["rows"][table.name]))
                _go_on_counting(connection)
                for path, content in beside.items():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.touch(mode=0o600, exist_ok=False)
                    written.append(path)
                    path.write_bytes(content)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
    return _told(manifest)


def check(file: IO[bytes]) -> BackedUp:
    """Restore it into an empty journal, and throw that away. Raises `BadBackup`."""
    with tempfile.TemporaryDirectory(prefix="flooding-backup-") as folder:
        place = Path(folder)
        with closing(open_file(place / "journal")) as database:
            return restore(database, place / "journal.key", file)


class _Counted:
    """Lines, counted as they go."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    rows = connection.execution_options(yield_per=AT_A_TIME).execute(select(table).order_by(*table.primary_key))
    for row in rows:
        yield json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _value(told: object) -> object:
    if not isinstance(told, dict):
        return told
    if "base64" in told:
        return base64.b64decode(told["base64"])
    return datetime.fromisoformat(told["at"])


def _put(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as out:
        for chunk in chunks:
            found.update(chunk)
            out.write(chunk)
    return found.hexdigest()


def _name(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadBackup("this is no backup of flooding, or it was cut off") from error


def _checked(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, when every file in it is as it was written."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise BadBackup("this is no backup of flooding, or one of another version")
        if manifest["schema"] != head_revision():
            raise BadBackup(
                f"this backup is of schema {manifest['schema']}, and this program makes {head_revision()}; restore it with the "
                "version of flooding that made it, then upgrade"
            )
        for name, expected in manifest["sha256"].items():
            if _sum(archive, name) != expected:
                raise BadBackup(f"this backup is damaged: {name} is not as it was written")
        lost = [table.name for table in Base.metadata.sorted_tables if _name(table) not in manifest["sha256"]]
        if lost:
            raise BadBackup(f"this backup is damaged: table {lost[0]} is missing")
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise BadBackup("this backup is damaged; take another one") from error
    return manifest


def _sum(archive: zipfile.ZipFile, name: str) -> str:
    found = hashlib.sha256()
    with archive.open(name) as content:
        while chunk := content.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def _beside(archive: zipfile.ZipFile, key_file: Path) -> dict[Path, bytes]:
    """What goes beside the database. Raises `NotEmpty`: there is another such file already."""
    found = {}
    for name, path in ((ACCESS, beside_the_keys(key_file)), (KEYS, key_file)):
        if name not in archive.namelist():
            continue
        content = archive.read(name)
        if not path.exists():
            found[path] = content
        elif path.read_bytes() != content:
            raise NotEmpty(f"{path} is there already, and is another one; move it away first")
    return found


def _require_empty(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
            raise NotEmpty("there is a journal already; a backup is restored into an empty folder or an empty database")


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile, expected: int) -> None:
    columns = [column.name for column in table.columns]
    batch: list[dict[str, object]] = []
    try:
        with archive.open(_name(table)) as lines:
            for line in lines:
                batch.append(dict(zip(columns, map(_value, json.loads(line)), strict=True)))
                if len(batch) == AT_A_TIME:
                    connection.execute(insert(table), batch)
                    batch = []
        if batch:
            connection.execute(insert(table), batch)
    except (ValueError, TypeError, KeyError) as error:
        raise BadBackup(f"this backup is damaged: a row of {table.name} is none") from error
    if connection.scalar(select(func.count()).select_from(table)) != expected:
        raise BadBackup(f"this backup is damaged: {table.name} has not as many rows as it had")


def _go_on_counting(connection: Connection) -> None:
    """Numbers are given on from the last one. SQLite sees to that by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            last = connection.scalar(select(func.max(column)))
            if last is not None:
                connection.execute(select(func.setval(sequence, last)))


def _told(manifest: dict[str, Any]) -> BackedUp:
    at = datetime.fromisoformat(manifest["at"]).astimezone(UTC)
    return BackedUp(at, sum(manifest["rows"].values()), KEYS in manifest["sha256"])
