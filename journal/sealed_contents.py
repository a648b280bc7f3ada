"""Contents in sealed columns: opened and sealed for their owner. Whose they are is asked by the stores that use it."""

from typing import Any

from sqlalchemy import Row

from journal.content import Content, content_from_json, content_to_json
from journal.keys import Keyring
from journal.models import EntryDraftRow, EntryTextRow
from journal.sealed import Place, key_id_of, seal, unseal

ContentTable = type[EntryTextRow] | type[EntryDraftRow]


class SealedContents:
    """The way into and out of the sealed columns.

    Raises:
        CannotUnseal: the bytes are damaged, or were moved.
        KeyMissing: their key is not in the key file.
        BadContent: what is in them is no content of this program.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def of(self, owner_id: str, table: ContentTable, row: Row[*tuple[Any, ...]]) -> Content:
        """The content of a row of `table`."""
        key = self._keyring.find(owner_id, key_id_of(row.sealed))
        return content_from_json(unseal(key, row.sealed, _place(table, row._mapping)))  # noqa: SLF001  SQLAlchemy's public accessor

    def sealed(self, owner_id: str, table: ContentTable, values: Any, content: Content) -> bytes:  # noqa: ANN401  columns by name
        """`content`, sealed for the row with these values."""
        text = content_to_json(content).encode()
        return seal(self._keyring.current(owner_id), text, _place(table, values))


def _place(table: ContentTable, values: Any) -> Place:  # noqa: ANN401  columns by name
    return Place(table.__tablename__, "sealed", values["entry_id" if table is EntryTextRow else "id"])
