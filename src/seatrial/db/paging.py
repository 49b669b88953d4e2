"""One page of a list, and how long the whole list is."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, func

from seatrial.domain.build import Page

T = TypeVar("T")


class PageQuery(Protocol):
    """Which page, and from which end."""

    @property
    def page(self) -> int:
        """The number of the page, from 1."""

    @property
    def limit(self) -> int:
        """How many there are on it."""

    @property
    def offset(self) -> int:
        """How many come before it."""

    @property
    def descending(self) -> bool:
        """Whether the last ones come first."""


def page_of(
    tx: Connection,
    shown: Select[Any],
    order: Sequence[ColumnElement[Any]],
    query: PageQuery,
    one: Callable[[Row[Any]], T],
) -> Page[T]:
    """Read one page of what a statement gives, and count it all; the order must leave nothing open."""
    rows, total = rows_of(tx, shown, order, query)
    return Page([one(row) for row in rows], total, query.page, query.limit)


def rows_of(
    tx: Connection, shown: Select[Any], order: Sequence[ColumnElement[Any]], query: PageQuery
) -> tuple[Sequence[Row[Any]], int]:
    """Do as `page_of` for things that take further looks; gives their rows, and how many there are in all."""
    ordered = shown.order_by(*((column.desc() for column in order) if query.descending else order))
    rows = tx.execute(ordered.limit(query.limit).offset(query.offset)).all()
    total: int = tx.execute(shown.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one()
    return rows, total
