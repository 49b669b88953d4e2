"""Employees, groups, audiences, collaborators of apps, invitations."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("key", string(512), nullable=False),
        sa.Column("description", string(1000), server_default=EMPTY, nullable=False),
        sa.Column("conditions", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audiences_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_audiences_organization_id_key")),
    )
    op.create_table(
        "employees",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("first_name", string(255), server_default=EMPTY, nullable=False),
        sa.Column("last_name", string(255), server_default=EMPTY, nullable=False),
        sa.Column("picture", string(), server_default=EMPTY, nullable=False),
        sa.Column("origin", string(16), nullable=False),
        sa.Column("type", string(16), nullable=False),
        sa.Column("password_hash", string(), nullable=True),
        sa.Column("language", string(2), server_default=EMPTY, nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_employees_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.UniqueConstraint("organization_id", "email", name=op.f("uq_employees_organization_id_email")),
    )
    op.create_index("ix_employees_created", "employees", ["organization_id", "created_at", "id"], unique=False)
    op.create_table(
        "groups",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(128), nullable=False),
        sa.Column("key", string(256), nullable=False),
        sa.Column("description", string(1000), server_default=EMPTY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_groups_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_groups_organization_id_key")),
    )
    op.create_table(
        "app_collaborators",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("role", string(16), nullable=False),
        sa.Column("created_by", string(24), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_collaborators_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_app_collaborators_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_app_collaborators_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_app_collaborators_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_collaborators")),
        sa.UniqueConstraint("app_id", "user_id", name=op.f("uq_app_collaborators_app_id_user_id")),
    )
    op.create_index(
        op.f("ix_app_collaborators_organization_id"), "app_collaborators", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_app_collaborators_user_id"), "app_collaborators", ["user_id"], unique=False)
    op.create_table(
        "audience_employees",
        sa.Column("audience_id", string(24), nullable=False),
        sa.Column("employee_id", string(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audiences.id"], name=op.f("fk_audience_employees_audience_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name=op.f("fk_audience_employees_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audience_id", "employee_id", name=op.f("pk_audience_employees")),
    )
    op.create_index(op.f("ix_audience_employees_employee_id"), "audience_employees", ["employee_id"], unique=False)
    op.create_table(
        "employee_groups",
        sa.Column("employee_id", string(24), nullable=False),
        sa.Column("group_id", string(24), nullable=False),
        sa.Column("source", string(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name=op.f("fk_employee_groups_employee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_employee_groups_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("employee_id", "group_id", "source", name=op.f("pk_employee_groups")),
    )
    op.create_index("ix_employee_groups_group", "employee_groups", ["group_id", "employee_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("first_name", string(255), server_default=EMPTY, nullable=False),
        sa.Column("last_name", string(255), server_default=EMPTY, nullable=False),
        sa.Column("role", string(16), server_default=EMPTY, nullable=False),
        sa.Column("app_id", string(24), nullable=True),
        sa.Column("app_role", string(16), server_default=EMPTY, nullable=False),
        sa.Column("tags", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("language", string(2), server_default=EMPTY, nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("invited_by", string(24), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_invitations_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_invitations_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
    )
    op.create_index("ix_invitations_created", "invitations", ["organization_id", "created_at", "id"], unique=False)
    op.create_index("ix_invitations_email", "invitations", ["organization_id", "email"], unique=False)
    op.create_table(
        "user_groups",
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("group_id", string(24), nullable=False),
        sa.Column("source", string(8), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_user_groups_group_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_groups_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "group_id", "source", name=op.f("pk_user_groups")),
    )
    op.create_index("ix_user_groups_group", "user_groups", ["group_id", "user_id"], unique=False)
    _move_tags()
    op.drop_column("memberships", "tags")


def _move_tags() -> None:
    """Make groups of the tags of members: the first spelling of a name is the group's."""
    memberships = sa.table(
        "memberships",
        sa.column("organization_id", sa.String()),
        sa.column("user_id", sa.String()),
        sa.column("tags", sa.JSON()),
        sa.column("created_at", INSTANT),
    )
    connection = op.get_bind()
    order = (memberships.c.created_at, memberships.c.organization_id, memberships.c.user_id)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    pairs: dict[tuple[str, str], None] = {}
    for organization_id, user_id, tags, created_at in connection.execute(sa.select(memberships).order_by(*order)):
        for name in tags:
            key = name.strip().casefold()
            made = {
                "id": secrets.token_hex(12),
                "organization_id": organization_id,
                "name": name.strip(),
                "key": key,
                "created_at": created_at,
                "updated_at": created_at,
            }
            pairs[user_id, groups.setdefault((organization_id, key), made)["id"]] = None
    if groups:
        connection.execute(sa.insert(_table("groups", *next(iter(groups.values())))), list(groups.values()))
        connection.execute(
            sa.insert(_table("user_groups", "user_id", "group_id", "source")),
            [{"user_id": user, "group_id": group, "source": "manual"} for user, group in pairs],
        )


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns))
