"""People beyond accounts: employees of the store, groups, audiences, collaborators of one app, invitations."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, false

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

# Who installs from the store and does not see the dashboard. One row for each organization that knows the person.
employees = Table(
    "employees",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    # In lower case, because people spell it both ways.
    Column("email", string(256), nullable=False),
    Column("first_name", string(255), nullable=False, server_default=EMPTY),
    Column("last_name", string(255), nullable=False, server_default=EMPTY),
    Column("picture", string(), nullable=False, server_default=EMPTY),
    # How the person came in: dashboard, import, invitation, sdk, oidc.
    Column("origin", string(16), nullable=False),
    # How the person signs in: traditional, custom, oidc.
    Column("type", string(16), nullable=False),
    Column("password_hash", string()),
    Column("language", string(2), nullable=False, server_default=EMPTY),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("last_seen_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "email"),
)
Index("ix_employees_created", employees.c.organization_id, employees.c.created_at, employees.c.id)

groups = Table(
    "groups",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(128), nullable=False),
    # The name as it is compared: case folded.
    Column("key", string(256), nullable=False),
    Column("description", string(1000), nullable=False, server_default=EMPTY),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "key"),
)

# `source` is `manual`, or `oidc` for what an identity provider said last: the one never undoes the other.
employee_groups = Table(
    "employee_groups",
    metadata,
    Column("employee_id", ID, ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ID, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("source", string(8), primary_key=True),
)
Index("ix_employee_groups_group", employee_groups.c.group_id, employee_groups.c.employee_id)

user_groups = Table(
    "user_groups",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ID, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("source", string(8), primary_key=True),
)
Index("ix_user_groups_group", user_groups.c.group_id, user_groups.c.user_id)

# `conditions` are group names: OR between the outer entries, AND inside one.
audiences = Table(
    "audiences",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(255), nullable=False),
    Column("key", string(512), nullable=False),
    Column("description", string(1000), nullable=False, server_default=EMPTY),
    Column("conditions", JSON, nullable=False, server_default="[]"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "key"),
)

audience_employees = Table(
    "audience_employees",
    metadata,
    Column("audience_id", ID, ForeignKey("audiences.id", ondelete="CASCADE"), primary_key=True),
    Column("employee_id", ID, ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# What a member may do in one app beyond what the role in the organization says.
app_collaborators = Table(
    "app_collaborators",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", string(16), nullable=False),
    Column("created_by", ID, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("app_id", "user_id"),
)

# `kind` is `user` or `employee`; of the link's secret only the digest is kept.
invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("kind", string(16), nullable=False),
    Column("email", string(256), nullable=False),
    Column("first_name", string(255), nullable=False, server_default=EMPTY),
    Column("last_name", string(255), nullable=False, server_default=EMPTY),
    Column("role", string(16), nullable=False, server_default=EMPTY),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE")),
    Column("app_role", string(16), nullable=False, server_default=EMPTY),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("language", string(2), nullable=False, server_default=EMPTY),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("invited_by", ID, ForeignKey("users.id", ondelete="SET NULL")),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
)
Index("ix_invitations_created", invitations.c.organization_id, invitations.c.created_at, invitations.c.id)
Index("ix_invitations_email", invitations.c.organization_id, invitations.c.email)
