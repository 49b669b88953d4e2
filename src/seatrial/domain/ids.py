"""Identifiers: 24 hex characters for entities, 24 base62 characters for a build's files."""

import os
import re
import secrets
import string
import threading
import time
from itertools import count
from typing import NewType

OrganizationId = NewType("OrganizationId", str)
AppId = NewType("AppId", str)
UserId = NewType("UserId", str)
AppTokenId = NewType("AppTokenId", str)
ServiceAccountId = NewType("ServiceAccountId", str)
SessionId = NewType("SessionId", str)
MemberSessionId = NewType("MemberSessionId", str)
BuildId = NewType("BuildId", str)
FileId = NewType("FileId", str)
EmployeeId = NewType("EmployeeId", str)
GroupId = NewType("GroupId", str)
AudienceId = NewType("AudienceId", str)
InvitationId = NewType("InvitationId", str)
IdentityProviderId = NewType("IdentityProviderId", str)
TrustedPublisherId = NewType("TrustedPublisherId", str)
PublicationId = NewType("PublicationId", str)
NotificationId = NewType("NotificationId", str)
MailId = NewType("MailId", str)
FeedbackId = NewType("FeedbackId", str)
WebhookId = NewType("WebhookId", str)
StorageProviderId = NewType("StorageProviderId", str)
DeliveryId = NewType("DeliveryId", str)
KnownDeviceId = NewType("KnownDeviceId", str)

ENTITY_ID = re.compile(r"[0-9a-fA-F]{24}")
_BASE62 = string.digits + string.ascii_letters
_counter = count(secrets.randbelow(1 << 24))
_process = (0, b"")
_lock = threading.Lock()


def new_entity_id() -> str:
    """Make a time-ordered id in ObjectId layout: 4 bytes of seconds, 5 random ones, a 3-byte counter."""
    global _process  # noqa: PLW0603  # a forked child must not repeat its parent's random part
    with _lock:
        if _process[0] != os.getpid():
            _process = (os.getpid(), secrets.token_bytes(5))
        serial = next(_counter) & 0xFFFFFF
    return (int(time.time()).to_bytes(4, "big") + _process[1] + serial.to_bytes(3, "big")).hex()


def new_file_id() -> FileId:
    """Make the id of a file of a build: 24 random base62 characters, 142 bits."""
    return FileId("".join(secrets.choice(_BASE62) for _ in range(24)))


def is_entity_id(text: str) -> bool:
    """Whether a path segment has the form of an entity's id, in either case."""
    return ENTITY_ID.fullmatch(text) is not None


def may_name(text: str) -> bool:
    """Whether a path segment could be an id or a slug at all; what cannot is not asked of the database."""
    return len(text) <= 128 and text.isascii() and text.replace("-", "").isalnum()
