"""Scopes of people with less than all permissions, and a way to download."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from seatrial.domain.access import MEMBER_PERMISSIONS, MemberRole, OrganizationScope
from seatrial.services.downloads import Downloads
from seatrial.storage.signing import UrlSigner
from tests.services.rooms import Rooms

S = TypeVar("S", bound=OrganizationScope)


def with_role(scope: S, role: MemberRole) -> S:
    """Give the same scope to somebody with this role."""
    return replace(scope, principal=replace(scope.principal, permissions=MEMBER_PERMISSIONS[role]))


def powerless(scope: S) -> S:
    return with_role(scope, MemberRole.UNASSIGNED)


def downloads_of(rooms: Rooms) -> Downloads:
    hour = timedelta(hours=1)
    return Downloads(rooms.db, rooms.blobs, UrlSigner([b"k" * 32]), hour, hour, rooms.quotas, rooms.now)
