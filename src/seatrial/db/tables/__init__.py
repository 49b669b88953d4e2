"""Every table once."""

from seatrial.db.tables.accounts import (
    login_attempts,
    memberships,
    organizations,
    sessions,
    spent_refresh_tokens,
    users,
)
from seatrial.db.tables.apps import app_files, app_tokens, apps, service_accounts, signing_keys
from seatrial.db.tables.base import DIGEST, EMPTY, EPOCH, ID, Instant, metadata, string
from seatrial.db.tables.builds import build_counts, build_files, build_lanes, build_tags, build_version_counts, builds
from seatrial.db.tables.downloads import download_tokens, downloads
from seatrial.db.tables.known_devices import device_challenges, known_devices
from seatrial.db.tables.notifications import (
    addresses,
    build_notifications,
    digests,
    mail_batches,
    mail_preferences,
    mails,
)
from seatrial.db.tables.numbers import daily_numbers
from seatrial.db.tables.people import (
    app_collaborators,
    audience_employees,
    audiences,
    employee_groups,
    employees,
    groups,
    invitations,
    user_groups,
)
from seatrial.db.tables.publications import publication_audiences, publication_builds, publications
from seatrial.db.tables.publishing import spent_identity_tokens, trusted_publishers
from seatrial.db.tables.quotas import quotas, request_rates, usage_counts
from seatrial.db.tables.retention import build_pins, retention_runs, schedules, trash, trash_keys, trash_rows
from seatrial.db.tables.sdk import feedback_files, feedbacks, sdk_sightings
from seatrial.db.tables.search import build_search, saved_filters
from seatrial.db.tables.sign_in import (
    external_identities,
    finished_sign_ins,
    identity_providers,
    member_sessions,
    password_resets,
    recovery_codes,
    second_factors,
)
from seatrial.db.tables.storage import storage_providers
from seatrial.db.tables.system import audit_heads, audit_log, executors, loose_blobs
from seatrial.db.tables.uploads import idempotency_keys, kept_answers, unfinished_uploads
from seatrial.db.tables.webhooks import expiry_reminders, webhook_attempts, webhook_deliveries, webhooks

__all__ = [
    "DIGEST",
    "EMPTY",
    "EPOCH",
    "ID",
    "Instant",
    "addresses",
    "app_collaborators",
    "app_files",
    "app_tokens",
    "apps",
    "audience_employees",
    "audiences",
    "audit_heads",
    "audit_log",
    "build_counts",
    "build_files",
    "build_lanes",
    "build_notifications",
    "build_pins",
    "build_search",
    "build_tags",
    "build_version_counts",
    "builds",
    "daily_numbers",
    "device_challenges",
    "digests",
    "download_tokens",
    "downloads",
    "employee_groups",
    "employees",
    "executors",
    "expiry_reminders",
    "external_identities",
    "feedback_files",
    "feedbacks",
    "finished_sign_ins",
    "groups",
    "idempotency_keys",
    "identity_providers",
    "invitations",
    "kept_answers",
    "known_devices",
    "login_attempts",
    "loose_blobs",
    "mail_batches",
    "mail_preferences",
    "mails",
    "member_sessions",
    "memberships",
    "metadata",
    "organizations",
    "password_resets",
    "publication_audiences",
    "publication_builds",
    "publications",
    "quotas",
    "recovery_codes",
    "request_rates",
    "retention_runs",
    "saved_filters",
    "schedules",
    "sdk_sightings",
    "second_factors",
    "service_accounts",
    "sessions",
    "signing_keys",
    "spent_identity_tokens",
    "spent_refresh_tokens",
    "storage_providers",
    "string",
    "trash",
    "trash_keys",
    "trash_rows",
    "trusted_publishers",
    "unfinished_uploads",
    "usage_counts",
    "user_groups",
    "users",
    "webhook_attempts",
    "webhook_deliveries",
    "webhooks",
]
