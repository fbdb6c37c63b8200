"""What stands in a column: instants, words of any length, numbers of rows; the same in SQLite and PostgreSQL.

Instants are whole microseconds since 1970 in UTC, exact and comparable in any database.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """Turn an instant into its number."""
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Turn the number back into the instant."""
        return None if value is None else EPOCH + value * _MICROSECOND


class _WithoutNul(sa.types.TypeDecorator[str]):
    """Text for PostgreSQL, which has no NUL in it: the sign for what cannot be shown takes its place."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Turn what a mail said into what can be kept."""
        return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")


#: Text of any length, which may come from outside.
Words = sa.Text().with_variant(_WithoutNul(), "postgresql")

#: A row of any table.
AnyRow = sa.Row[*tuple[Any, ...]]

#: SQLite counts rows by itself only in a column of exactly this type.
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
