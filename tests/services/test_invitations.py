"""Invitations: sent, accepted once, over in every other way."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection

from seatrial.db import app_collaborators, users
from seatrial.domain.access import AppRole, MemberRole
from seatrial.domain.employee import EmployeeOrigin
from seatrial.domain.errors import (
    Conflict,
    EntityNotFound,
    Forbidden,
    InvalidRequest,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.ids import OrganizationId
from seatrial.domain.invitation import Acceptance, InvitationStatus, NewInvitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import NewMember
from seatrial.domain.membership import MemberKind
from seatrial.services.invitations import Invitations
from seatrial.services.login_limits import LoginLimits
from seatrial.services.passwords import matches
from seatrial.services.post import Addressee, Letter
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.people_rooms import People
from tests.services.rooms import Rooms
from tests.services.scopes import with_role

PASSWORD = "long enough by far"
ACCEPTED = Acceptance(password=PASSWORD, first_name="Ada", last_name="Marsh")


class Recorder:
    """A post that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[tuple[Letter, Addressee, Mapping[str, object]]] = []

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        assert tx.in_transaction()
        assert organization_id is not None
        self.letters.append((letter, to, facts))


class Hall:
    """The invitations over rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.post = Recorder()
        limits = LoginLimits(rooms.db, 3, 100, timedelta(hours=1), rooms.now)
        self.invitations = Invitations(rooms.db, self.post, limits, timedelta(days=7), rooms.now)

    def invite(self, email: str = "ada@example.com", **said: object) -> str:
        """Invite somebody; gives the secret of the link."""
        new = NewInvitation(**({"kind": MemberKind.USER, "email": email} | said))  # type: ignore[arg-type]
        _, link = self.invitations.create(self.rooms.scope, new, lambda secret: f"https://x.example/i/{secret}")
        return urlsplit(link).path.rpartition("/")[2]

    def newest(self) -> str:
        return self.invitations.search(self.rooms.scope, ListQuery()).items[0].id

    def status(self, secret: str) -> InvitationStatus:
        return self.invitations.look(secret).status


@pytest.fixture
def hall(rooms: Rooms) -> Hall:
    return Hall(rooms)


def test_an_invitation_makes_an_account_and_a_member(hall: Hall) -> None:
    rooms = hall.rooms
    secret = hall.invite(
        " Ada@Example.com",
        role=MemberRole.UNASSIGNED,
        app=rooms.scope.app_id,
        app_role=AppRole.EDITOR,
        tags=("QA",),
        language="pt",
        first_name="A.",
    )
    [(letter, to, facts)] = hall.post.letters
    assert (letter, to) == (Letter.INVITATION_USER, Addressee(email="ada@example.com", name="A.", language="pt"))
    assert facts["link"] == f"https://x.example/i/{secret}"
    assert (facts["organization"], facts["role"]) == ("Acme", "editor")
    assert facts["expires"] == rooms.time + timedelta(days=7)
    assert secret.startswith("sti_")
    seen = hall.invitations.look(secret)
    assert (seen.organization, seen.has_account, seen.status) == ("Acme", False, InvitationStatus.PENDING)
    hall.invitations.accept(secret, ACCEPTED, "192.0.2.1")
    [member] = Users(rooms.db, rooms.now).search(rooms.scope, ListQuery()).items
    assert (member.user.email, member.user.first_name, member.role) == ("ada@example.com", "Ada", MemberRole.UNASSIGNED)
    assert member.tags == ("QA",)
    with rooms.db.read() as tx:
        roles = app_collaborators.roles_of(tx, rooms.scope.organization_id, member.user.id)
        login = users.find_login(tx, "ada@example.com")
    assert roles == {(rooms.scope.app_id, AppRole.EDITOR)}
    assert login is not None
    assert matches(login.password_hash, PASSWORD)
    with pytest.raises(Conflict, match="accepted already"):
        hall.invitations.accept(secret, ACCEPTED, "192.0.2.1")
    with pytest.raises(Conflict, match="is a member already"):
        hall.invite()


def test_who_has_an_account_shows_that_it_is_theirs(hall: Hall) -> None:
    rooms = hall.rooms
    with rooms.db.transaction() as tx:
        other = add_app(tx)
    theirs = Users(rooms.db, rooms.now).create(other, NewMember(email="ada@example.com", password=PASSWORD))
    secret = hall.invite()
    assert hall.invitations.look(secret).has_account
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            hall.invitations.accept(secret, Acceptance(password="not that one, no"), "192.0.2.1")
    with pytest.raises(TooManyRequests):
        hall.invitations.accept(secret, ACCEPTED, "192.0.2.1")
    rooms.later(3601)
    hall.invitations.accept(secret, ACCEPTED, "192.0.2.1")
    member = Users(rooms.db, rooms.now).get(rooms.scope, theirs.user.id)
    assert (member.role, member.user.first_name) == (MemberRole.VIEWER, "")


def test_an_employee_is_let_in_or_gets_a_password(hall: Hall) -> None:
    people = People(hall.rooms)
    known = people.take_in("eve", "Porto")
    for email in ("ada@example.com", "eve@example.com"):
        secret = hall.invite(email, kind=MemberKind.EMPLOYEE, tags=("QA", "porto"))
        assert hall.post.letters[-1][0] is Letter.INVITATION_EMPLOYEE
        hall.invitations.accept(secret, ACCEPTED, "192.0.2.1")
        with pytest.raises(Conflict, match="an employee already"):
            hall.invite(email, kind=MemberKind.EMPLOYEE)
    ada, eve = people.employees.search(hall.rooms.scope, ListQuery(sort="email", descending=False)).items
    assert (ada.origin, ada.first_name, ada.tags) == (EmployeeOrigin.INVITATION, "Ada", ("Porto", "QA"))
    assert (eve.id, eve.origin, eve.first_name, eve.tags) == (
        known.id,
        EmployeeOrigin.DASHBOARD,
        "Ada",
        ("Porto", "QA"),
    )


def test_a_link_is_over_when_it_is(hall: Hall) -> None:
    first = hall.invite()
    second = hall.invite("ADA@example.com")
    assert (hall.status(first), hall.status(second)) == (InvitationStatus.REVOKED, InvitationStatus.PENDING)
    _, link = hall.invitations.resend(hall.rooms.scope, hall.newest(), lambda secret: secret)
    with pytest.raises(EntityNotFound):
        hall.invitations.accept(second, ACCEPTED, "192.0.2.1")
    hall.rooms.later(7 * 86400)
    assert hall.status(link) is InvitationStatus.EXPIRED
    with pytest.raises(Conflict, match="has expired"):
        hall.invitations.accept(link, ACCEPTED, "192.0.2.1")
    _, again = hall.invitations.resend(hall.rooms.scope, hall.newest(), lambda secret: secret)
    hall.invitations.revoke(hall.rooms.scope, hall.newest())
    with pytest.raises(Conflict, match="taken back"):
        hall.invitations.accept(again, ACCEPTED, "192.0.2.1")
    for nobody in ("", "sti_unknown", "x" * 1000):
        with pytest.raises(EntityNotFound):
            hall.invitations.look(nobody)


def test_a_bad_password_uses_no_link_up(hall: Hall) -> None:
    secret = hall.invite()
    with pytest.raises(InvalidRequest):
        hall.invitations.accept(secret, Acceptance(password="short"), "192.0.2.1")
    assert hall.status(secret) is InvitationStatus.PENDING


@pytest.mark.parametrize(
    "said",
    [
        {"email": "ada@example.com\r\nBcc: eve@example.com"},
        {"app": "wallet-unknown", "app_role": AppRole.VIEWER},
        {"app_role": AppRole.VIEWER},
        {"app": "wallet"},
    ],
)
def test_what_makes_no_sense_is_refused(hall: Hall, said: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        hall.invite(**said)  # type: ignore[arg-type]
    assert hall.post.letters == []


def test_nobody_gives_more_than_they_have(hall: Hall) -> None:
    owner, admin = hall.rooms.scope, with_role(hall.rooms.scope, MemberRole.ADMIN)
    new = NewInvitation(kind=MemberKind.USER, email="ada@example.com", role=MemberRole.OWNER)
    with pytest.raises(Forbidden):
        hall.invitations.create(admin, new, str)
    made, _ = hall.invitations.create(owner, new, str)
    with pytest.raises(Forbidden):
        hall.invitations.resend(admin, made.id, str)
    editor = with_role(owner, MemberRole.EDITOR)
    with pytest.raises(Forbidden):
        hall.invitations.create(editor, NewInvitation(kind=MemberKind.EMPLOYEE, email="a@example.com"), str)
    with pytest.raises(Forbidden):
        hall.invitations.revoke(editor, made.id)
