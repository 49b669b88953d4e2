"""Every page of the dashboard in one look."""

from seatrial.web.dashboard import (
    apps,
    build_detail,
    builds,
    builds_change,
    builds_live,
    builds_upload,
    files,
    search,
    sign_in,
)

NOUNS = (sign_in, apps, search, builds, builds_change, builds_live, builds_upload, build_detail, files)
ROUTES = tuple(route for noun in NOUNS for route in noun.ROUTES)
