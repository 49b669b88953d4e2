"""Every page of the dashboard in one look."""

from seatrial.web.dashboard import (
    apps,
    builds,
    builds_change,
    builds_live,
    builds_upload,
    files,
    search,
    sign_in,
)

ROUTES = (
    *sign_in.ROUTES,
    *apps.ROUTES,
    *files.ROUTES,
    *search.ROUTES,
    *builds.ROUTES,
    *builds_change.ROUTES,
    *builds_live.ROUTES,
    *builds_upload.ROUTES,
)
