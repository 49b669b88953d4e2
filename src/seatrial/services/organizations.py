"""Organizations: which are the caller's, their name, and their switches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import audit_log, organizations
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.app import Organization, OrganizationChanges
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import Forbidden
from seatrial.domain.ids import OrganizationId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.slugs import slug_from
from seatrial.services.names import checked_name


def add_organization(tx: Connection, name: str, now: datetime) -> Organization:
    """Make an organization in the caller's transaction, with a slug drawn from its name.

    Raises InvalidRequest.
    """
    made = Organization(
        id=OrganizationId(new_entity_id()),
        name=checked_name(name, "organization"),
        slug=slug_from(name),
        integrations_enabled=True,
        workspace_enabled=True,
        created_at=now,
        updated_at=now,
    )
    organizations.insert_organization(tx, made)
    return made


@dataclass(frozen=True, slots=True)
class Organizations:
    """What callers may do with their organizations."""

    db: Database
    now: Callable[[], datetime]

    def search(self, scopes: Sequence[OrganizationScope], query: ListQuery) -> Page[Organization]:
        """Give one page of the organizations that a credential belongs to.

        Raises Forbidden where it may see none of them.
        """
        visible = [scope for scope in scopes if Permission.ORGANIZATION_LIST in scope.principal.permissions]
        if scopes and not visible:
            raise Forbidden(Permission.ORGANIZATION_LIST)
        with self.db.read() as tx:
            return organizations.search(tx, visible, query)

    def of(self, scopes: Sequence[OrganizationScope]) -> list[Organization]:
        """Give the organizations of these scopes, in their order, whatever the caller may do in them."""
        with self.db.read() as tx:
            return [organizations.get(tx, scope.organization_id) for scope in scopes]

    def get(self, scope: OrganizationScope) -> Organization:
        """Give one organization.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_LIST)
        with self.db.read() as tx:
            return organizations.get(tx, scope.organization_id)

    def known(self, organization_id: OrganizationId) -> Organization:
        """Give an organization that is known to exist, to whoever got so far."""
        with self.db.read() as tx:
            return organizations.get(tx, organization_id)

    def update(self, scope: OrganizationScope, changes: OrganizationChanges) -> Organization:
        """Rename an organization, switch one of its APIs on or off, or choose what its builds' retention is by default.

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        if not isinstance(changes.name, Unset):
            checked_name(changes.name)
        if _rule_changes(changes):
            scope.require(Permission.RETENTION_RULE_UPDATE)
        with self.db.transaction() as tx:
            changed = organizations.update_organization(tx, scope, changes, self.now())
            switches = {
                "integrationsEnabled": changed.integrations_enabled,
                "workspaceEnabled": changed.workspace_enabled,
                "requireTwoFactor": changed.require_two_factor,
                "customLoginEnabled": changed.custom_login_enabled,
                "downloadLogDays": changed.download_log_days,
            }
            detail = dict[str, object](switches) | _rule_changes(changes)
            audit_log.record(tx, scope, "organization.update", changed.id, changed.updated_at, detail)
        return changed


def _rule_changes(changes: OrganizationChanges) -> dict[str, object]:
    said = {
        "buildRetentionDays": changes.build_retention_days,
        "buildsRetainedPerPublication": changes.builds_retained_per_publication,
        "trashDays": changes.trash_days,
    }
    return {name: value for name, value in said.items() if not isinstance(value, Unset)}
