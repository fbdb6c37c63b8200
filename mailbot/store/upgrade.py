"""Bringing a store's tables to this version, in one transaction, at every start.

A store that a newer mailbot made is refused and left alone. Never goes back to an older schema:
that is what a backup is for.
"""

from pathlib import Path

import sqlalchemy as sa

from mailbot.store.dialect import lock_schema, unfit
from mailbot.store.schema import REVISION

MIGRATIONS = Path(__file__).parent / "migrations"

#: Every revision that this mailbot knows, the oldest first.
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", REVISION)


class SchemaUnknown(Exception):
    """The tables are those of a newer mailbot, or cannot be made here; says which and what to do."""


def upgrade(connection: sa.Connection) -> None:
    """Make or migrate the tables inside the caller's transaction. Raises SchemaUnknown and changes nothing."""
    lock_schema(connection)
    present = revision_of(connection)
    if present == REVISION:
        return
    if present is not None and present not in KNOWN:
        raise SchemaUnknown(
            f"the store has schema {present}, this mailbot knows schemas up to {REVISION}: "
            "run the mailbot that made it, or restore a backup of the older one into another folder"
        )
    _check(connection)
    # Alembic costs a third of a second to import: only a start that migrates pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")


def is_there(connection: sa.Connection) -> bool:
    """Are there tables? Raises SchemaUnknown where there are none and none can be made."""
    there = revision_of(connection) is not None
    if not there:
        _check(connection)
    return there


def _check(connection: sa.Connection) -> None:
    if reason := unfit(connection):
        raise SchemaUnknown(reason)


def revision_of(connection: sa.Connection) -> str | None:
    """Return the schema's revision, None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found
