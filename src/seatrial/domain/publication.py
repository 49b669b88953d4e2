"""Publications: pages that give the right build of an app to the right people (contract 2.4)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.build import ApplicationInfo, Paging
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AppId, AudienceId, BuildId, OrganizationId, PublicationId, is_entity_id

SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 128
MOST_BUILDS = 100
"""Builds that one publication may name."""
PICKED_SYSTEMS = (Os.IOS.value, Os.MACOS.value, Os.ANDROID.value, Os.WINDOWS.value)
"""Systems that have a key of their own in a filter."""

RESERVED_SLUGS = frozenset(
    """
    about account accounts admin admins api app apps assets audit auth avatars billing builds callback console css
    dashboard distributions docs download downloads employee employees export favicon feedback files fonts forgot
    graphql health healthz help home icon icons images img install invitation invitations invite js login logout mail
    mails manifest me media metrics notifications oauth oauth2 oidc openapi organization organizations owner password
    passwords preferences privacy profile ready readyz register reset robots saml scim search security session sessions
    settings setup signin signout signup sitemap sso static status store stores support terms token tokens trash
    unsubscribe upload uploads user users webhook webhooks well-known workspace workspaces www
    """.split()  # noqa: SIM905  # a hundred words, one a line, would be all that this file shows
)
"""First segments of paths that this server has, or may come to have: a publication is at `/{slug}`, beside them."""
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,126})[a-z0-9]")
_SLUG_RULE = (
    "must be 3 to 128 letters (a-z, in either case), digits and hyphens, begin and end with a letter or digit, "
    "and be neither 24 hex characters nor a word that this server keeps for itself"
)
_VERSION = re.compile(r"v[0-9]{1,3}")


class Security(StrEnum):
    """Who may open a publication."""

    PUBLIC = "public"
    PASSWORD = "password"  # noqa: S105  # the name of a way in
    LOGGED = "logged"


class Visibility(StrEnum):
    """Where a publication can be found."""

    ACTIVE = "active"
    """By its link, and in the store's list."""
    INACTIVE = "inactive"
    UNLISTED = "unlisted"
    """By its link alone."""


class FilterType(StrEnum):
    """How a publication chooses its builds."""

    LAST = "last"
    BUILD = "build"
    BUILDS = "builds"
    GIT_BRANCH = "gitBranch"
    GIT_TAG = "gitTag"
    TAG = "tag"


BY_VALUE = frozenset({FilterType.GIT_BRANCH, FilterType.GIT_TAG, FilterType.TAG})
BY_ID = frozenset({FilterType.BUILD, FilterType.BUILDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedBuild:
    """A build that a publication names itself."""

    id: BuildId
    platform: str = ""
    """Where it was named: one of `PICKED_SYSTEMS` for those keys of a filter, else what the list of builds said."""
    is_listed: bool = False
    """Named in the list `builds`, not by a key of a system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFilter:
    """Which builds a publication is about; always the newest of them for each system."""

    type: FilterType
    value: str = ""
    systems: tuple[str, ...] = ()
    """Only these systems; all, where there are none."""
    builds: tuple[PickedBuild, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceUse:
    """An audience that a publication is for."""

    id: AudienceId
    notify: bool = False
    """Whether its people hear of each build that the publication comes to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a publication's page shows instead of the app's own."""

    name: str = ""
    description: str = ""
    logo: str = ""
    """The URL of a picture, over https, or a picture in a `data:` URL."""
    primary_color: str = ""
    button_color: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationSettings:
    """Everything that can be said of a publication; a change replaces all of it."""

    slug: str
    security: Security
    visibility: Visibility
    filter: BuildFilter
    password: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    """Groups of people: OR between the outer entries, AND inside one."""
    activate_audiences: bool = False
    audiences: tuple[AudienceUse, ...] = ()
    show_history: bool = False
    show_dev_info: bool = False
    hide_attachments: bool = False
    terms_active: bool = False
    terms_text: str = ""
    allowed_countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2, upper case."""
    blocked_countries: tuple[str, ...] = ()
    expires_at: datetime | None = None
    looks: Looks = field(default_factory=Looks)

    @property
    def conditions(self) -> tuple[tuple[str, ...], ...]:
        """The groups of people who may sign in: OR between the outer entries, AND inside one; a tag is one of them."""
        return (*self.groups, *((tag,) for tag in self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A publication as it is."""

    id: PublicationId
    organization_id: OrganizationId
    application: ApplicationInfo
    settings: PublicationSettings
    password_hash: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def app_id(self) -> AppId:
        """The app that is published."""
        return self.application.id

    @property
    def name(self) -> str:
        """What the page calls it."""
        return self.settings.looks.name or self.application.name

    def is_over(self, now: datetime) -> bool:
        """Whether its last day has passed."""
        return self.settings.expires_at is not None and self.settings.expires_at <= now

    def is_open(self, now: datetime) -> bool:
        """Whether there is anything at its address."""
        return self.settings.visibility is not Visibility.INACTIVE and not self.is_over(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentBuild:
    """What a publication gives for one system now."""

    id: BuildId
    os: str
    version_name: str
    version_code: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationQuery(Paging):
    """Which publications, in which order, which page; `None` filters nothing."""

    slug: str | None = None
    security: Security | None = None
    visibility: Visibility | None = None
    filter_type: FilterType | None = None
    filter_value: str | None = None
    application: str | None = None
    """The id or slug of an app, where the list is of a whole organization."""
    sort: str = "createdAt"
    descending: bool = True


def checked_slug(said: str) -> str:
    """Give a publication's slug in lower case.

    Raises InvalidRequest where it breaks the rule.
    """
    slug = said.lower()
    if not _SLUG.fullmatch(slug) or is_entity_id(slug) or slug in RESERVED_SLUGS or _VERSION.fullmatch(slug):
        raise InvalidRequest({"slug": _SLUG_RULE})
    return slug


def lets_in_from(settings: PublicationSettings, country: str) -> bool:
    """Whether people in a country may open a publication; the empty word is a country nobody knows.

    Whoever cannot be placed gets in only where no country was named that it must be.
    """
    if settings.allowed_countries and country not in settings.allowed_countries:
        return False
    return country not in settings.blocked_countries or not country
