"""Another organization beside a server's own: a server has one, its tables may have more."""

import hashlib

from tests.server import Server

SLUG = "others"
_NUMBERED = "0" * 23


def foreign_account(server: Server) -> str:
    """Make the organization behind the server's back, with an administrator; gives the secret of that account."""
    organization, secret = _NUMBERED + "1", "sts_of-another-organization"
    server.write(
        "INSERT INTO organizations (id, name, slug, integrations_enabled, workspace_enabled, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, 0, 0)",
        *(organization, "Others", SLUG, True, True),
    )
    server.write(
        "INSERT INTO service_accounts (id, organization_id, name, role, digest, created_at) VALUES (?, ?, ?, ?, ?, 0)",
        *(_NUMBERED + "2", organization, "theirs", "admin", hashlib.sha256(secret.encode()).hexdigest()),
    )
    return secret
