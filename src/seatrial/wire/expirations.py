"""What ends soon, as JSON; an addition of ours, in the vendor's style."""

from datetime import datetime

from seatrial.domain.expiration import Expiration, ExpirationQuery
from seatrial.wire import fields
from seatrial.wire.links import Links
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("expiresAt", "name")
DEFAULT_SORT = "expiresAt:asc"
MOST_DAYS = 36_500


def expirations_query(params: Params) -> ExpirationQuery:
    """Read what of all that ends is to be listed, what ends first at the top.

    Raises InvalidRequest.
    """
    said = list(params)
    within = [text.strip() for name, text in said if name == "within" and text.strip()]
    return ExpirationQuery(
        paging=list_query([("sort", DEFAULT_SORT), *said], SORTS),
        within_days=fields.whole("within", within[-1], 0, MOST_DAYS) if within else None,
    )


def expiration_json(expiration: Expiration, now: datetime, links: Links) -> dict[str, object]:
    """Show what ends, and the app in which it does."""
    app = expiration.application
    named = {"id": app.id, "name": app.name, "slug": app.slug, "picture": links.picture(app.picture)}
    return {"application": named, **ending_json(expiration, now)}


def ending_json(expiration: Expiration, now: datetime) -> dict[str, object]:
    """Show what ends and with which builds; days are whole, and negative after the end."""
    ending = expiration.ending
    return {
        "kind": ending.kind.value,
        "name": ending.name,
        "identifier": ending.identifier,
        "expiresAt": timestamp(ending.expires_at),
        "daysLeft": expiration.days_left(now),
        "builds": [
            {"id": build.id, "versionName": build.version_name, "versionCode": build.version_code, "os": build.os}
            for build in expiration.builds
        ],
    }
