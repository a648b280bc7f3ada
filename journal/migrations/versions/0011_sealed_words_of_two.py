"""What two agreed, and the people one can turn to, are sealed; what was written before is sealed here.

Revision ID: 0011
"""

import json

import sqlalchemy as sa
from alembic import context, op

from journal.sealed import Place, seal

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = {"turn_to": _turn_to(), "agreement": _agreements()}
    _need_the_keys(needed=any(texts.values()))
    for table, gone in (("turn_to", ("name", "how")), ("agreement", ("terms",))):
        with op.batch_alter_table(table) as rows:
            rows.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
        for owner_id, row_id, where, text in texts[table]:
            _seal(table, owner_id, row_id, where, text)
        with op.batch_alter_table(table) as rows:  # the old table is overwritten as it goes (secure_delete)
            rows.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
            for column in gone:
                rows.drop_column(column)


def _need_the_keys(*, needed: bool) -> None:
    """Nothing is sealed with a new key where the old one is only mislaid: then it would be another key's file that is put back."""
    if not needed:
        return
    from journal.key_use import keys_used  # noqa: PLC0415  it knows the newest tables, and is asked only where there is something to seal

    keyring = context.config.attributes.get("keyring")
    if keyring is None:
        raise RuntimeError("this journal holds words to be sealed; open it with its key file")
    keyring.require(keys_used(op.get_bind()))


def _turn_to() -> list[tuple[str, str, dict[str, object], str]]:
    rows = op.get_bind().execute(sa.text("SELECT id, owner_id, name, how FROM turn_to"))
    return [(owner, row_id, {"id": row_id}, json.dumps([name, how])) for row_id, owner, name, how in rows]


def _agreements() -> list[tuple[str, str, dict[str, object], str]]:
    query = "SELECT pair_id, number, first_id, terms FROM agreement JOIN pair ON pair.id = pair_id"
    return [
        (first_id, f"{pair_id}/{number}", {"pair_id": pair_id, "number": number}, terms)
        for pair_id, number, first_id, terms in op.get_bind().execute(sa.text(query))
    ]


def _seal(table: str, owner_id: str, row_id: str, where: dict[str, object], text: str) -> None:
    key = context.config.attributes["keyring"].current(owner_id)
    columns: dict[str, sa.ColumnClause[object]] = {name: sa.column(name) for name in ("sealed", *where)}
    rows = sa.table(table, *columns.values())
    change = sa.update(rows).where(*(columns[name] == value for name, value in where.items()))
    op.get_bind().execute(change.values(sealed=seal(key, text.encode(), Place(table, "sealed", row_id))))
