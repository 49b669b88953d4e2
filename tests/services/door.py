"""Everything behind signing in, over the rooms, with a mail room that keeps what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, insert

from seatrial.db import tables
from seatrial.domain.access import MemberRole, OrganizationScope
from seatrial.domain.ids import OrganizationId, new_entity_id
from seatrial.domain.member import Member, NewMember
from seatrial.domain.membership import MemberKind, MemberRef
from seatrial.services.accounts import Accounts
from seatrial.services.identity import Identity
from seatrial.services.login_limits import LoginLimits
from seatrial.services.member_logins import MemberLogins
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.password_resets import PasswordResets
from seatrial.services.passwords import hash_password
from seatrial.services.post import Addressee, Letter
from seatrial.services.second_factors import SecondFactors
from seatrial.services.sessions import SessionRules, Sessions
from seatrial.services.users import Users
from seatrial.storage.sealing import Sealer
from tests.db.sample_rows import START
from tests.services.rooms import Rooms

PASSWORD = "long enough by far"
RULES = SessionRules(
    access_life=timedelta(hours=12),
    refresh_life=timedelta(days=30),
    failures_per_account=3,
    failures_per_address=5,
    failure_window=timedelta(minutes=15),
)
SEALER = Sealer([b"k" * 32])


@dataclass
class Letters:
    """A mail room that keeps what it is given."""

    written: list[tuple[Letter, Addressee, Mapping[str, object]]] = field(default_factory=list)

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        self.written.append((letter, to, facts))

    def kinds(self) -> list[tuple[Letter, str]]:
        return [(letter, to.email) for letter, to, _ in self.written]


@dataclass(frozen=True)
class Door:
    rooms: Rooms
    letters: Letters
    factors: SecondFactors
    sessions: Sessions
    member_sessions: MemberSessions
    logins: MemberLogins
    accounts: Accounts
    resets: PasswordResets
    identity: Identity
    users: Users

    def user(
        self,
        email: str = "ada@example.com",
        role: MemberRole = MemberRole.EDITOR,
        scope: OrganizationScope | None = None,
    ) -> Member:
        new = NewMember(email=email, role=role, password=PASSWORD, first_name="Ada")
        return self.users.create(scope or self.rooms.scope, new)


def door(rooms: Rooms, rules: SessionRules = RULES) -> Door:
    db, now, letters = rooms.db, rooms.now, Letters()
    limits = LoginLimits(db, rules.failures_per_account, rules.failures_per_address, rules.failure_window, now)
    factors = SecondFactors(db, SEALER, letters, now)
    member_sessions = MemberSessions(db, timedelta(days=30), now)
    return Door(
        rooms=rooms,
        letters=letters,
        factors=factors,
        sessions=Sessions(db, rules, factors, now),
        member_sessions=member_sessions,
        logins=MemberLogins(db, member_sessions, factors, limits, now),
        accounts=Accounts(db, letters, limits, now),
        resets=PasswordResets(db, letters, limits, timedelta(hours=1), now),
        identity=Identity(db, "localhost", now),
        users=Users(db, now),
    )


def employee(
    rooms: Rooms,
    email: str = "bo@example.com",
    kind: str = "traditional",
    *,
    groups: tuple[str, ...] = (),
    password: str = "",
    organization_id: OrganizationId | None = None,
) -> MemberRef:
    """Add an employee, in groups of these names."""
    organization_id, employee_id = organization_id or rooms.scope.organization_id, new_entity_id()
    with rooms.db.transaction() as tx:
        tx.execute(
            insert(tables.employees).values(
                id=employee_id,
                organization_id=organization_id,
                email=email,
                first_name="Bo",
                last_name="Ek",
                origin="dashboard",
                type=kind,
                password_hash=hash_password(password) if password else None,
                created_at=START,
                updated_at=START,
            )
        )
        for name in groups:
            group_id = add_group(tx, organization_id, name)
            for source in ("manual", "oidc"):
                tx.execute(
                    insert(tables.employee_groups).values(employee_id=employee_id, group_id=group_id, source=source)
                )
    return MemberRef(organization_id=organization_id, kind=MemberKind.EMPLOYEE, id=employee_id)


def add_group(tx: Connection, organization_id: OrganizationId, name: str) -> str:
    group_id = new_entity_id()
    tx.execute(
        insert(tables.groups).values(
            id=group_id,
            organization_id=organization_id,
            name=name,
            key=name.casefold(),
            created_at=START,
            updated_at=START,
        )
    )
    return group_id
