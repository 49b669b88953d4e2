"""Trusted publishing: a CI system's identity token is traded in for an upload token that lives for minutes.

Whoever sends the token proves by it what the issuer says of a run. What is wrong with it is told; what the rules of an
app ask for is not, but to runs of the project that a rule is about.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from seatrial.db import app_tokens, audit_log, trusted_publishers
from seatrial.db.engine import Database
from seatrial.db.trusted_publishers import Candidate
from seatrial.domain.access import AppScope, Person, Principal, PrincipalKind, TokenScope
from seatrial.domain.app import AppToken
from seatrial.domain.errors import IdentityRefused, InvalidRequest, ServiceUnavailable
from seatrial.domain.identity_provider import Claims
from seatrial.domain.trusted_publisher import PRESETS, TrustedPublisher, claimed, unmet, vouched
from seatrial.services.app_tokens import LONGEST_DESCRIPTION, NewAppToken, add_token
from seatrial.services.login_limits import LoginLimits
from seatrial.tools.oidc import LEEWAY_SECONDS, Issuers, IssuerUnavailable, TokenRefused, issuer_of

log = structlog.get_logger()

LONGEST_LIFE = timedelta(days=1)
"""Of an identity token: what lives longer is no proof of what runs now."""
KEPT = timedelta(days=30)
"""How long an upload token is remembered after its end, for the names in the record of who did what."""
AUDITED = (
    *("sub", "repository", "ref", "sha", "run_id", "actor", "environment", "workflow_ref", "event_name"),
    *("project_path", "ref_type", "pipeline_id", "job_id", "user_login", "app_slug", "build_slug"),
)
"""Claims that the record keeps beside those of the rule."""
LONGEST_CLAIM = 512
ANOTHER_AUDIENCE = "the identity token is for another audience; ask for one whose audience is this server's address"
NOBODY = "no app here trusts the runs that this identity token is of"
_KIND = "identity-token "


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An upload token, its secret, and the rule that gave it."""

    token: AppToken
    secret: str
    publisher: TrustedPublisher


@dataclass(frozen=True, slots=True)
class IdentityExchange:
    """Gives upload tokens for identity tokens that fit a rule."""

    db: Database
    issuers: Issuers
    limits: LoginLimits
    life: timedelta
    now: Callable[[], datetime]

    def exchange(self, identity_token: str, application: str, address: str) -> Exchanged:
        """Give an upload token for the app whose rule an identity token fits; `application` is its id or slug.

        It may stay empty where only one app fits. Each identity token is good once for an app.

        Raises IdentityRefused, InvalidRequest where several apps fit, TooManyRequests, ServiceUnavailable.
        """
        self.limits.count_address(address, _KIND)
        claims, candidates = self._identified(identity_token)
        found = _chosen(candidates, claims, application).publisher
        now, ends_at = self.now(), _moment(claims)
        if ends_at - now > LONGEST_LIFE + timedelta(seconds=LEEWAY_SECONDS):
            raise _refused("the identity token lives for longer than a day", found.issuer)
        with self.db.transaction() as tx:
            if not trusted_publishers.spend(tx, _digest(identity_token, claims, found), ends_at):
                raise _refused("the identity token has been traded in already; ask for a new one", found.issuer)
            scope = _scope(found)
            new = NewAppToken(
                description=f"{found.name}: {_subject(claims)}"[:LONGEST_DESCRIPTION],
                scopes=(TokenScope.PUBLISH,),
                expires_at=now + self.life,
                publisher_id=found.id,
                vouched=vouched(found.system, found.issuer, claims),
            )
            token, secret = add_token(tx, scope, new, None, now)
            trusted_publishers.touch(tx, found, now)
            audit_log.record(
                tx,
                scope,
                "trustedPublisher.exchange",
                found.id,
                now,
                {"token": token.id, "claims": _kept(claims, found)},
            )
            self.limits.take_back_address(tx, address, _KIND)
        return Exchanged(token, secret, found)

    def forget_old(self) -> None:
        """Remove identity tokens that could not come again, and upload tokens that ended long ago."""
        now = self.now()
        with self.db.transaction() as tx:
            trusted_publishers.delete_spent_before(tx, now - timedelta(seconds=2 * LEEWAY_SECONDS))
            app_tokens.delete_published_before(tx, now - KEPT)

    def _identified(self, identity_token: str) -> tuple[Claims, list[Candidate]]:
        issuer = ""
        try:
            issuer = issuer_of(identity_token)
            candidates = self._candidates(issuer)
            return self.issuers.identify(issuer, identity_token, self.now().timestamp()), candidates
        except TokenRefused as error:
            raise _refused(str(error), issuer) from error
        except IssuerUnavailable as error:
            log.warning("an issuer of identity tokens cannot be used", issuer=issuer, reason=str(error))
            raise ServiceUnavailable(f"The issuer of the identity token cannot be used now: {error}.", 30) from error

    def _candidates(self, issuer: str) -> list[Candidate]:
        with self.db.read() as tx:
            candidates = trusted_publishers.of_issuer(tx, issuer)
        if not candidates:  # an issuer that nobody named is never asked for anything
            raise TokenRefused(NOBODY)
        return candidates


def _chosen(candidates: list[Candidate], claims: Claims, application: str) -> Candidate:
    asked = application.strip().lower()
    near = [one for one in candidates if not asked or asked in {one.publisher.app_id, one.app_slug}]
    near = [one for one in near if _is_about(one.publisher, claims)]
    issuer = candidates[0].publisher.issuer
    if not near:
        raise _refused(NOBODY, issuer)
    heard = [one for one in near if one.publisher.audience in claimed(claims, "aud")]
    if not heard:
        raise _refused(ANOTHER_AUDIENCE, issuer)
    fitting = [one for one in heard if not unmet(one.publisher.conditions, claims)]
    if not fitting:
        wrong = sorted({name for one in heard for name in unmet(one.publisher.conditions, claims)})
        said = ", ".join(
            f"{name} is {', '.join(claimed(claims, name))[:LONGEST_CLAIM] or 'not said'}" for name in wrong
        )
        raise _refused(f"no rule of the app fits this run: {said}", issuer)
    apps = {one.publisher.app_id: one.app_slug for one in fitting}
    if len(apps) > 1:
        choice = ", ".join(f"{app_id} ({slug})" for app_id, slug in apps.items())
        raise InvalidRequest({"application": f"the identity token is good for several apps, name one of {choice}"})
    return fitting[0]


def _is_about(publisher: TrustedPublisher, claims: Claims) -> bool:
    """Whether the run is of the project that a rule is about: such a run may know what else the rule asks for."""
    project = PRESETS[publisher.system].project
    named = {name: patterns for name, patterns in publisher.conditions.items() if name == project}
    return not unmet(named or publisher.conditions, claims)


def _scope(publisher: TrustedPublisher) -> AppScope:
    principal = Principal(
        kind=PrincipalKind.TRUSTED_PUBLISHER,
        id=publisher.id,
        person=Person(id=publisher.id, email="", first_name=publisher.name),
        permissions=frozenset(),
    )
    return AppScope(organization_id=publisher.organization_id, app_id=publisher.app_id, principal=principal)


def _moment(claims: Claims) -> datetime:
    try:
        return datetime.fromtimestamp(claims["exp"], tz=UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _digest(identity_token: str, claims: Claims, publisher: TrustedPublisher) -> str:
    """Name an identity token by the number that its issuer gave it, or by itself."""
    number = claims.get("jti")
    serial = f"jti {number}" if isinstance(number, str) and number else f"token {identity_token.rpartition('.')[0]}"
    text = f"{publisher.issuer}\n{publisher.app_id}\n{serial}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _subject(claims: Claims) -> str:
    return _clean(next(iter(claimed(claims, "sub")), ""))


def _kept(claims: Claims, publisher: TrustedPublisher) -> dict[str, str]:
    names = dict.fromkeys((*publisher.conditions, *AUDITED))
    return {name: _clean(", ".join(said)) for name in names if (said := claimed(claims, name))}


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:LONGEST_CLAIM]


def _refused(reason: str, issuer: str) -> IdentityRefused:
    log.warning("an identity token is refused", issuer=_clean(issuer), reason=_clean(reason))
    return IdentityRefused(_clean(reason))
