"""Alembic's entry point. Always called with a connection; there is no ini file and no offline mode."""

from alembic import context

from journal.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
