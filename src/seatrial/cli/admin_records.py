"""What `seatrial admin` shows of each thing."""

from seatrial.cli.output import moment
from seatrial.domain.app import App, AppToken, Organization, ServiceAccount
from seatrial.domain.audience import Audience
from seatrial.domain.clock import utc_now
from seatrial.domain.employee import Employee
from seatrial.domain.group import Group
from seatrial.domain.invitation import Invitation
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


def employee_record(one: Employee) -> Record:
    """Show an employee of the store."""
    return {
        "id": one.id,
        "email": one.email,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "tags": list(one.tags),
        "disabled": one.disabled,
        "createdAt": moment(one.created_at),
    }


def group_record(one: Group) -> Record:
    """Show a group."""
    return {
        "id": one.id,
        "name": one.name,
        "employees": one.employees,
        "users": one.users,
        "createdAt": moment(one.created_at),
    }


def audience_record(one: Audience) -> Record:
    """Show an audience: its rule."""
    return {
        "id": one.id,
        "name": one.name,
        "conditions": "|".join(",".join(clause) for clause in one.conditions),
        "employees": [email for _, email in one.employees],
        "createdAt": moment(one.created_at),
    }


def invitation_record(one: Invitation) -> Record:
    """Show an invitation without its link."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "email": one.email,
        "role": one.role.value if one.role else None,
        "status": one.status(utc_now()).value,
        "expiresAt": moment(one.expires_at),
        "createdAt": moment(one.created_at),
    }
