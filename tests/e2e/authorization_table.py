"""Who may do what, as one table: the expectation behind `test_authorization.py`.

Answers are an HTTP status and a code (contract 3.1 and 5.1; decisions 12, 13, 14, 37, 48). `may` means that the answer
is a success where the credential has the route's permission, and 403/4003 naming that permission where it has not.
"""

ANSWERS = """
credential                    | app      | build    | workspace | mine     | files    | session  | profile
none                          | 401/4002 | 401/4002 | 401/4002  | 401/4002 | 401/4002 | 401/4002 | 401/4002
empty                         | 401/4002 | 401/4002 | 401/4002  | 401/4002 | 401/4002 | 401/4002 | 401/4002
unknown                       | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
unknown session               | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
refresh token                 | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
app token                     | may      | may      | 401/4004  | 401/4004 | may      | 401/4004 | 401/4002
app token, sdk                | may      | may      | 401/4004  | 401/4004 | may      | 401/4004 | 401/4002
app token, publish            | may      | may      | 401/4004  | 401/4004 | may      | 401/4004 | 401/4002
trusted publishing            | may      | may      | 401/4004  | 401/4004 | may      | 401/4004 | 401/4002
app token, expired            | 401/3002 | 401/3002 | 401/4004  | 401/4004 | 401/3002 | 401/4004 | 401/3002
app token, revoked            | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
app token, other app          | may      | 404/3001 | 401/4004  | 401/4004 | 404/3001 | 401/4004 | 401/4002
admin                         | 401/4004 | 401/4004 | may       | may      | may      | 401/4004 | 401/4004
developer                     | 401/4004 | 401/4004 | may       | may      | may      | 401/4004 | 401/4004
viewer                        | 401/4004 | 401/4004 | may       | may      | may      | 401/4004 | 401/4004
admin, expired                | 401/4004 | 401/4004 | 401/3002  | 401/3002 | 401/3002 | 401/4004 | 401/4004
admin, revoked                | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
admin, other organization     | 401/4004 | 401/4004 | 404/3001  | may      | 404/3001 | 401/4004 | 401/4004
session, owner                | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, admin                | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, editor               | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, viewer               | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, unassigned           | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, in the app           | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, in another app       | 401/4004 | 401/4004 | may       | may      | may      | may | may
session, other organization   | 401/4004 | 401/4004 | 404/3001  | may      | 404/3001 | may | may
session, expired              | 401/4004 | 401/4004 | 401/3002  | 401/3002 | 401/3002 | 401/3002 | 401/3002
session, revoked              | 401/4004 | 401/4004 | 401/4004  | 401/4004 | 401/4004 | 401/4004 | 401/4004
"""
"""By the gate that a route has: `app` where the token alone says which app, so that another app's works on its own;
`build` where the path names a build of this app, or another thing of it; `mine` where everybody sees what is theirs."""

ORGANIZATION, APP = "/v1/organizations/{organization}", "/v1/organizations/{organization}/apps/{app}"
PAGES = "/dashboard/{organization}"
STORE = "/v1/organizations/{organization}/stores/{store}"

ROUTES = f"""
route                                                  | gate      | permission
GET    /v1/integrations/builds                         | app       | mad.build.management.list
POST   /v1/integrations/builds                         | app       | mad.build.management.create
GET    /v1/integrations/builds/{{build}}               | build     | mad.build.management.get
GET    /v1/integrations/builds/{{build}}/events        | build     | mad.build.management.get
PUT    /v1/integrations/builds/{{build}}               | build     | mad.build.management.update
DELETE /v1/integrations/builds/{{build}}               | build     | mad.build.management.delete
POST   /v1/integrations/builds/{{build}}/files         | build     | mad.build.management.update
OPTIONS /v1/integrations/uploads                        | open      | -
POST   /v1/integrations/uploads                        | app       | mad.build.management.create
GET    /v1/integrations/uploads/{{upload}}             | app       | mad.build.management.create
HEAD   /v1/integrations/uploads/{{upload}}             | app       | mad.build.management.create
PATCH  /v1/integrations/uploads/{{upload}}             | app       | mad.build.management.create
DELETE /v1/integrations/uploads/{{upload}}             | app       | mad.build.management.create
POST   /v1/integrations/uploads/{{upload}}             | app       | mad.build.management.create
OPTIONS {APP}/uploads                                   | open      | -
POST   {APP}/uploads                                   | workspace | mad.build.management.create
GET    {APP}/uploads/{{upload}}                        | workspace | mad.build.management.create
HEAD   {APP}/uploads/{{upload}}                        | workspace | mad.build.management.create
PATCH  {APP}/uploads/{{upload}}                        | workspace | mad.build.management.create
DELETE {APP}/uploads/{{upload}}                        | workspace | mad.build.management.create
POST   {APP}/uploads/{{upload}}                        | workspace | mad.build.management.create
POST   /v1/integrations/builds/{{build}}/reprocess     | build     | mad.build.management.update
POST   /v1/integrations/directUploads                  | app       | mad.build.management.create
GET    /v1/integrations/directUploads/{{upload}}       | app       | mad.build.management.create
POST   /v1/integrations/directUploads/{{upload}}/complete| app       | mad.build.management.create
DELETE /v1/integrations/directUploads/{{upload}}       | app       | mad.build.management.create
POST   {APP}/directUploads                             | workspace | mad.build.management.create
GET    {APP}/directUploads/{{upload}}                  | workspace | mad.build.management.create
POST   {APP}/directUploads/{{upload}}/complete         | workspace | mad.build.management.create
DELETE {APP}/directUploads/{{upload}}                  | workspace | mad.build.management.create
GET    {APP}/builds                                    | workspace | mad.build.management.list
POST   {APP}/builds                                    | workspace | mad.build.management.create
GET    {APP}/builds/{{build}}                          | workspace | mad.build.management.get
GET    {APP}/builds/{{build}}/events                   | workspace | mad.build.management.get
PUT    {APP}/builds/{{build}}                          | workspace | mad.build.management.update
DELETE {APP}/builds/{{build}}                          | workspace | mad.build.management.delete
POST   {APP}/builds/{{build}}/files                    | workspace | mad.build.management.update
POST   {APP}/builds/{{build}}/reprocess                | workspace | mad.build.management.update
GET    {APP}/builds/{{build}}/downloadToken            | workspace | mad.build.management.get
GET    {APP}/builds/{{build}}/downloads                | workspace | mad.download.management.list
GET    {APP}/builds/{{build}}/downloads.csv            | workspace | mad.download.management.list
GET    {APP}/downloads                                 | workspace | mad.download.management.list
GET    {APP}/downloads.csv                             | workspace | mad.download.management.list
POST   {ORGANIZATION}/erasures                         | workspace | base.people.employee.delete
GET    /v1/app                                         | app       | mad.sdk.use
GET    /v1/build/{{build}}/downloadToken               | build     | mad.sdk.use
POST   /v1/feedback                                    | app       | mad.sdk.use
PUT    /v1/feedback/{{feedback}}/video                 | open      | -
GET    {APP}/sdk                                       | workspace | mad.application.management.get
PUT    {APP}/sdk                                       | workspace | mad.application.management.update
GET    {APP}/feedbacks                                 | workspace | mad.feedback.management.list
GET    {APP}/feedbacks/{{feedback}}                    | workspace | mad.feedback.management.list
PUT    {APP}/feedbacks/{{feedback}}                    | workspace | mad.feedback.management.update
DELETE {APP}/feedbacks/{{feedback}}                    | workspace | mad.feedback.management.delete
GET    /v1/organizations                               | mine      | base.organization.management.list
PUT    {ORGANIZATION}                                  | workspace | base.organization.management.update
GET    {ORGANIZATION}/auditLog                         | workspace | base.audit.management.list
GET    {ORGANIZATION}/auditLog/verification            | workspace | base.audit.management.list
GET    {ORGANIZATION}/auditLog/export                  | workspace | base.audit.management.list
GET    {ORGANIZATION}/apps                             | workspace | mad.application.management.list
POST   {ORGANIZATION}/apps                             | workspace | mad.application.management.create
GET    {APP}                                           | workspace | mad.application.management.get
PUT    {APP}                                           | workspace | mad.application.management.update
PUT    {APP}/picture                                   | workspace | mad.application.management.update
GET    {APP}/tokens                                    | workspace | mad.application.token.list
POST   {APP}/tokens                                    | workspace | mad.application.token.create
GET    {APP}/tokens/{{app_token}}                      | workspace | mad.application.token.list
DELETE {APP}/tokens/{{app_token}}                      | workspace | mad.application.token.delete
POST   {APP}/tokens/{{app_token}}/rotate               | workspace | mad.application.token.create
GET    {APP}/trustedPublishers                         | workspace | mad.application.token.list
POST   {APP}/trustedPublishers                         | workspace | mad.application.token.create
GET    {APP}/trustedPublishers/{{publisher}}           | workspace | mad.application.token.list
PUT    {APP}/trustedPublishers/{{publisher}}           | workspace | mad.application.token.create
DELETE {APP}/trustedPublishers/{{publisher}}           | workspace | mad.application.token.delete
POST   /v1/oidc/token                                  | open      | -
GET    {APP}/signingKey                                | workspace | mad.application.management.get
POST   {APP}/signingKey                                | workspace | mad.application.management.update
PUT    {APP}/signingKey                                | workspace | mad.application.management.update
GET    {ORGANIZATION}/quotas                           | workspace | base.organization.management.update
PUT    {ORGANIZATION}/quotas                           | workspace | base.organization.management.update
GET    {APP}/quotas                                    | workspace | mad.application.management.get
PUT    {APP}/quotas                                    | workspace | base.organization.management.update
GET    {ORGANIZATION}/retention                        | workspace | mad.retention.management.list
GET    {APP}/retention                                 | workspace | mad.retention.management.list
GET    {APP}/builds/{{build}}/pin                      | workspace | mad.retention.management.list
PUT    {APP}/builds/{{build}}/pin                      | workspace | mad.retention.management.update
DELETE {APP}/builds/{{build}}/pin                      | workspace | mad.retention.management.update
POST   {APP}/builds/{{build}}/trash                    | workspace | mad.build.management.delete
GET    {APP}/trash                                     | workspace | mad.retention.management.list
POST   {APP}/trash/{{build}}/restore                   | workspace | mad.retention.management.update
DELETE {APP}/trash/{{build}}                           | workspace | mad.build.management.delete
GET    {ORGANIZATION}/serviceAccounts                  | workspace | base.serviceAccount.management.list
POST   {ORGANIZATION}/serviceAccounts                  | workspace | base.serviceAccount.management.create
GET    {ORGANIZATION}/serviceAccounts/{{account}}      | workspace | base.serviceAccount.management.list
PUT    {ORGANIZATION}/serviceAccounts/{{account}}      | workspace | base.serviceAccount.management.update
POST   {ORGANIZATION}/serviceAccounts/{{account}}/rotate | workspace | base.serviceAccount.management.update
DELETE {ORGANIZATION}/serviceAccounts/{{account}}      | workspace | base.serviceAccount.management.delete
GET    {ORGANIZATION}/collaborators                    | workspace | base.people.organizationCollaborator.list
POST   {ORGANIZATION}/collaborators                    | workspace | base.people.organizationCollaborator.create
GET    {ORGANIZATION}/collaborators/{{user}}           | workspace | base.people.organizationCollaborator.list
PUT    {ORGANIZATION}/collaborators/{{user}}           | workspace | base.people.organizationCollaborator.update
DELETE {ORGANIZATION}/collaborators/{{user}}           | workspace | base.people.organizationCollaborator.delete
GET    {ORGANIZATION}/collaborators/apps               | workspace | mad.application.collaborator.list
GET    {APP}/collaborators                             | workspace | mad.application.collaborator.list
POST   {APP}/collaborators                             | workspace | mad.application.collaborator.create
GET    {APP}/collaborators/{{user}}                    | workspace | mad.application.collaborator.list
PUT    {APP}/collaborators/{{user}}                    | workspace | mad.application.collaborator.update
DELETE {APP}/collaborators/{{user}}                    | workspace | mad.application.collaborator.delete
GET    {ORGANIZATION}/employees                        | workspace | base.people.employee.list
POST   {ORGANIZATION}/employees                        | workspace | base.people.employee.create
POST   {ORGANIZATION}/employees/import                 | workspace | base.people.employee.create
GET    {ORGANIZATION}/employees/{{employee}}           | workspace | base.people.employee.list
PUT    {ORGANIZATION}/employees/{{employee}}           | workspace | base.people.employee.update
DELETE {ORGANIZATION}/employees/{{employee}}           | workspace | base.people.employee.delete
GET    /v1/integrations/employees                      | app       | base.people.employee.list
GET    {ORGANIZATION}/devices                          | workspace | base.people.device.list
GET    {ORGANIZATION}/devices.csv                      | workspace | base.people.device.list
GET    {ORGANIZATION}/devices.txt                      | workspace | base.people.device.list
GET    {ORGANIZATION}/devices/{{device}}               | workspace | base.people.device.list
DELETE {ORGANIZATION}/devices/{{device}}               | workspace | base.people.device.delete
GET    {ORGANIZATION}/groups                           | workspace | base.people.group.list
POST   {ORGANIZATION}/groups                           | workspace | base.people.group.create
GET    {ORGANIZATION}/groups/{{group}}                 | workspace | base.people.group.list
PUT    {ORGANIZATION}/groups/{{group}}                 | workspace | base.people.group.update
DELETE {ORGANIZATION}/groups/{{group}}                 | workspace | base.people.group.delete
GET    {ORGANIZATION}/groups/{{group}}/members         | workspace | base.people.employee.list
POST   {ORGANIZATION}/groups/{{group}}/members         | workspace | base.people.group.update
POST   {ORGANIZATION}/groups/{{group}}/members/remove  | workspace | base.people.group.update
GET    {ORGANIZATION}/audiences                        | workspace | base.people.audience.list
POST   {ORGANIZATION}/audiences                        | workspace | base.people.audience.create
GET    {ORGANIZATION}/audiences/{{audience}}           | workspace | base.people.audience.list
PUT    {ORGANIZATION}/audiences/{{audience}}           | workspace | base.people.audience.update
DELETE {ORGANIZATION}/audiences/{{audience}}           | workspace | base.people.audience.delete
GET    {ORGANIZATION}/audiences/{{audience}}/employees | workspace | base.people.employee.list
GET    {ORGANIZATION}/invitations                      | workspace | base.people.invitation.list
POST   {ORGANIZATION}/invitations                      | workspace | base.people.invitation.create
GET    {ORGANIZATION}/invitations/{{invitation}}       | workspace | base.people.invitation.list
DELETE {ORGANIZATION}/invitations/{{invitation}}       | workspace | base.people.invitation.delete
POST   {ORGANIZATION}/invitations/{{invitation}}/resend | workspace | base.people.invitation.create
GET    /v1/invitations/{{token}}                       | open      | -
POST   /v1/invitations/{{token}}                       | open      | -
GET    /invitation/{{token}}                           | open      | -
POST   /invitation/{{token}}                           | open      | -
GET    {ORGANIZATION}/stores                           | workspace | mad.store.publishedApplication.list
GET    {STORE}/pubApps                                 | workspace | mad.store.publishedApplication.list
POST   {STORE}/pubApps                                 | workspace | mad.store.publishedApplication.create
GET    {STORE}/pubApps/{{publication}}                 | workspace | mad.store.publishedApplication.list
PUT    {STORE}/pubApps/{{publication}}                 | workspace | mad.store.publishedApplication.update
DELETE {STORE}/pubApps/{{publication}}                 | workspace | mad.store.publishedApplication.delete
GET    /v1/integrations/distributions                  | app       | mad.store.publishedApplication.list
POST   /v1/integrations/distributions                  | app       | mad.store.publishedApplication.create
GET    /v1/integrations/distributions/{{publication}}  | build     | mad.store.publishedApplication.list
PUT    /v1/integrations/distributions/{{publication}}  | build     | mad.store.publishedApplication.update
DELETE /v1/integrations/distributions/{{publication}}  | build     | mad.store.publishedApplication.delete
GET    {ORGANIZATION}/expirations                      | workspace | mad.build.management.list
GET    {ORGANIZATION}/webhooks                               | workspace | base.webhook.management.list
POST   {ORGANIZATION}/webhooks                               | workspace | base.webhook.management.create
GET    {ORGANIZATION}/webhooks/{{webhook}}                   | workspace | base.webhook.management.list
PUT    {ORGANIZATION}/webhooks/{{webhook}}                   | workspace | base.webhook.management.update
DELETE {ORGANIZATION}/webhooks/{{webhook}}                   | workspace | base.webhook.management.delete
POST   {ORGANIZATION}/webhooks/{{webhook}}/rotate            | workspace | base.webhook.management.update
POST   {ORGANIZATION}/webhooks/{{webhook}}/test              | workspace | base.webhook.management.update
GET    {ORGANIZATION}/webhooks/{{webhook}}/deliveries        | workspace | base.webhook.management.list
GET    {ORGANIZATION}/webhooks/{{webhook}}/deliveries/{{delivery}} | workspace | base.webhook.management.list
POST   {ORGANIZATION}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay | workspace | base.webhook.management.update
GET    {APP}/webhooks                               | workspace | mad.application.webhook.list
POST   {APP}/webhooks                               | workspace | mad.application.webhook.create
GET    {APP}/webhooks/{{webhook}}                   | workspace | mad.application.webhook.list
PUT    {APP}/webhooks/{{webhook}}                   | workspace | mad.application.webhook.update
DELETE {APP}/webhooks/{{webhook}}                   | workspace | mad.application.webhook.delete
POST   {APP}/webhooks/{{webhook}}/rotate            | workspace | mad.application.webhook.update
POST   {APP}/webhooks/{{webhook}}/test              | workspace | mad.application.webhook.update
GET    {APP}/webhooks/{{webhook}}/deliveries        | workspace | mad.application.webhook.list
GET    {APP}/webhooks/{{webhook}}/deliveries/{{delivery}} | workspace | mad.application.webhook.list
POST   {APP}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay | workspace | mad.application.webhook.update
GET    /v1/files/{{file}}/{{name:path}}                | files     | mad.build.management.get
POST   /v1/auth/logout                                 | session   | -
GET    {ORGANIZATION}/mails                            | workspace | base.mail.management.list
GET    {ORGANIZATION}/mails/{{mail}}                   | workspace | base.mail.management.list
POST   {ORGANIZATION}/mails/{{mail}}/retry             | workspace | base.mail.management.update
GET    {APP}/notifications                             | workspace | mad.notification.management.list
POST   {APP}/notifications/preview                     | workspace | mad.notification.management.list
GET    {APP}/notifications/{{notification}}/mails      | workspace | mad.notification.management.list
GET    {APP}/builds/{{build}}/notifications            | workspace | mad.notification.management.list
POST   {APP}/builds/{{build}}/notifications            | workspace | mad.notification.management.create
GET    /v1/auth/preferences                            | session   | -
PUT    /v1/auth/preferences                            | session   | -
GET    /unsubscribe/{{token}}                          | open      | -
POST   /unsubscribe/{{token}}                          | open      | -
GET    {ORGANIZATION}/identityProviders                | workspace | base.identityProvider.management.list
POST   {ORGANIZATION}/identityProviders                | workspace | base.identityProvider.management.create
GET    {ORGANIZATION}/identityProviders/{{provider}}   | workspace | base.identityProvider.management.list
PUT    {ORGANIZATION}/identityProviders/{{provider}}   | workspace | base.identityProvider.management.update
DELETE {ORGANIZATION}/identityProviders/{{provider}}   | workspace | base.identityProvider.management.delete
GET    {ORGANIZATION}/storageProviders                | workspace | base.storageProvider.management.list
POST   {ORGANIZATION}/storageProviders                | workspace | base.storageProvider.management.create
GET    {ORGANIZATION}/storageProviders/{{storage}}   | workspace | base.storageProvider.management.list
PUT    {ORGANIZATION}/storageProviders/{{storage}}   | workspace | base.storageProvider.management.update
DELETE {ORGANIZATION}/storageProviders/{{storage}}   | workspace | base.storageProvider.management.delete
POST   {ORGANIZATION}/storageProviders/{{storage}}/test | workspace | base.storageProvider.management.update
GET    /v1/auth/oidc/{{provider}}/start                | open      | -
GET    /v1/auth/oidc/{{provider}}/callback             | open      | -
GET    /login/{{organization}}                         | open      | -
POST   /login/{{organization}}                         | open      | -
GET    /v1/auth/profile                                | profile   | -
PUT    /v1/auth/profile                                | session   | -
PUT    /v1/auth/password                               | session   | -
GET    /v1/auth/sessions                               | session   | -
DELETE /v1/auth/sessions                               | session   | -
DELETE /v1/auth/sessions/{{session}}                   | session   | -
GET    /v1/auth/twoFactor                              | session   | -
POST   /v1/auth/twoFactor                              | session   | -
POST   /v1/auth/twoFactor/confirm                      | session   | -
POST   /v1/auth/twoFactor/disable                      | session   | -
POST   /v1/auth/twoFactor/recoveryCodes                | session   | -
POST   /v1/auth/customLogin                            | app       | -
GET    /v1/auth/redirect                               | app       | -
POST   /v1/auth/forgot                                 | open      | -
POST   /v1/auth/reset                                  | open      | -
GET    /password/{{token}}                             | open      | -
POST   /password/{{token}}                             | open      | -
POST   /v1/auth/login                                  | open      | -
POST   /v1/auth/refresh                                | open      | -
GET    /v1/download/{{token}}                          | open      | -
HEAD   /v1/download/{{token}}                          | open      | -
GET    /v1/download/{{token}}/manifest.plist           | open      | -
GET    /healthz                                        | open      | -
GET    /readyz                                         | open      | -
GET    /metrics                                        | open      | -
GET    /v1/doctor/{{probe}}                            | open      | -
POST   /v1/doctor/{{probe}}                            | open      | -
GET    /openapi.json                                   | open      | -
GET    /docs                                           | open      | -
GET    /store                                          | open      | -
GET    /store/{{organization}}                         | open      | -
POST   /store/logout                                   | open      | -
GET    /store/{{organization}}/device                  | open      | -
GET    /store/{{organization}}/device.mobileconfig     | open      | -
POST   /profile/device                                 | open      | -
GET    /builds/{{build}}/install                       | open      | -
GET    /builds/{{build}}/install/install               | open      | -
GET    /{{slug}}                                       | open      | -
POST   /{{slug}}                                       | open      | -
GET    /{{slug}}/install                               | open      | -
GET    /{{slug}}/device                                | open      | -
GET    /{{slug}}/device.mobileconfig                   | open      | -
GET    /static/{{name:path}}                            | open      | -
GET    /setup/{{token}}                                | open      | -
POST   /setup/{{token}}                                | open      | -
"""
"""`open` routes look at no credential; what is in their path or body is the credential. The pages of the dashboard are
in a table of their own (`authorization_pages.py`)."""


def table(text: str) -> list[dict[str, str]]:
    """Read a table: one dictionary for each row."""
    head, *rows = (
        [" ".join(cell.split()) for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()
    )
    return [dict(zip(head, row, strict=True)) for row in rows]
