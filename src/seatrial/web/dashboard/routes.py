"""Every page of the dashboard in one look."""

from seatrial.web.dashboard import (
    account,
    account_second_factor,
    app_people,
    apps,
    audiences,
    audit,
    build_detail,
    builds,
    builds_change,
    builds_live,
    builds_upload,
    credentials,
    employee_import,
    employees,
    files,
    groups,
    home,
    invitations,
    people,
    publications,
    search,
    settings,
    sign_in,
    system,
    webhooks,
)

_BUILDS = (builds, builds_change, builds_live, builds_upload, build_detail)
_ORGANIZATION = (publications, webhooks, credentials, audit, settings, system)
_PEOPLE = (people, app_people, employee_import, employees, groups, audiences, invitations)
NOUNS = (sign_in, account, account_second_factor, home, apps, search, *_BUILDS, *_PEOPLE, *_ORGANIZATION, files)
ROUTES = tuple(route for noun in NOUNS for route in noun.ROUTES)
