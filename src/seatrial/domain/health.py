"""How a server is: its processes, what waits, and what somebody should look at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Concern(StrEnum):
    """What somebody should look at; pages say it in words, with what to do."""

    PUBLIC_URL_MISSING = "public_url_missing"
    PUBLIC_URL_NOT_HTTPS = "public_url_not_https"
    MAIL_MISSING = "mail_missing"
    MAIL_DEAD = "mail_dead"
    NO_WORKER = "no_worker"
    STORAGE_AWAY = "storage_away"
    STORAGE_LOW = "storage_low"
    BUILDS_WAIT = "builds_wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that serves or works."""

    id: str
    host: str
    role: str
    started_at: datetime
    beat_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A server at one moment."""

    version: str
    database: str
    schema: str
    processes: tuple[Process, ...]
    waiting: int
    """Builds that nobody has begun to read."""
    reading: int
    free_bytes: int | None
    mails: dict[str, int]
    """How many mails of the organization are in which state."""
    concerns: tuple[Concern, ...]
