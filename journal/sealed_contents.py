"""What is in sealed columns: opened and sealed for its owner. Whose it is, is asked by the stores that use it."""

from typing import Any

from sqlalchemy import Row

from journal.content import Content, content_from_json, content_to_json
from journal.keys import Keyring
from journal.models import (
    AgreementRow,
    ChannelRow,
    ClinicianNoteRow,
    ClinicLinkRow,
    DailyCheckRow,
    EntryDraftRow,
    EntryTextRow,
    TurnToRow,
)
from journal.sealed import Place, key_id_of, seal, unseal

ContentTable = type[EntryTextRow] | type[EntryDraftRow]
SealedTable = (
    ContentTable
    | type[DailyCheckRow]
    | type[ChannelRow]
    | type[TurnToRow]
    | type[AgreementRow]
    | type[ClinicianNoteRow]
    | type[ClinicLinkRow]
)


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
        return content_from_json(self.open_text(owner_id, table, row))

    def sealed(self, owner_id: str, table: ContentTable, values: Any, content: Content) -> bytes:  # noqa: ANN401  columns by name
        """`content`, sealed for the row with these values."""
        return self.seal_text(owner_id, table, values, content_to_json(content).encode())

    def open_text(self, owner_id: str, table: SealedTable, row: Row[*tuple[Any, ...]]) -> bytes:
        """What is in a row of `table`, as it was sealed."""
        key = self._keyring.find(owner_id, key_id_of(row.sealed))
        return unseal(key, row.sealed, _place(table, row._mapping))  # noqa: SLF001  SQLAlchemy's public accessor

    def seal_text(self, owner_id: str, table: SealedTable, values: Any, text: bytes) -> bytes:  # noqa: ANN401  columns by name
        """`text`, sealed for the row with these values."""
        return seal(self._keyring.current(owner_id), text, _place(table, values))


def _place(table: SealedTable, values: Any) -> Place:  # noqa: ANN401  columns by name
    if table is AgreementRow:  # named by two columns; `journal.key_use.SEALED` names it in the same way
        return Place(table.__tablename__, "sealed", f"{values['pair_id']}/{values['number']}")
    named = {EntryTextRow: "entry_id", ClinicLinkRow: "admission_id"}
    return Place(table.__tablename__, "sealed", values[named.get(table, "id")])
