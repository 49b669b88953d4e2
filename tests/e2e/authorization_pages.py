"""The pages of the dashboard and who they are for: the expectation behind `test_page_authorization.py`."""

from tests.e2e.authorization_people_pages import ROWS as PEOPLE_PAGES
from tests.e2e.authorization_table import PAGES

PAGE_ROUTES = f"""
route                                                                         | gate | permission
GET  /dashboard/login                                                         | open | -
POST /dashboard/login                                                         | open | -
GET  /dashboard/login/code                                                    | open | -
POST /dashboard/login/code                                                    | open | -
GET  /dashboard/forgot                                                        | open | -
POST /dashboard/forgot                                                        | open | -
GET  /dashboard                                                               | page | -
POST /dashboard/logout                                                        | form | -
POST /dashboard/look                                                          | form | -
GET  {PAGES}                                                                  | page | -
GET  {PAGES}/apps                                                             | page | mad.application.management.list
POST {PAGES}/apps                                                             | form | mad.application.management.create
GET  {PAGES}/files/{{file}}                                                   | page | mad.build.management.get
GET  {PAGES}/search                                                           | page | mad.application.management.list
GET  {PAGES}/apps/{{app}}                                                     | page | mad.application.management.get
GET  {PAGES}/apps/{{app}}/builds                                              | page | mad.application.management.get
GET  {PAGES}/apps/{{app}}/events                                              | page | mad.application.management.get
POST {PAGES}/apps/{{app}}/upload                                              | form | mad.build.management.create
OPTIONS {PAGES}/apps/{{app}}/uploads                                           | open   | -
POST    {PAGES}/apps/{{app}}/uploads                                           | script | mad.build.management.create
HEAD    {PAGES}/apps/{{app}}/uploads/{{upload}}                                | script | mad.build.management.create
GET     {PAGES}/apps/{{app}}/uploads/{{upload}}                                | script | mad.build.management.create
PATCH   {PAGES}/apps/{{app}}/uploads/{{upload}}                                | script | mad.build.management.create
DELETE  {PAGES}/apps/{{app}}/uploads/{{upload}}                                | script | mad.build.management.create
POST    {PAGES}/apps/{{app}}/uploads/{{upload}}                                | script | mad.build.management.create
POST {PAGES}/apps/{{app}}/builds/change                                       | form | mad.build.management.update
POST {PAGES}/apps/{{app}}/filters                                             | form | mad.build.management.list
GET  {PAGES}/apps/{{app}}/builds/{{build}}                                    | page | mad.build.management.get
POST {PAGES}/apps/{{app}}/builds/{{build}}                                    | form | mad.build.management.update
POST {PAGES}/apps/{{app}}/builds/{{build}}/switch                             | form | mad.build.management.update
POST {PAGES}/apps/{{app}}/builds/{{build}}/reprocess                          | form | mad.build.management.update
GET  {PAGES}/apps/{{app}}/builds/{{build}}/download                           | page | mad.build.management.get
GET  {PAGES}/apps/{{app}}/builds/{{build}}/compare                            | page | mad.build.management.get
GET  {PAGES}/apps/{{app}}/builds/{{build}}/compare/{{other}}                  | page | mad.build.management.get
POST {PAGES}/apps/{{app}}/builds/{{build}}/attach                             | form | mad.build.management.update
POST {PAGES}/apps/{{app}}/builds/{{build}}/pin                                | form | mad.retention.management.update
POST {PAGES}/apps/{{app}}/builds/{{build}}/trash                              | form | mad.build.management.delete
GET  {PAGES}/apps/{{app}}/trash                                               | page | mad.retention.management.list
POST {PAGES}/apps/{{app}}/trash/{{trashed}}/restore                           | form | mad.retention.management.update
POST {PAGES}/apps/{{app}}/trash/{{trashed}}/purge                             | form | mad.build.management.delete
GET  {PAGES}/apps/{{app}}/retention                                           | page | mad.retention.management.list
POST {PAGES}/apps/{{app}}/retention                                           | form | mad.retention.rule.update
GET  {PAGES}/apps/{{app}}/downloads                                           | page | mad.download.management.list
GET  {PAGES}/apps/{{app}}/downloads.csv                                       | page | mad.download.management.list
GET  {PAGES}/apps/{{app}}/feedback                                            | page | mad.feedback.management.list
GET  {PAGES}/apps/{{app}}/feedback/{{feedback}}                               | page | mad.feedback.management.list
POST {PAGES}/apps/{{app}}/feedback/{{feedback}}                               | form | mad.feedback.management.update
POST {PAGES}/apps/{{app}}/feedback/{{feedback}}/remove                        | form | mad.feedback.management.delete
GET  {PAGES}/apps/{{app}}/feedback/{{feedback}}/files/{{sent}}                 | page | mad.feedback.management.list
GET  {PAGES}/apps/{{app}}/settings                                            | page | mad.application.management.get
POST {PAGES}/apps/{{app}}/settings                                            | form | mad.application.management.update
POST {PAGES}/apps/{{app}}/settings/picture                                    | form | mad.application.management.update
GET  {PAGES}/apps/{{app}}/sdk                                                 | page | mad.application.management.get
POST {PAGES}/apps/{{app}}/sdk                                                 | form | mad.application.management.update
GET  {PAGES}/apps/{{app}}/tokens                                              | page | mad.application.token.list
POST {PAGES}/apps/{{app}}/tokens                                              | form | mad.application.token.create
POST {PAGES}/apps/{{app}}/tokens/{{token}}/rotate                             | form | mad.application.token.create
POST {PAGES}/apps/{{app}}/tokens/{{token}}/revoke                             | form | mad.application.token.delete
POST {PAGES}/apps/{{app}}/trustedPublishers                                   | form | mad.application.token.create
POST {PAGES}/apps/{{app}}/trustedPublishers/{{publisher}}/remove              | form | mad.application.token.delete
GET  {PAGES}/apps/{{app}}/webhooks                                            | page | mad.application.webhook.list
POST {PAGES}/apps/{{app}}/webhooks                                            | form | mad.application.webhook.create
GET  {PAGES}/apps/{{app}}/webhooks/{{webhook}}                                | page | mad.application.webhook.list
POST {PAGES}/apps/{{app}}/webhooks/{{webhook}}                                | form | mad.application.webhook.update
POST {PAGES}/apps/{{app}}/webhooks/{{webhook}}/rotate                         | form | mad.application.webhook.update
POST {PAGES}/apps/{{app}}/webhooks/{{webhook}}/remove                         | form | mad.application.webhook.delete
POST {PAGES}/apps/{{app}}/webhooks/{{webhook}}/test                           | form | mad.application.webhook.update
GET  {PAGES}/apps/{{app}}/webhooks/{{webhook}}/deliveries/{{delivery}}        | page | mad.application.webhook.list
POST {PAGES}/apps/{{app}}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay | form | mad.application.webhook.update
GET  {PAGES}/webhooks                                                         | page | base.webhook.management.list
POST {PAGES}/webhooks                                                         | form | base.webhook.management.create
GET  {PAGES}/webhooks/{{webhook}}                                             | page | base.webhook.management.list
POST {PAGES}/webhooks/{{webhook}}                                             | form | base.webhook.management.update
POST {PAGES}/webhooks/{{webhook}}/rotate                                      | form | base.webhook.management.update
POST {PAGES}/webhooks/{{webhook}}/remove                                      | form | base.webhook.management.delete
POST {PAGES}/webhooks/{{webhook}}/test                                        | form | base.webhook.management.update
GET  {PAGES}/webhooks/{{webhook}}/deliveries/{{delivery}}                     | page | base.webhook.management.list
POST {PAGES}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay              | form | base.webhook.management.update
GET  {PAGES}/publications                                                     | page | mad.store.publishedApplication.list
POST {PAGES}/publications                                                     | form | mad.store.publishedApplication.create
GET  {PAGES}/publications/new                                                 | page | mad.store.publishedApplication.create
POST {PAGES}/publications/preview                                             | form | mad.store.publishedApplication.list
GET  {PAGES}/publications/{{publication}}                                     | page | mad.store.publishedApplication.list
POST {PAGES}/publications/{{publication}}                                     | form | mad.store.publishedApplication.update
POST {PAGES}/publications/{{publication}}/remove                              | form | mad.store.publishedApplication.delete
GET  {PAGES}/serviceAccounts                                                  | page | base.serviceAccount.management.list
POST {PAGES}/serviceAccounts                                                  | form | base.serviceAccount.management.create
POST {PAGES}/serviceAccounts/{{account}}/rotate                               | form | base.serviceAccount.management.update
POST {PAGES}/serviceAccounts/{{account}}/revoke                               | form | base.serviceAccount.management.delete
GET  {PAGES}/audit                                                            | page | base.audit.management.list
POST {PAGES}/audit                                                            | form | base.audit.management.list
GET  {PAGES}/settings                                                         | page | base.organization.management.update
POST {PAGES}/settings                                                         | form | base.organization.management.update
GET  {PAGES}/system                                                           | page | base.organization.management.update
POST {PAGES}/system                                                           | form | base.organization.management.update
"""
PAGE_ROUTES += PEOPLE_PAGES.lstrip()
"""A `page` opens and a `form` does something, both for the session in the cookie alone: everybody else is sent to the
sign-in. Nobody may do anything by a form that another page has sent. A `script` gets the API's answers instead."""
