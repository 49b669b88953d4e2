"""Which role has which permission: the expectation behind `test_authorization.py` and `test_page_authorization.py`."""

from tests.e2e.authorization_table import APP, PAGES

INSIDE = (f" {APP}", " /v1/files/", f" {PAGES}/apps/{{app}}", f" {PAGES}/files/")
"""How routes about one app begin."""

PERMISSIONS = """
permission                                   | upload | sdk | publish | viewer | developer | admin
mad.build.management.list                    | yes    |     | yes     | yes    | yes       | yes
mad.build.management.get                     | yes    |     | yes     | yes    | yes       | yes
mad.build.management.create                  | yes    |     | yes     |        | yes       | yes
mad.build.management.update                  | yes    |     | yes     |        | yes       | yes
mad.build.management.delete                  | yes    |     |         |        | yes       | yes
mad.download.management.list                 |        |     |         | yes    | yes       | yes
mad.application.management.list              |        |     |         | yes    | yes       | yes
mad.application.management.get               |        |     |         | yes    | yes       | yes
mad.application.management.create            |        |     |         |        |           | yes
mad.application.management.update            |        |     |         |        | yes       | yes
mad.application.token.list                   |        |     |         |        | yes       | yes
mad.application.token.create                 |        |     |         |        | yes       | yes
mad.application.token.delete                 |        |     |         |        | yes       | yes
mad.sdk.use                                  | yes    | yes |         |        |           | yes
mad.feedback.management.list                 |        |     |         | yes    | yes       | yes
mad.feedback.management.update               |        |     |         |        | yes       | yes
mad.feedback.management.delete               |        |     |         |        | yes       | yes
mad.store.publishedApplication.list          | yes    |     |         | yes    | yes       | yes
mad.store.publishedApplication.create        | yes    |     |         |        | yes       | yes
mad.store.publishedApplication.update        | yes    |     |         |        | yes       | yes
mad.store.publishedApplication.delete        | yes    |     |         |        | yes       | yes
mad.retention.management.list                |        |     |         | yes    | yes       | yes
mad.retention.management.update              |        |     |         |        | yes       | yes
mad.retention.rule.update                    |        |     |         |        |           | yes
mad.notification.management.list             |        |     |         | yes    | yes       | yes
mad.notification.management.create           |        |     |         |        | yes       | yes
base.mail.management.list                    |        |     |         |        |           | yes
base.mail.management.update                  |        |     |         |        |           | yes
base.organization.management.list            |        |     |         | yes    | yes       | yes
base.organization.management.update          |        |     |         |        |           | yes
base.audit.management.list                   |        |     |         |        |           | yes
base.serviceAccount.management.list          |        |     |         |        |           | yes
base.serviceAccount.management.create        |        |     |         |        |           | yes
base.serviceAccount.management.update        |        |     |         |        |           | yes
base.serviceAccount.management.delete        |        |     |         |        |           | yes
base.people.organizationCollaborator.list    |        |     |         |        |           | yes
base.people.organizationCollaborator.create  |        |     |         |        |           | yes
base.people.organizationCollaborator.update  |        |     |         |        |           | yes
base.people.organizationCollaborator.delete  |        |     |         |        |           | yes
mad.application.collaborator.list            |        |     |         | yes    | yes       | yes
mad.application.collaborator.create          |        |     |         |        |           | yes
mad.application.collaborator.update          |        |     |         |        |           | yes
mad.application.collaborator.delete          |        |     |         |        |           | yes
base.people.invitation.list                  |        |     |         |        |           | yes
base.people.invitation.create                |        |     |         |        |           | yes
base.people.invitation.delete                |        |     |         |        |           | yes
base.people.employee.list                    | yes    |     |         |        | yes       | yes
base.people.employee.create                  |        |     |         |        |           | yes
base.people.employee.update                  |        |     |         |        |           | yes
base.people.employee.delete                  |        |     |         |        |           | yes
base.people.device.list                      |        |     |         |        | yes       | yes
base.people.device.delete                    |        |     |         |        |           | yes
base.people.group.list                       |        |     |         | yes    | yes       | yes
base.people.group.create                     |        |     |         |        |           | yes
base.people.group.update                     |        |     |         |        |           | yes
base.people.group.delete                     |        |     |         |        |           | yes
base.people.audience.list                    |        |     |         | yes    | yes       | yes
base.people.audience.create                  |        |     |         |        |           | yes
base.people.audience.update                  |        |     |         |        |           | yes
base.people.audience.delete                  |        |     |         |        |           | yes
base.webhook.management.list                 |        |     |         |        |           | yes
base.webhook.management.create               |        |     |         |        |           | yes
base.webhook.management.update               |        |     |         |        |           | yes
base.webhook.management.delete               |        |     |         |        |           | yes
mad.application.webhook.list                 |        |     |         |        | yes       | yes
mad.application.webhook.create               |        |     |         |        | yes       | yes
mad.application.webhook.update               |        |     |         |        | yes       | yes
mad.application.webhook.delete               |        |     |         |        | yes       | yes
base.identityProvider.management.list        |        |     |         |        |           | yes
base.identityProvider.management.create      |        |     |         |        |           | yes
base.identityProvider.management.update      |        |     |         |        |           | yes
base.identityProvider.management.delete      |        |     |         |        |           | yes
base.storageProvider.management.list         |        |     |         |        |           | yes
base.storageProvider.management.create      |        |     |         |        |           | yes
base.storageProvider.management.update      |        |     |         |        |           | yes
base.storageProvider.management.delete      |        |     |         |        |           | yes
"""

ROLES = {
    "app token": "upload",
    "app token, other app": "upload",
    "app token, sdk": "sdk",
    "app token, publish": "publish",
    "trusted publishing": "publish",
    "admin": "admin",
    "admin, other organization": "admin",
    "developer": "developer",
    "viewer": "viewer",
    "session, owner": "admin",
    "session, admin": "admin",
    "session, editor": "developer",
    "session, viewer": "viewer",
    "session, unassigned": "",
    "session, in the app": "",
    "session, in another app": "",
    "session, other organization": "admin",
}
"""The column of `PERMISSIONS` that a credential has; none for the empty word."""

COLLABORATORS = ("session, in the app", "session, in another app")
"""Members who are `unassigned` in the organization and editors of one app: they find the organization and that app."""
FOUND_BY_COLLABORATORS = ("base.organization.management.list", "mad.application.management.list")


def is_allowed(credential: str, route: str, permission: str, permissions: dict[str, dict[str, str]]) -> bool:
    """Whether a credential has a permission where a route needs it."""
    role = ROLES[credential]
    if credential in COLLABORATORS:
        inside = credential == COLLABORATORS[0] and any(path in route for path in INSIDE)
        role = "developer" if inside and permission.startswith("mad.") else role
        if permission in FOUND_BY_COLLABORATORS:
            return True
    return bool(role) and permissions[permission][role] == "yes"
