"""How a tester's device becomes known: a profile asks it, it answers signed, and its browser remembers.

Nothing is kept between the steps but what was answered. The challenge in the profile, the ticket that leads from the
device's answer back to its browser, and the cookie there are sealed: nobody can make one, or read what is in it.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audit_log, known_devices
from seatrial.db.engine import Database
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AppId, KnownDeviceId, OrganizationId, new_entity_id
from seatrial.domain.known_device import DeviceAnswer, KnownDevice, checked_udid, printable
from seatrial.domain.membership import MemberIdentity, MemberKind
from seatrial.parsers.device_answer import DeviceAnswerUnreadable, read_device_answer
from seatrial.services.enrolment_profile import ProfileSigner, profile_that_asks
from seatrial.services.login_limits import LoginLimits
from seatrial.services.own_records import own_scope
from seatrial.services.team_letters import TeamLetters
from seatrial.storage.sealing import Sealer, Unsealable

MOST_SEALED = 4096
TICKET_LIFE = timedelta(minutes=15)
COOKIE_LIFE = timedelta(days=365)
SEEN_STEP = timedelta(days=1)
"""A visit is noted so often."""


class ChallengeOver(Exception):
    """A challenge of ours that is too old; `place` is the page that has a new one."""

    def __init__(self, place: str) -> None:
        super().__init__("the profile is too old")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Whose device is asked for, and from where."""

    organization_id: OrganizationId
    organization: str
    """The name, as the profile shows it."""
    place: str
    """The path of ours that the visitor comes from, and goes back to."""
    app_id: AppId | None = None
    member: MemberIdentity | None = None
    name: str = ""
    """What somebody calls themselves who is not signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Where an answered device goes on, and the ticket that its browser is to bring there."""

    place: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Enrolments:
    """Asks devices, takes their answers, and knows them again."""

    db: Database
    sealer: Sealer
    limits: LoginLimits
    life: timedelta
    """How long a profile may wait until it is installed."""
    now: Callable[[], datetime]
    signer: ProfileSigner | None = None
    authorities: Sequence[bytes] = field(default=(), repr=False)
    """Certificates, in DER, of who vouches for devices; without any nobody's answer counts as proven."""
    asks_serial: bool = False
    letters: TeamLetters = field(default_factory=TeamLetters)

    def ask(self, wanted: Enrolment, url: str, title: str, text: str) -> bytes:
        """Write a profile that makes a device answer to `url`; signed where there is a certificate for it."""
        member = wanted.member if wanted.member is not None and wanted.member.is_verified else None
        challenge = self._sealed(
            "challenge",
            self.life,
            organization=wanted.organization_id,
            place=wanted.place,
            app=wanted.app_id or "",
            kind=member.kind.value if member else "",
            member=member.id if member else "",
            name="" if member else printable(wanted.name),
            nonce=secrets.token_hex(8),
        )
        profile = profile_that_asks(url, challenge, wanted.organization, title, text, asks_serial=self.asks_serial)
        return self.signer.sign(profile) if self.signer else profile

    def take(self, body: bytes, address: str) -> Welcome:
        """Take a device's answer: the device is known from now on, and said once more it is the same one.

        Raises InvalidRequest for what no device of ours says, ChallengeOver, TooManyRequests.
        """
        self.limits.count_address(address, "device ")
        try:
            answer = read_device_answer(body, self.authorities)
        except DeviceAnswerUnreadable as problem:
            raise InvalidRequest({"body": str(problem)}) from None
        said = self._opened("challenge", answer.challenge)
        if said is None:
            raise InvalidRequest({"CHALLENGE": "must be the one of a profile of this server"})
        udid, now = checked_udid(answer.udid), self.now()
        expires = datetime.fromisoformat(said["until"])
        if expires <= now:
            raise ChallengeOver(said["place"])
        # Of what is sealed, not of how it is written: base64 lets the same thing be written in many ways.
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        try:
            with self.db.transaction() as tx:
                known_devices.forget_challenges(tx, now)
                if known_devices.spend(tx, digest, udid, expires) != udid:
                    raise InvalidRequest({"CHALLENGE": "was answered by another device already"})
                device_id = self._keep(tx, said, answer, udid, now)
        except IntegrityError:
            raise InvalidRequest({"CHALLENGE": "is of somebody, or an app, that is gone"}) from None
        organization, place = said["organization"], said["place"]
        ticket = self._sealed("ticket", TICKET_LIFE, organization=organization, device=device_id, place=place)
        return Welcome(place=place, ticket=ticket)

    def arrive(self, organization_id: OrganizationId, place: str, ticket: str) -> str | None:
        """Give what a browser is to keep, in exchange for a ticket of this place; nothing for another or an old one."""
        said = self._opened("ticket", ticket)
        if said is None or said["organization"] != organization_id or said["place"] != place or self._is_over(said):
            return None
        return self._sealed("cookie", COOKIE_LIFE, organization=organization_id, device=said["device"])

    def known(self, organization_id: OrganizationId, kept: str) -> KnownDevice | None:
        """Find the device of a browser by what it keeps; nobody where that is not ours, or the device was forgotten."""
        said = self._opened("cookie", kept) if kept else None
        if said is None or said["organization"] != organization_id or self._is_over(said):
            return None
        with self.db.read() as tx:
            return known_devices.find(tx, organization_id, said["device"])

    def see(self, device: KnownDevice, os_version: str) -> None:
        """Note that a device was here, once a day, or when its system is another than before."""
        now = self.now()
        version = os_version[:32] or device.os_version
        if now - device.last_seen_at < SEEN_STEP and version == device.os_version:
            return
        with self.db.transaction() as tx:
            known_devices.update_device(tx, device.id, {"last_seen_at": now, "os_version": version})

    def _keep(
        self, tx: Connection, said: dict[str, str], answer: DeviceAnswer, udid: str, now: datetime
    ) -> KnownDeviceId:
        organization_id = OrganizationId(said["organization"])
        kind = MemberKind(said["kind"]) if said["kind"] else None
        before = known_devices.find_by_udid(tx, organization_id, udid)
        if before is None:
            made = KnownDevice(
                id=KnownDeviceId(new_entity_id()),
                organization_id=organization_id,
                udid=udid,
                product=answer.product,
                os_build=answer.os_build,
                os_version="",
                serial=answer.serial if self.asks_serial else "",
                name=said["name"],
                kind=kind,
                member_id=said["member"],
                email="",
                first_name="",
                last_name="",
                app_id=AppId(said["app"]) if said["app"] else None,
                is_proven=answer.is_proven,
                last_seen_at=now,
                created_at=now,
            )
            known_devices.insert_device(tx, made)
            scope = own_scope(organization_id, said["member"], "")
            audit_log.record(tx, scope, "device.add", made.id, now, {"product": made.product})
            self.letters.device_added(tx, made, now)
            return made.id
        values: dict[str, object] = {"os_build": answer.os_build, "last_seen_at": now}
        values |= {"product": answer.product, "is_proven": True} if answer.is_proven else {}
        # Whoever is signed in is its owner now; a name that anybody can type takes nobody's place.
        if kind is not None:
            values |= known_devices.owner_columns(kind, said["member"]) | {"name": ""}
        elif before.kind is None and said["name"]:
            values["name"] = said["name"]
        known_devices.update_device(tx, before.id, values)
        return before.id

    def _sealed(self, purpose: str, life: timedelta, **said: str) -> str:
        until = (self.now() + life).isoformat()
        return self.sealer.seal(json.dumps({"for": purpose, "until": until, **said}, ensure_ascii=False).encode())

    def _opened(self, purpose: str, sealed: str) -> dict[str, str] | None:
        """Open what was sealed for a purpose; nothing where it was not, by us, or for another."""
        if not sealed or len(sealed) > MOST_SEALED:
            return None
        try:
            said = json.loads(self.sealer.open(sealed))
        except (Unsealable, ValueError):
            return None
        return said if isinstance(said, dict) and said.get("for") == purpose else None

    def _is_over(self, said: dict[str, str]) -> bool:
        return datetime.fromisoformat(said["until"]) <= self.now()
