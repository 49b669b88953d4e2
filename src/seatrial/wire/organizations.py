"""Organizations as JSON (contract 2.2; decision 40)."""

from seatrial.domain.app import Organization, OrganizationChanges
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import MOST_RETAINED, MOST_TRASH_DAYS
from seatrial.wire import bodies
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name", "slug")
MOST_DAYS = 36_500


def organizations_query(params: Params) -> ListQuery:
    """Read which organizations to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name", "slug"))


def organization_changes(body: bytes) -> OrganizationChanges:
    """Read edits to an organization.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    retained = bodies.whole_or_none(1, MOST_RETAINED)
    return OrganizationChanges(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        integrations_enabled=bodies.optional(said, "integrationsEnabled", bodies.boolean),
        workspace_enabled=bodies.optional(said, "workspaceEnabled", bodies.boolean),
        require_two_factor=bodies.optional(said, "requireTwoFactor", bodies.boolean),
        custom_login_enabled=bodies.optional(said, "customLoginEnabled", bodies.boolean),
        build_retention_days=bodies.optional(said, "buildRetentionDays", retained),
        builds_retained_per_publication=bodies.optional(said, "buildsRetainedPerPublication", retained),
        trash_days=bodies.optional(said, "trashDays", bodies.whole(1, MOST_TRASH_DAYS)),
        download_log_days=bodies.optional(said, "downloadLogDays", bodies.whole_or_none(0, MOST_DAYS)),
    )


def organization_json(organization: Organization) -> dict[str, object]:
    """Show an organization and its switches."""
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "integrationsEnabled": organization.integrations_enabled,
        "workspaceEnabled": organization.workspace_enabled,
        "requireTwoFactor": organization.require_two_factor,
        "passwordSignIn": organization.password_sign_in,
        "customLoginEnabled": organization.custom_login_enabled,
        "buildRetentionDays": organization.build_retention_days,
        "buildsRetainedPerPublication": organization.builds_retained_per_publication,
        "trashDays": organization.trash_days,
        "downloadLogDays": organization.download_log_days,
        "createdAt": timestamp(organization.created_at),
        "updatedAt": timestamp(organization.updated_at),
    }
