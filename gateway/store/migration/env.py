"""How Alembic meets our store: on the engine it is given, in one transaction."""

from __future__ import annotations

from alembic import context

from gateway.store.schema import metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
