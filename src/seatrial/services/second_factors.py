"""Second factors: one-time codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno
import structlog
from sqlalchemy import Connection

from seatrial.db import audit_log, second_factors, users
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope
from seatrial.domain.app import User
from seatrial.domain.errors import Conflict, EntityNotFound, SecondFactorNeeded
from seatrial.domain.second_factor import (
    RECOVERY_CODES,
    STEP_SECONDS,
    Enrolment,
    SecondFactor,
    SecondFactorState,
)
from seatrial.domain.tokens import digest
from seatrial.services.own_records import record_own
from seatrial.services.post import Addressee, Letter, Post
from seatrial.storage.sealing import Sealer, Unsealable

log = structlog.get_logger()

ISSUER = "Seatrial"
"""What an authenticator app shows beside the e-mail address."""
WRONG = "the code is wrong, or it was used already"
TOLERATED_STEPS = (0, -1, 1)
"""A device's clock may be half a minute off, either way."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that looks like another one: 31 of them, so that a code has 79 bits."""
_NO_SENSE = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """Sets second factors up, asks for them, and takes them away."""

    db: Database
    sealer: Sealer
    post: Post
    now: Callable[[], datetime]

    def state(self, user: User) -> SecondFactorState:
        """Tell whether somebody has a second factor."""
        with self.db.read() as tx:
            return SecondFactorState(
                enabled=second_factors.is_confirmed(tx, user.id),
                recovery_codes_left=second_factors.count_recovery_codes(tx, user.id),
            )

    def begin(self, user: User) -> Enrolment:
        """Make a secret for an authenticator; nothing is asked for before `confirm`.

        Raises Conflict where there is a second factor.
        """
        secret = pyotp.random_base32()
        with self.db.transaction() as tx:
            users.hold(tx, user.id)
            if second_factors.is_confirmed(tx, user.id):
                raise Conflict("There is a second factor already; disable it first.")
            second_factors.replace(tx, user.id, self.sealer.seal(secret.encode()), self.now())
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
        return Enrolment(secret=secret, uri=uri, qr_code=segno.make(uri, error="m").svg_data_uri(scale=5))

    def confirm(self, user: User, code: str, address: str) -> list[str]:
        """Ask for codes from now on, once the first one is right; gives the recovery codes, this once.

        Raises SecondFactorNeeded for a wrong code, Conflict where nothing was begun.
        """
        with self.db.transaction() as tx:
            users.hold(tx, user.id)
            begun = second_factors.find(tx, user.id)
            if begun is None or begun.confirmed_at is not None:
                raise Conflict("There is nothing to confirm; begin first.")
            if not self._take_code(tx, user, begun, code):
                raise SecondFactorNeeded(WRONG)
            second_factors.confirm(tx, user.id, self.now())
            codes = _add_recovery_codes(tx, user)
            self._tell(tx, user, "twoFactor.enable", address)
        return codes

    def disable(self, user: User, code: str, address: str) -> None:
        """Ask for no codes any more; takes one, or a recovery code.

        Raises SecondFactorNeeded, Conflict where there is none.
        """
        with self.db.transaction() as tx:
            users.hold(tx, user.id)
            if not second_factors.is_confirmed(tx, user.id):
                raise Conflict("There is no second factor.")
            self.verify(tx, user, code)
            second_factors.remove(tx, user.id)
            self._tell(tx, user, "twoFactor.disable", address)

    def regenerate(self, user: User, code: str) -> list[str]:
        """Make new recovery codes; the old ones end.

        Raises SecondFactorNeeded, Conflict where there is no second factor.
        """
        with self.db.transaction() as tx:
            users.hold(tx, user.id)
            if not second_factors.is_confirmed(tx, user.id):
                raise Conflict("There is no second factor.")
            self.verify(tx, user, code)
            codes = _add_recovery_codes(tx, user)
            record_own(tx, user, "twoFactor.regenerate", self.now())
        return codes

    def reset(self, scope: OrganizationScope, email: str) -> bool:
        """Take a member's second factor away, for the operator; tells whether there was one.

        Raises EntityNotFound.
        """
        with self.db.transaction() as tx:
            user = users.find_by_email(tx, email)
            if user is None or all(one != scope.organization_id for one, _ in users.organizations_of(tx, user.id)):
                raise EntityNotFound(f"Nobody here has the address {email}.")
            existed = second_factors.remove(tx, user.id)
            if existed:
                audit_log.record(tx, scope, "twoFactor.reset", user.id, self.now(), {"email": user.email})
                self._write(tx, user, "", enabled=False)
        return existed

    def verify(self, tx: Connection, user: User, code: str) -> None:
        """Let somebody go on with the right code, or without one where none is asked for; each code counts once.

        Raises SecondFactorNeeded.
        """
        factor = second_factors.find(tx, user.id)
        if factor is None or factor.confirmed_at is None:
            return
        code = _NO_SENSE.sub("", code).lower()
        if not code:
            raise SecondFactorNeeded
        if code.isascii() and code.isdigit():
            is_right = self._take_code(tx, user, factor, code)
        else:
            is_right = second_factors.spend_recovery_code(tx, user.id, _recovery_digest(user, code), self.now())
        if not is_right:
            raise SecondFactorNeeded(WRONG)

    def _take_code(self, tx: Connection, user: User, factor: SecondFactor, code: str) -> bool:
        try:
            secret = self.sealer.open(factor.sealed_secret).decode()
        except Unsealable:
            log.error("a second factor was sealed with a key that is gone; recovery codes still work", user_id=user.id)  # noqa: TRY400  # the trace says nothing more
            return False
        one_time, step_now = pyotp.TOTP(secret), int(self.now().timestamp()) // STEP_SECONDS
        said = _NO_SENSE.sub("", code).encode()
        # All are compared, whatever the first comparison says: how long it takes must not tell.
        right = [
            step_now + off
            for off in TOLERATED_STEPS
            if secrets.compare_digest(one_time.generate_otp(step_now + off).encode(), said)
        ]
        return bool(right) and second_factors.spend_step(tx, user.id, right[0])

    def _tell(self, tx: Connection, user: User, action: str, address: str) -> None:
        record_own(tx, user, action, self.now())
        self._write(tx, user, address, enabled=action == "twoFactor.enable")

    def _write(self, tx: Connection, user: User, address: str, *, enabled: bool) -> None:
        facts = {"enabled": enabled, "address": address, "at": self.now()}
        to = Addressee(email=user.email, name=user.first_name, language=user.language)
        self.post.write(tx, Letter.SECOND_FACTOR_CHANGED, to, facts)


def _add_recovery_codes(tx: Connection, user: User) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    second_factors.replace_recovery_codes(tx, user.id, [_recovery_digest(user, code) for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _recovery_digest(user: User, code: str) -> str:
    return digest(f"{user.id}:{code}")
