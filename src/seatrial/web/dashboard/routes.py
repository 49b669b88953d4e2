"""Every page of the dashboard in one look."""

from seatrial.web.dashboard import (
    account,
    account_second_factor,
    app_people,
    app_sdk,
    apps,
    audiences,
    audit,
    build_detail,
    builds,
    builds_change,
    builds_live,
    builds_upload,
    credentials,
    downloads,
    employee_import,
    employees,
    feedback,
    files,
    forgotten,
    groups,
    home,
    invitations,
    known_devices,
    people,
    publications,
    quotas,
    retention,
    search,
    settings,
    sign_in,
    storage,
    system,
    trusted_publishers,
    webhooks,
)

_BUILDS = (builds, builds_change, builds_live, builds_upload, build_detail, retention)
_APP = (feedback, downloads, app_sdk)
_ORGANIZATION = (publications, webhooks, credentials, trusted_publishers, audit, settings, quotas, storage, system)
_PEOPLE = (people, app_people, employee_import, employees, groups, audiences, invitations, known_devices)
_SELF = (sign_in, forgotten, account, account_second_factor)
NOUNS = (*_SELF, home, apps, search, *_BUILDS, *_APP, *_PEOPLE, *_ORGANIZATION, files)
ROUTES = tuple(route for noun in NOUNS for route in noun.ROUTES)
