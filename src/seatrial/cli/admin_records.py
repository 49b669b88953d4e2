"""What `seatrial admin` shows of each thing."""

from seatrial.cli.output import moment
from seatrial.domain.app import App, AppToken, Organization, ServiceAccount
from seatrial.domain.member import Member
from seatrial.domain.signing_key import SigningKey

Record = dict[str, object]


def organization_record(one: Organization) -> Record:
    """Show an organization and its switches."""
    return {
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "integrationsEnabled": one.integrations_enabled,
        "workspaceEnabled": one.workspace_enabled,
        "requireTwoFactor": one.require_two_factor,
        "passwordSignIn": one.password_sign_in,
        "customLoginEnabled": one.custom_login_enabled,
        "createdAt": moment(one.created_at),
    }


def app_record(one: App) -> Record:
    """Show an app."""
    return {"id": one.id, "slug": one.slug, "name": one.name, "createdAt": moment(one.created_at)}


def token(one: AppToken) -> Record:
    """Show an app token without its secret."""
    return {
        "id": one.id,
        "description": one.description,
        "scopes": [scope.value for scope in one.scopes],
        "expiresAt": moment(one.expires_at),
        "lastUsedAt": moment(one.last_used_at),
        "createdAt": moment(one.created_at),
    }


def account(one: ServiceAccount) -> Record:
    """Show a service account without its secret."""
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role.value,
        "expiresAt": moment(one.expires_at),
        "lastUsedAt": moment(one.last_used_at),
        "createdAt": moment(one.created_at),
    }


def signing_key(one: SigningKey) -> Record:
    """Show a signing key: what its certificate says."""
    return {
        "app": one.app_id,
        "origin": one.origin.value,
        "subject": one.subject,
        "sha1": one.sha1,
        "sha256": one.sha256,
        "expiresAt": moment(one.not_after),
        "createdAt": moment(one.created_at),
    }


def member(one: Member) -> Record:
    """Show a member of the organization."""
    return {"id": one.user.id, "email": one.user.email, "role": one.role.value, "createdAt": moment(one.created_at)}
