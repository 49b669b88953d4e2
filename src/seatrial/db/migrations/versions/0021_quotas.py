"""Quotas, and exact counters of what they limit; the count of storage that was made now and then goes."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_counts",
        sa.Column("owner", string(24), nullable=False),
        sa.Column("item", string(32), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_usage_counts_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "item", name=op.f("pk_usage_counts")),
    )
    op.create_index(op.f("ix_usage_counts_organization_id"), "usage_counts", ["organization_id"], unique=False)
    op.create_table(
        "quotas",
        sa.Column("owner", string(24), nullable=False),
        sa.Column("item", string(32), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("chosen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_quotas_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "item", name=op.f("pk_quotas")),
    )
    op.create_index(op.f("ix_quotas_organization_id"), "quotas", ["organization_id"], unique=False)
    _count()
    op.drop_index(op.f("ix_storage_numbers_organization_id"), table_name="storage_numbers")
    op.drop_table("storage_numbers")


def _count() -> None:
    """Add up once; from now on what happens counts itself."""
    _insert(
        "storage",
        "SELECT builds.app_id, max(build_files.size) AS amount FROM build_files "
        "JOIN builds ON builds.id = build_files.build_id GROUP BY builds.app_id, build_files.key "
        "UNION ALL SELECT app_id, bytes FROM trash "
        "UNION ALL SELECT app_id, size FROM feedback_files "
        "UNION ALL SELECT app_id, size FROM app_files",
    )
    _insert("builds", "SELECT app_id, 1 AS amount FROM builds UNION ALL SELECT app_id, 1 FROM trash")
    # A day counts the days since 1970; a month is all days of it that anything happened on.
    days = op.get_bind().execute(sa.text("SELECT DISTINCT day FROM daily_numbers")).scalars()
    months: dict[str, list[int]] = {}
    for day in days:
        months.setdefault(_month(day), []).append(day)
    for month, numbers in sorted(months.items()):
        downloaded = "SELECT app_id, downloads AS amount FROM daily_numbers"
        within = f" WHERE day BETWEEN {min(numbers)} AND {max(numbers)}"
        _insert(f"downloadsByMonth.{month}", downloaded + within)


def _insert(item: str, statement: str) -> None:
    """Count for apps, then for their organizations; every word is one of ours."""
    into = "INSERT INTO usage_counts (owner, item, organization_id, amount) "
    of_apps = f" FROM ({statement}) AS counted JOIN apps ON apps.id = counted.app_id GROUP BY "
    amounts = f"'{item}', apps.organization_id, sum(counted.amount)"
    op.execute(into + "SELECT apps.id, " + amounts + of_apps + "apps.id, apps.organization_id")
    op.execute(into + "SELECT apps.organization_id, " + amounts + of_apps + "apps.organization_id")


def _month(day: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=day):%Y%m}"
