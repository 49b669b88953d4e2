"""Every page of the dashboard in one look."""

from seatrial.web.dashboard import (
    apps,
    audit,
    build_detail,
    builds,
    builds_change,
    builds_live,
    builds_upload,
    credentials,
    files,
    forgotten,
    home,
    publications,
    search,
    settings,
    sign_in,
    system,
    webhooks,
)

_BUILDS = (builds, builds_change, builds_live, builds_upload, build_detail)
_ORGANIZATION = (publications, webhooks, credentials, audit, settings, system)
NOUNS = (sign_in, forgotten, home, apps, search, *_BUILDS, *_ORGANIZATION, files)
ROUTES = tuple(route for noun in NOUNS for route in noun.ROUTES)
