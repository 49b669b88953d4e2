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
    downloads,
    feedback,
    files,
    forgotten,
    home,
    publications,
    retention,
    search,
    settings,
    sign_in,
    system,
    webhooks,
)

_BUILDS = (builds, builds_change, builds_live, builds_upload, build_detail, retention)
_APP = (feedback, downloads)
_ORGANIZATION = (publications, webhooks, credentials, audit, settings, system)
NOUNS = (sign_in, forgotten, home, apps, search, *_BUILDS, *_APP, *_ORGANIZATION, files)
ROUTES = tuple(route for noun in NOUNS for route in noun.ROUTES)
