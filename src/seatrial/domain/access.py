"""Who asks, and what they may do: roles, permissions, scopes."""

from dataclasses import dataclass, replace
from enum import StrEnum

from seatrial.domain.errors import Forbidden
from seatrial.domain.ids import AppId, OrganizationId


class Permission(StrEnum):
    """Permission strings in the vendor's spelling where it is public, by analogy where it is not (contract 2.3)."""

    BUILD_LIST = "mad.build.management.list"
    BUILD_GET = "mad.build.management.get"
    BUILD_CREATE = "mad.build.management.create"
    BUILD_UPDATE = "mad.build.management.update"
    BUILD_DELETE = "mad.build.management.delete"
    DOWNLOAD_LIST = "mad.download.management.list"
    APP_LIST = "mad.application.management.list"
    APP_GET = "mad.application.management.get"
    APP_CREATE = "mad.application.management.create"
    APP_UPDATE = "mad.application.management.update"
    APP_TOKEN_LIST = "mad.application.token.list"
    APP_TOKEN_CREATE = "mad.application.token.create"
    APP_TOKEN_DELETE = "mad.application.token.delete"
    ORGANIZATION_LIST = "base.organization.management.list"
    ORGANIZATION_UPDATE = "base.organization.management.update"
    SERVICE_ACCOUNT_LIST = "base.serviceAccount.management.list"
    SERVICE_ACCOUNT_CREATE = "base.serviceAccount.management.create"
    SERVICE_ACCOUNT_UPDATE = "base.serviceAccount.management.update"
    SERVICE_ACCOUNT_DELETE = "base.serviceAccount.management.delete"
    COLLABORATOR_LIST = "base.people.organizationCollaborator.list"
    COLLABORATOR_CREATE = "base.people.organizationCollaborator.create"
    COLLABORATOR_UPDATE = "base.people.organizationCollaborator.update"
    COLLABORATOR_DELETE = "base.people.organizationCollaborator.delete"
    OWNER_UPDATE = "base.people.organizationOwner.update"
    """Make owners, change them, and take the role from them."""
    AUDIT_LIST = "base.audit.management.list"
    APP_COLLABORATOR_LIST = "mad.application.collaborator.list"
    APP_COLLABORATOR_CREATE = "mad.application.collaborator.create"
    APP_COLLABORATOR_UPDATE = "mad.application.collaborator.update"
    APP_COLLABORATOR_DELETE = "mad.application.collaborator.delete"
    EMPLOYEE_LIST = "base.people.employee.list"
    EMPLOYEE_CREATE = "base.people.employee.create"
    EMPLOYEE_UPDATE = "base.people.employee.update"
    EMPLOYEE_DELETE = "base.people.employee.delete"
    DEVICE_LIST = "base.people.device.list"
    """See testers' devices, whose they are, and take their UDIDs along."""
    DEVICE_DELETE = "base.people.device.delete"
    GROUP_LIST = "base.people.group.list"
    GROUP_CREATE = "base.people.group.create"
    GROUP_UPDATE = "base.people.group.update"
    GROUP_DELETE = "base.people.group.delete"
    AUDIENCE_LIST = "base.people.audience.list"
    AUDIENCE_CREATE = "base.people.audience.create"
    AUDIENCE_UPDATE = "base.people.audience.update"
    AUDIENCE_DELETE = "base.people.audience.delete"
    INVITATION_LIST = "base.people.invitation.list"
    INVITATION_CREATE = "base.people.invitation.create"
    INVITATION_DELETE = "base.people.invitation.delete"
    IDENTITY_PROVIDER_LIST = "base.identityProvider.management.list"
    IDENTITY_PROVIDER_CREATE = "base.identityProvider.management.create"
    IDENTITY_PROVIDER_UPDATE = "base.identityProvider.management.update"
    IDENTITY_PROVIDER_DELETE = "base.identityProvider.management.delete"
    STORAGE_PROVIDER_LIST = "base.storageProvider.management.list"
    STORAGE_PROVIDER_CREATE = "base.storageProvider.management.create"
    STORAGE_PROVIDER_UPDATE = "base.storageProvider.management.update"
    STORAGE_PROVIDER_DELETE = "base.storageProvider.management.delete"
    NOTIFICATION_LIST = "mad.notification.management.list"
    """See who was told of a build, and who would be."""
    NOTIFICATION_CREATE = "mad.notification.management.create"
    MAIL_LIST = "base.mail.management.list"
    MAIL_UPDATE = "base.mail.management.update"
    """Send what could not be sent once more."""
    PUBLICATION_LIST = "mad.store.publishedApplication.list"
    PUBLICATION_CREATE = "mad.store.publishedApplication.create"
    PUBLICATION_UPDATE = "mad.store.publishedApplication.update"
    PUBLICATION_DELETE = "mad.store.publishedApplication.delete"
    FEEDBACK_LIST = "mad.feedback.management.list"
    FEEDBACK_UPDATE = "mad.feedback.management.update"
    FEEDBACK_DELETE = "mad.feedback.management.delete"
    SDK_USE = "mad.sdk.use"
    """What an app on a device asks: its settings, updates, feedback."""
    WEBHOOK_LIST = "base.webhook.management.list"
    WEBHOOK_CREATE = "base.webhook.management.create"
    WEBHOOK_UPDATE = "base.webhook.management.update"
    WEBHOOK_DELETE = "base.webhook.management.delete"
    APP_WEBHOOK_LIST = "mad.application.webhook.list"
    APP_WEBHOOK_CREATE = "mad.application.webhook.create"
    APP_WEBHOOK_UPDATE = "mad.application.webhook.update"
    APP_WEBHOOK_DELETE = "mad.application.webhook.delete"
    RETENTION_LIST = "mad.retention.management.list"
    """See what the rules keep, what they would remove, and the trash."""
    RETENTION_UPDATE = "mad.retention.management.update"
    """Pin builds, and bring them back from the trash."""
    RETENTION_RULE_UPDATE = "mad.retention.rule.update"


READ = frozenset(
    {
        Permission.BUILD_LIST,
        Permission.BUILD_GET,
        Permission.DOWNLOAD_LIST,
        Permission.APP_LIST,
        Permission.APP_GET,
        Permission.ORGANIZATION_LIST,
        Permission.APP_COLLABORATOR_LIST,
        Permission.GROUP_LIST,
        Permission.AUDIENCE_LIST,
        Permission.NOTIFICATION_LIST,
        Permission.PUBLICATION_LIST,
        Permission.FEEDBACK_LIST,
        Permission.RETENTION_LIST,
    }
)
WRITE_PUBLICATIONS = frozenset(
    {Permission.PUBLICATION_CREATE, Permission.PUBLICATION_UPDATE, Permission.PUBLICATION_DELETE}
)
WRITE_BUILDS = frozenset({Permission.BUILD_CREATE, Permission.BUILD_UPDATE, Permission.BUILD_DELETE})


class Role(StrEnum):
    """What a service account is trusted with: everything, an app's resources, or reading."""

    ADMIN = "admin"
    DEVELOPER = "developer"
    VIEWER = "viewer"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.DEVELOPER: READ
    | WRITE_BUILDS
    | WRITE_PUBLICATIONS
    | {
        Permission.EMPLOYEE_LIST,
        Permission.DEVICE_LIST,
        Permission.NOTIFICATION_CREATE,
        Permission.FEEDBACK_UPDATE,
        Permission.FEEDBACK_DELETE,
        Permission.APP_WEBHOOK_LIST,
        Permission.APP_WEBHOOK_CREATE,
        Permission.APP_WEBHOOK_UPDATE,
        Permission.APP_WEBHOOK_DELETE,
        Permission.RETENTION_UPDATE,
        Permission.APP_UPDATE,
        Permission.APP_TOKEN_LIST,
        Permission.APP_TOKEN_CREATE,
        Permission.APP_TOKEN_DELETE,
    },
    Role.VIEWER: READ,
}


class MemberRole(StrEnum):
    """What a person is to an organization."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"
    UNASSIGNED = "unassigned"
    """Known by name, and allowed nothing."""


MEMBER_PERMISSIONS: dict[MemberRole, frozenset[Permission]] = {
    MemberRole.OWNER: frozenset(Permission),
    MemberRole.ADMIN: frozenset(Permission) - {Permission.OWNER_UPDATE},
    MemberRole.EDITOR: ROLE_PERMISSIONS[Role.DEVELOPER],
    MemberRole.VIEWER: ROLE_PERMISSIONS[Role.VIEWER],
    MemberRole.UNASSIGNED: frozenset(),
}


class AppRole(StrEnum):
    """What a member is in one app, beyond what they are to the organization."""

    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


def _about_an_app(permissions: frozenset[Permission]) -> frozenset[Permission]:
    return frozenset(one for one in permissions if one.startswith("mad.")) - {Permission.APP_CREATE}


APP_ROLE_PERMISSIONS: dict[AppRole, frozenset[Permission]] = {
    AppRole.ADMIN: _about_an_app(frozenset(Permission)),
    AppRole.EDITOR: _about_an_app(ROLE_PERMISSIONS[Role.DEVELOPER]),
    AppRole.VIEWER: _about_an_app(ROLE_PERMISSIONS[Role.VIEWER]),
}
"""Inside the app only."""
COLLABORATOR_PERMISSIONS = frozenset({Permission.ORGANIZATION_LIST, Permission.APP_LIST})
"""In the organization, for whom it has no role but in single apps: to find it, and just these apps."""


class TokenScope(StrEnum):
    """What an app token is for: pipelines, or the SDK inside a shipped app (decision 48)."""

    UPLOAD = "upload"
    SDK = "sdk"
    PUBLISH = "publish"
    """Uploading alone: builds and the files beside them come in, nothing is deleted or given out."""


TOKEN_SCOPE_PERMISSIONS: dict[TokenScope, frozenset[Permission]] = {
    TokenScope.UPLOAD: WRITE_BUILDS
    | WRITE_PUBLICATIONS
    | {
        Permission.BUILD_LIST,
        Permission.BUILD_GET,
        Permission.PUBLICATION_LIST,
        Permission.EMPLOYEE_LIST,
        Permission.SDK_USE,  # the vendor has one kind of token for both, and apps with it are out there
    },
    TokenScope.SDK: frozenset({Permission.SDK_USE}),
    TokenScope.PUBLISH: frozenset(
        {Permission.BUILD_LIST, Permission.BUILD_GET, Permission.BUILD_CREATE, Permission.BUILD_UPDATE}
    ),
}


class Api(StrEnum):
    """The faces of the API that an organization can switch off one by one (decision 40)."""

    INTEGRATIONS = "integrations"
    WORKSPACE = "workspace"


class PrincipalKind(StrEnum):
    """What kind of credential a request came with."""

    APP_TOKEN = "app_token"
    SERVICE_ACCOUNT = "service_account"
    SESSION = "session"
    DOWNLOAD_TOKEN = "download_token"
    TRUSTED_PUBLISHER = "trusted_publisher"
    """A run of a CI system, by its identity token."""
    OPERATOR = "operator"
    """A person at the command line of the server's own machine."""
    SERVER = "server"
    """The server itself, which does what people have told it to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The people's side of a principal, as a build's `uploadedBy` shows it."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated caller."""

    kind: PrincipalKind
    id: str
    person: Person
    permissions: frozenset[Permission]
    vouched: tuple[tuple[str, str], ...] = ()
    """What is proven of a build's deployer, whatever the caller says of it; an empty value takes one away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationScope:
    """One organization as one principal sees it."""

    organization_id: OrganizationId
    principal: Principal
    app_roles: frozenset[tuple[AppId, AppRole]] = frozenset()
    """What the caller is in single apps."""
    only_these_apps: bool = False
    """Whether the apps of `app_roles` are all that the caller sees."""

    @property
    def visible_apps(self) -> tuple[AppId, ...] | None:
        """The apps that the caller sees; `None` for all of the organization."""
        return tuple(sorted(app_id for app_id, _ in self.app_roles)) if self.only_these_apps else None

    def in_app(self, app_id: AppId) -> "AppScope":
        """Narrow the scope to one of the organization's apps, with what the caller may do there beyond."""
        role = dict(self.app_roles).get(app_id)
        beyond = APP_ROLE_PERMISSIONS[role] if role else frozenset[Permission]()
        principal = replace(self.principal, permissions=self.principal.permissions | beyond)
        return AppScope(organization_id=self.organization_id, principal=principal, app_id=app_id)

    def require(self, permission: Permission) -> None:
        """Let the caller go on only with a permission.

        Raises Forbidden.
        """
        if permission not in self.principal.permissions:
            raise Forbidden(permission.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppScope(OrganizationScope):
    """One app of one organization as one principal sees it: every query about builds needs one."""

    app_id: AppId
