"""Apps as JSON (contract 2.2): the union of all keys that the vendor's pages show, always all of them (decision 21)."""

from seatrial.domain.app import App, AppOverview, AppSettings
from seatrial.domain.build import DEFAULT_SCRIPT_KEYS, UNSET, Unset
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import MOST_RETAINED
from seatrial.wire import bodies
from seatrial.wire.links import Links
from seatrial.wire.queries import Params, list_query
from seatrial.wire.retention import applied_json
from seatrial.wire.sdk import sdk_changes, sdk_json
from seatrial.wire.storage_providers import bucket_json
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name", "slug")
DESCRIPTION_LIMIT = 64 * 1024
MESSAGE_LIMIT = 64 * 1024


def apps_query(params: Params) -> ListQuery:
    """Read which apps to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name", "slug"))


def app_settings(body: bytes) -> AppSettings:
    """Read what is said about an app, at its making or later; unknown and read-only keys are ignored.

    Raises InvalidRequest naming the key, with dots between nested ones.
    """
    said = bodies.json_object(body)
    notifications = bodies.nested(said, "notifications")
    configuration = bodies.nested(said, "configuration")
    note, within = "notifications.", "configuration."
    retained = bodies.whole_or_none(1, MOST_RETAINED)
    return AppSettings(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        slug=bodies.optional(said, "slug", bodies.line(bodies.NAME_LIMIT)),
        description=bodies.optional(said, "description", bodies.text(DESCRIPTION_LIMIT)),
        notify_collaborators=bodies.optional(notifications, "newBuildNotifyCollaborators", bodies.boolean, prefix=note),
        notify_employees=bodies.optional(notifications, "newBuildNotifyEmployees", bodies.boolean, prefix=note),
        notify_otp_users=bodies.optional(notifications, "newBuildNotifyOtpUsers", bodies.boolean, prefix=note),
        notify_feedback=bodies.optional(notifications, "newFeedbackNotifyCollaborators", bodies.boolean, prefix=note),
        new_build_message=bodies.optional(notifications, "newBuildMessage", bodies.text(MESSAGE_LIMIT), prefix=note),
        notification_language=bodies.optional(configuration, "notificationLanguage", bodies.language, prefix=within),
        storage_provider=_storage_provider(configuration),
        build_retention_days=bodies.optional(configuration, "buildRetentionDays", retained, prefix=within),
        builds_retained_per_publication=bodies.optional(
            configuration, "buildsRetainedPerPublication", retained, prefix=within
        ),
        metadata=bodies.optional(said, "metadata", bodies.metadata),
        default_scripts=bodies.scripts(said),
        sdk=sdk_changes(bodies.nested(said, "sdk"), "sdk."),
    )


def picture_source(body: bytes) -> str:
    """Read which build's icon is to be an app's picture.

    Raises InvalidRequest.
    """
    build_id = bodies.line(bodies.NAME_LIMIT)("buildId", bodies.json_object(body).get("buildId"))
    if not build_id:
        raise InvalidRequest({"buildId": "is required"})
    return build_id


def app_json(overview: AppOverview, links: Links) -> dict[str, object]:
    """Show an app with what its builds add up to."""
    app = overview.app
    return {
        "id": app.id,
        "name": app.name,
        "slug": app.slug,
        "description": app.description,
        "sdk": sdk_json(overview.sdk),
        "notifications": {
            "newBuildNotifyCollaborators": app.notify_collaborators,
            "newBuildNotifyEmployees": app.notify_employees,
            "newBuildNotifyOtpUsers": app.notify_otp_users,
            "newBuildMessage": app.new_build_message,
            "newFeedbackNotifyCollaborators": app.notify_feedback,
        },
        "oss": [platform for platform in overview.platforms if platform in _SYSTEMS],
        "buildPlatforms": list(overview.platforms),
        "security": {"role": ""},
        "configuration": _configuration(overview),
        "retentionApplied": applied_json(overview.retention, overview.last_run),
        "lastBuildProcessedDate": timestamp(app.last_build_processed_at) if app.last_build_processed_at else None,
        "picture": links.picture(app.picture),
        "pictureSource": app.picture_source,
        "organization": app.organization_id,
        "counts": {"builds": overview.builds, "downloads": app.downloads, "feedbacks": app.feedbacks},
        "metadata": app.metadata,
        "defaultScripts": _scripts(app),
        "createdAt": timestamp(app.created_at),
        "updatedAt": timestamp(app.updated_at),
    }


_SYSTEMS = frozenset(system.value for system in Os)


def _configuration(overview: AppOverview) -> dict[str, object]:
    app, provider, bucket = overview.app, overview.storage.provider, overview.storage.bucket
    return {
        "storageProvider": {
            "id": provider.id,
            "name": provider.name,
            "region": provider.region,
            "config": bucket_json(bucket) if bucket else {},
            "provider": bucket.kind.value if bucket else provider.name,
        },
        "emmJwtSignature": "",
        "notificationLanguage": app.notification_language,
        "buildRetentionDays": app.build_retention_days,
        "buildsRetainedPerPublication": app.builds_retained_per_publication,
    }


def _scripts(app: App) -> dict[str, str]:
    return {key: app.default_scripts.get(key, "") for key in DEFAULT_SCRIPT_KEYS}


def _storage_provider(configuration: bodies.Said) -> str | Unset:
    """Read the place for blobs: its id, or the object that an app shows."""
    value = configuration.get("storageProvider")
    if value is None:
        return UNSET
    name = "configuration.storageProvider"
    return bodies.line(bodies.NAME_LIMIT)(name, value.get("id") if isinstance(value, dict) else value)
