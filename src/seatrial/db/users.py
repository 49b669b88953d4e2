"""People with accounts, and their place in organizations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from seatrial.db import group_members
from seatrial.db.paging import rows_of
from seatrial.db.tables import app_collaborators, known_devices, memberships, organizations, sessions, users
from seatrial.domain.access import MemberRole, OrganizationScope
from seatrial.domain.app import User
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import OrganizationId, UserId, is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import Member, MemberChanges, PersonChanges

_PUBLIC = [column for column in users.c if column.name != "password_hash"]
_SORTED_BY = {"createdAt": memberships.c.created_at, "email": users.c.email}
_LAST_SEEN = (
    select(func.max(func.coalesce(sessions.c.last_used_at, sessions.c.created_at)))
    .where(sessions.c.user_id == users.c.id)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Login:
    """A person and the hash of their password."""

    user: User
    password_hash: str


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


def join(
    tx: Connection,
    user_id: UserId,
    organization_id: OrganizationId,
    role: str,
    now: datetime,
    tags: tuple[str, ...] = (),
) -> None:
    """Make a person a member of an organization."""
    tx.execute(insert(memberships).values(user_id=user_id, organization_id=organization_id, role=role, created_at=now))
    group_members.replace(tx, group_members.USERS, organization_id, {user_id: tags}, now)


def leave(tx: Connection, scope: OrganizationScope, user_id: UserId) -> None:
    """End a person's membership; without any other one the account goes too."""
    tx.execute(
        delete(memberships).where(
            memberships.c.user_id == user_id, memberships.c.organization_id == scope.organization_id
        )
    )
    group_members.leave_all(tx, group_members.USERS, scope.organization_id, user_id)
    tx.execute(
        delete(app_collaborators).where(
            app_collaborators.c.user_id == user_id, app_collaborators.c.organization_id == scope.organization_id
        )
    )
    tx.execute(
        delete(known_devices).where(
            known_devices.c.user_id == user_id, known_devices.c.organization_id == scope.organization_id
        )
    )
    if not organizations_of(tx, user_id):
        tx.execute(delete(users).where(users.c.id == user_id))


def find_by_email(tx: Connection, email: str) -> User | None:
    """Find a person by e-mail address, in any case."""
    row = tx.execute(select(*_PUBLIC).where(users.c.email == email.lower())).one_or_none()
    return _user(row) if row else None


def find_login(tx: Connection, email: str, *, hold: bool = False) -> Login | None:
    """Find a person by e-mail address, in any case, to compare passwords; `hold` lets nobody change it meanwhile."""
    statement = select(users).where(users.c.email == email.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return Login(_user(row), row.password_hash) if row else None


def hold(tx: Connection, user_id: UserId) -> None:
    """Let nobody else change a person's account before the transaction ends."""
    tx.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())


def find(tx: Connection, user_id: str) -> User | None:
    """Find a person by id."""
    row = tx.execute(select(*_PUBLIC).where(users.c.id == user_id)).one_or_none()
    return _user(row) if row else None


def find_owner(tx: Connection, scope: OrganizationScope) -> User | None:
    """Find the owner of an organization who has been there longest."""
    row = tx.execute(
        select(*_PUBLIC)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(*_owners(scope))
        .order_by(memberships.c.created_at, users.c.id)
        .limit(1)
    ).one_or_none()
    return _user(row) if row else None


def count_owners(tx: Connection, scope: OrganizationScope) -> int:
    """Count an organization's owners; whoever asks may rely on the answer until the transaction ends."""
    tx.execute(select(organizations.c.id).where(organizations.c.id == scope.organization_id).with_for_update())
    return tx.execute(select(func.count()).select_from(memberships).where(*_owners(scope))).scalar_one()


def organizations_of(tx: Connection, user_id: str) -> list[tuple[OrganizationId, MemberRole]]:
    """Read where a person is a member and as what, the oldest membership first."""
    rows = tx.execute(
        select(memberships.c.organization_id, memberships.c.role)
        .where(memberships.c.user_id == user_id)
        .order_by(memberships.c.created_at, memberships.c.organization_id)
    )
    return [(row.organization_id, MemberRole(row.role)) for row in rows]


def get_member(tx: Connection, scope: OrganizationScope, user_id: str) -> Member:
    """Read a member of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(user_id):
        raise EntityNotFound
    row = tx.execute(_members(scope).where(users.c.id == user_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _members_of(tx, scope, [row])[0]


def members_by_id(tx: Connection, scope: OrganizationScope, ids: Sequence[str]) -> dict[str, Member]:
    """Read members of an organization, a page of them at most."""
    rows = tx.execute(_members(scope).where(users.c.id.in_(sorted(set(ids))))).all()
    return {member.user.id: member for member in _members_of(tx, scope, rows)}


def search_members(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[Member]:
    """Read one page of an organization's members."""
    where: list[ColumnElement[bool]] = []
    if query.email is not None:
        where.append(users.c.email == query.email.lower())
    if query.text is not None:
        shown = users.c.first_name + " " + users.c.last_name + " " + users.c.email
        where.append(shown.icontains(query.text, autoescape=True))
    rows, total = rows_of(tx, _members(scope).where(*where), (_SORTED_BY[query.sort], users.c.id), query)
    return Page(_members_of(tx, scope, rows), total, query.page, query.limit)


def update_member(tx: Connection, before: Member, changes: MemberChanges, now: datetime) -> None:
    """Edit a member's role, tags and names."""
    names = {"first_name": changes.first_name, "last_name": changes.last_name}
    said = {column: value for column, value in names.items() if not isinstance(value, Unset)}
    if said:
        tx.execute(update(users).where(users.c.id == before.user.id).values(said | {"updated_at": now}))
    values: dict[str, object] = {"updated_at": now}
    if not isinstance(changes.role, Unset):
        values["role"] = changes.role.value
    if not isinstance(changes.tags, Unset):
        tags: dict[str, tuple[str, ...]] = {before.user.id: changes.tags}
        group_members.replace(tx, group_members.USERS, before.organization_id, tags, now)
    tx.execute(
        update(memberships)
        .where(memberships.c.user_id == before.user.id, memberships.c.organization_id == before.organization_id)
        .values(values)
    )


def set_password(tx: Connection, user_id: UserId, password_hash: str, now: datetime) -> None:
    """Give a person another password."""
    tx.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash, updated_at=now))


def rehash_password(tx: Connection, user_id: UserId, before: str, after: str) -> None:
    """Keep the same password in another way, unless it was changed meanwhile."""
    tx.execute(update(users).where(users.c.id == user_id, users.c.password_hash == before).values(password_hash=after))


def update_person(tx: Connection, user_id: UserId, changes: PersonChanges, now: datetime) -> None:
    """Edit what people say of themselves."""
    said = {
        "first_name": changes.first_name,
        "last_name": changes.last_name,
        "language": changes.language,
    }
    values = {column: value for column, value in said.items() if not isinstance(value, Unset)}
    if values:
        tx.execute(update(users).where(users.c.id == user_id).values(values | {"updated_at": now}))


def _members(scope: OrganizationScope) -> Select[tuple[object, ...]]:
    return (
        select(
            *_PUBLIC,
            memberships.c.organization_id,
            memberships.c.role,
            memberships.c.created_at.label("joined_at"),
            memberships.c.updated_at.label("changed_at"),
            _LAST_SEEN.label("last_seen_at"),
        )
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.organization_id == scope.organization_id)
    )


def _owners(scope: OrganizationScope) -> tuple[ColumnElement[bool], ...]:
    return (memberships.c.organization_id == scope.organization_id, memberships.c.role == MemberRole.OWNER.value)


def _members_of(tx: Connection, scope: OrganizationScope, rows: Sequence[Row[tuple[object, ...]]]) -> list[Member]:
    tags = group_members.names_of(tx, group_members.USERS, [row.id for row in rows], scope.organization_id)
    return [_member(row, tags.get(row.id, ())) for row in rows]


def _member(row: Row[tuple[object, ...]], tags: tuple[str, ...]) -> Member:
    return Member(
        user=_user(row),
        organization_id=row.organization_id,
        role=MemberRole(row.role),
        tags=tags,
        created_at=row.joined_at,
        updated_at=row.changed_at or row.joined_at,
        last_seen_at=row.last_seen_at,
    )


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        picture=row.picture,
        created_at=row.created_at,
        updated_at=row.updated_at,
        language=row.language,
    )
