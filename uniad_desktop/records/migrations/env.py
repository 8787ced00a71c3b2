"""Run by Alembic: takes the steps on the connection that `records.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from uniad_desktop.records.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
