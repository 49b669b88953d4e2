"""Column types for migrations; never to be changed, because migrations are history."""

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


def string(length: int | None = None) -> TypeEngine[str]:
    """Text that sorts by code points on both databases; every text column has this type."""
    kind = sa.Text if length is None else sa.String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")
