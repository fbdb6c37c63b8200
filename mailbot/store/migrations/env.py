"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `upgrade.py` holds open."""

from alembic import context

from mailbot.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
