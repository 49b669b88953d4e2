"""Alembic's entry: runs on the connection that `schema.upgrade` hands over."""

from alembic import context

from seatrial.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="schema_version",
)
context.run_migrations()
