"""Notifications, the mails that they become, what people wish to hear of, and where this server is reached."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false

from seatrial.db.tables.base import EMPTY, ID, Instant, metadata, string

# One telling of one build. Turn 0 is that of the upload itself, so that processing a build again tells nobody again;
# people ask for further ones. The build may be gone: what was told stays.
build_notifications = Table(
    "build_notifications",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("build_id", ID, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("requested_by", JSON, nullable=False),
    # As they were when the build was processed: the upload's own words, or the app's defaults.
    Column("collaborators", Boolean, nullable=False),
    Column("employees", Boolean, nullable=False),
    Column("message", string(), nullable=False),
    Column("language", string(2), nullable=False),
    Column("groups", JSON, nullable=False),
    # pending, told, skipped.
    Column("state", string(16), nullable=False),
    Column("reason", string(32), nullable=False, server_default=EMPTY),
    # The last address that has its mail written: a worker that dies goes on behind it.
    Column("position", string(256), nullable=False, server_default=EMPTY),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("build_id", "turn"),
)
Index(
    "ix_build_notifications_created",
    build_notifications.c.app_id,
    build_notifications.c.created_at,
    build_notifications.c.id,
)

# One mail to one person, of whatever kind.
mails = Table(
    "mails",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE")),
    Column("app_id", ID),
    Column("build_id", ID),
    Column("notification_id", ID, ForeignKey("build_notifications.id", ondelete="CASCADE")),
    # Mails that are handed over together, in one connection.
    Column("batch_id", ID),
    # The daily summary that tells of this build instead.
    Column("digest_id", ID),
    Column("kind", string(32), nullable=False),
    Column("email", string(256), nullable=False),
    Column("name", string(512), nullable=False, server_default=EMPTY),
    Column("language", string(2), nullable=False, server_default=EMPTY),
    # Why this person: collaborator or employee, and more about it: a role, the groups that matched.
    Column("reason", string(16), nullable=False, server_default=EMPTY),
    Column("detail", string(1000), nullable=False, server_default=EMPTY),
    # What a letter says, sealed, because links that let people in are among it; gone once nobody needs it.
    Column("facts", string(), nullable=False, server_default=EMPTY),
    Column("state", string(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # How often the bytes were handed over and no answer was heard.
    Column("lost", Integer, nullable=False, server_default="0"),
    Column("first_tried_at", Instant),
    Column("answer", string(1000), nullable=False, server_default=EMPTY),
    # [milliseconds, state, note] for every state it was in.
    Column("history", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("notification_id", "email"),
)
# Of one build a person hears once, however often it is told; whoever was passed over may be told later.
Index(
    "uq_mails_build",
    mails.c.build_id,
    mails.c.email,
    unique=True,
    sqlite_where=mails.c.state != "skipped",
    postgresql_where=mails.c.state != "skipped",
)
Index("ix_mails_batch", mails.c.batch_id, mails.c.state)
Index("ix_mails_notification", mails.c.notification_id, mails.c.state)
Index("ix_mails_created", mails.c.organization_id, mails.c.created_at, mails.c.id)
Index("ix_mails_state", mails.c.organization_id, mails.c.state, mails.c.created_at, mails.c.id)
Index("ix_mails_email", mails.c.organization_id, mails.c.email, mails.c.created_at, mails.c.id)
_WAITS = (mails.c.state == "digest") & mails.c.digest_id.is_(None)
Index("ix_mails_waiting", mails.c.organization_id, mails.c.email, sqlite_where=_WAITS, postgresql_where=_WAITS)
Index(
    "ix_mails_digest",
    mails.c.digest_id,
    sqlite_where=mails.c.digest_id.is_not(None),
    postgresql_where=mails.c.digest_id.is_not(None),
)
Index("ix_mails_age", mails.c.created_at)

# A batch is there for as long as it has something to hand over.
mail_batches = Table(
    "mail_batches",
    metadata,
    Column("id", ID, primary_key=True),
    # How often the job engine was asked for it.
    Column("turn", Integer, nullable=False, server_default="0"),
    # Turns in a row in which the mail server took nothing.
    Column("failures", Integer, nullable=False, server_default="0"),
    # Waits for a server that has mail settings.
    Column("parked", Boolean, nullable=False, server_default=false(), index=True),
    Column("created_at", Instant, nullable=False),
)

# What a person wants: all, none, digest. The empty app is the whole organization; an app's own row wins.
mail_preferences = Table(
    "mail_preferences",
    metadata,
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("email", string(256), primary_key=True),
    Column("app_id", ID, primary_key=True),
    Column("delivery", string(8), nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index("ix_mail_preferences_email", mail_preferences.c.email)

# Whoever inserts the row of a person's day writes the summary; of two servers one does.
digests = Table(
    "digests",
    metadata,
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("email", string(256), primary_key=True),
    Column("day", string(10), primary_key=True),
    Column("created_at", Instant, nullable=False),
)
Index("ix_digests_day", digests.c.day)

# Where a server without a `public_url` is reached, for workers, which serve nobody and so cannot know.
addresses = Table(
    "addresses",
    metadata,
    Column("name", string(16), primary_key=True),
    Column("url", string(512), nullable=False),
    Column("noted_at", Instant, nullable=False),
)
