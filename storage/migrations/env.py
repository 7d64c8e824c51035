"""Run by alembic: applies revisions in the transaction that storage.migrations.upgrade hands over."""

from __future__ import annotations

from alembic import context

from storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite's DDL is transactional once the transaction is begun by hand
    render_as_batch=True,
)
context.run_migrations()
