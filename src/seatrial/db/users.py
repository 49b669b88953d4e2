"""People with accounts, and their place in organizations."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from seatrial.db.tables import memberships, users
from seatrial.domain.app import User
from seatrial.domain.ids import OrganizationId, UserId

_PUBLIC = [column for column in users.c if column.name != "password_hash"]


def insert_user(tx: Connection, user: User, password_hash: str) -> None:
    """Add a person; the e-mail address is kept in lower case, because people spell it both ways."""
    tx.execute(
        insert(users).values(
            id=user.id,
            email=user.email.lower(),
            first_name=user.first_name,
            last_name=user.last_name,
            picture=user.picture,
            password_hash=password_hash,
            created_at=user.created_at,
            updated_at=user.updated_at,
        )
    )


def join(tx: Connection, user_id: UserId, organization_id: OrganizationId, role: str, now: datetime) -> None:
    """Make a person a member of an organization."""
    tx.execute(insert(memberships).values(user_id=user_id, organization_id=organization_id, role=role, created_at=now))


def find_by_email(tx: Connection, email: str) -> User | None:
    """Find a person by e-mail address, in any case."""
    row = tx.execute(select(*_PUBLIC).where(users.c.email == email.lower())).one_or_none()
    return _user(row) if row else None


def find(tx: Connection, user_id: str) -> User | None:
    """Find a person by id."""
    row = tx.execute(select(*_PUBLIC).where(users.c.id == user_id)).one_or_none()
    return _user(row) if row else None


def list_members(tx: Connection, organization_id: OrganizationId) -> list[tuple[User, str]]:
    """Read an organization's members with their roles, oldest first."""
    rows = tx.execute(
        select(*_PUBLIC, memberships.c.role.label("member_role"))
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.organization_id == organization_id)
        .order_by(memberships.c.created_at, users.c.id)
    )
    members = []
    for row in rows:
        values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
        role = str(values.pop("member_role"))
        members.append((User(**values), role))
    return members


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
