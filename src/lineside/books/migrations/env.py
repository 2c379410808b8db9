"""What Alembic runs to migrate: the caller's connection, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from lineside.books.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
