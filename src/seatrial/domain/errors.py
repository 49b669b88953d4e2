"""Everything that can go wrong and that a caller may want to tell apart.

SeatrialError
 +-- InvalidRequest(fields)         a field is missing, of the wrong type or outside its range
 |    +-- BuildFileMissing          an upload without a build file, or with an empty one
 +-- NotAuthenticated               no credential at all
 |    +-- WrongCredentials          a login with a wrong e-mail address or password
 |    +-- SecondFactorNeeded        a right password without the right code
 |    +-- SignInRefused(reason)     somebody who is known by then, and may not come in this way
 +-- InvalidToken                   a credential nobody knows, or one of the wrong kind
 |    +-- IdentityRefused(reason)   an identity token of a CI system that nothing is given for
 +-- TokenExpired                   a credential past its date
 +-- DownloadTokenExpired           a download token that is used, expired or revoked
 +-- Forbidden(permission)          a known principal without the permission
 +-- BuildDisabled                  a download of a disabled build
 +-- ApiDisabled                    the organization switched this API off
 +-- SignInRule(rule)               a session that was not opened as the organization asks for
 +-- EntityNotFound                 no such thing, or not for this principal's eyes
 +-- SlugTaken
 +-- BuildNotProcessed
 +-- Conflict
 +-- PreconditionFailed
 |    +-- UnknownProtocol(spoken)   an upload in a version of its protocol that is not spoken here
 +-- UploadInUse                    an upload that another request is writing to
 +-- ChecksumMismatch               bytes that are not what they should be
 +-- PayloadTooLarge(limit)
 +-- QuotaExceeded(item, limit, num) the app or its organization may not have so much
 |    +-- DownloadsExhausted(...)    no more downloads this month
 +-- UnsupportedMediaType
 +-- RangeNotSatisfiable(size)      a part of a file that lies outside it
 +-- TooManyRequests(retry_after)
 +-- ServiceUnavailable(retry_after)
 |    +-- NotReady(checks)          a process that should not be sent requests now
 |    +-- StorageUnavailable(reason)   a storage provider that does not do its work now
 +-- InsufficientStorage
BuildFileInvalid(code)              a parser's verdict: a build's `error` and `errorCode`, never an HTTP answer
"""

from collections.abc import Mapping
from enum import StrEnum


class SeatrialError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or type(self).__doc__ or ""
        super().__init__(self.message)

    @property
    def data(self) -> dict[str, object] | None:
        """Machine-readable detail, where there is some."""
        return None


class InvalidRequest(SeatrialError):
    """Invalid Request"""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self.fields = dict(fields)

    @property
    def data(self) -> dict[str, object] | None:
        """Name each field with what is wrong and what is allowed."""
        return {"fields": self.fields} if self.fields else None

    def __str__(self) -> str:
        return "; ".join(f"{name}: {text}" for name, text in self.fields.items()) or self.message


class BuildFileMissing(InvalidRequest):
    """Build File Missing"""

    def __init__(self) -> None:
        super().__init__({"build": "a file part with at least one byte is required"})


class NotAuthenticated(SeatrialError):
    """No auth token"""


class WrongCredentials(NotAuthenticated):
    """No auth token"""

    @property
    def data(self) -> dict[str, object] | None:
        """Say to people what the message, which clients compare, does not."""
        return {"reason": "the e-mail address or the password is wrong"}


class SecondFactorNeeded(NotAuthenticated):
    """No auth token"""

    def __init__(self, reason: str = "this account needs a code from its authenticator app as well") -> None:
        super().__init__()
        self.reason = reason

    @property
    def data(self) -> dict[str, object] | None:
        """Say what is wrong, and that it is about the second factor."""
        return {"reason": self.reason, "twoFactor": True}


class SignInRefused(NotAuthenticated):
    """No auth token"""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    @property
    def data(self) -> dict[str, object] | None:
        """Say why."""
        return {"reason": self.reason}


class InvalidToken(SeatrialError):
    """Invalid Token"""


class IdentityRefused(InvalidToken):
    """Invalid Token"""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    @property
    def data(self) -> dict[str, object] | None:
        """Say why."""
        return {"reason": self.reason}


class TokenExpired(SeatrialError):
    """Token Expired"""


class DownloadTokenExpired(SeatrialError):
    """Token Expired"""


class Forbidden(SeatrialError):
    """Forbidden"""

    def __init__(self, permission: str | None = None) -> None:
        super().__init__()
        self.permission = permission

    @property
    def data(self) -> dict[str, object] | None:
        """Name the permission that is missing."""
        return {"permission": self.permission} if self.permission else None


class BuildDisabled(SeatrialError):
    """Build Disabled"""


class ApiDisabled(SeatrialError):
    """Forbidden"""

    def __init__(self, api: str) -> None:
        super().__init__()
        self.api = api

    @property
    def data(self) -> dict[str, object] | None:
        """Name the API that the organization switched off."""
        return {"api": self.api}


class SignInRule(SeatrialError):
    """Forbidden"""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__()
        self.rule, self.reason = rule, reason

    @property
    def data(self) -> dict[str, object] | None:
        """Name the rule, and say what to do."""
        return {"rule": self.rule, "reason": self.reason}


class EntityNotFound(SeatrialError):
    """Entity not found"""


class SlugTaken(SeatrialError):
    """Slug already used"""


class BuildNotProcessed(SeatrialError):
    """Build Not Processed"""


class Conflict(SeatrialError):
    """Conflict"""


class PreconditionFailed(SeatrialError):
    """Precondition Failed"""


class UnknownProtocol(PreconditionFailed):
    """Precondition Failed"""

    def __init__(self, spoken: str) -> None:
        super().__init__()
        self.spoken = spoken

    @property
    def data(self) -> dict[str, object] | None:
        """Name the version that is spoken."""
        return {"fields": {"Tus-Resumable": f"must be {self.spoken}"}}


class UploadInUse(SeatrialError):
    """Locked"""


class ChecksumMismatch(SeatrialError):
    """Checksum Mismatch"""


class PayloadTooLarge(SeatrialError):
    """Payload Too Large"""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    @property
    def data(self) -> dict[str, object] | None:
        """Name the limit in bytes."""
        return {"limit": self.limit}


class QuotaExceeded(SeatrialError):
    """Limit Exceeded"""

    def __init__(self, item: str, limit: int, num: int) -> None:
        super().__init__()
        self.item, self.limit, self.num = item, limit, num

    @property
    def data(self) -> dict[str, object] | None:
        """Name what is limited, how much of it is allowed, and how much it would have been."""
        return {"limit": self.limit, "num": self.num, "itemName": self.item}


class DownloadsExhausted(QuotaExceeded):
    """Limit Exceeded"""

    def __init__(self, item: str, limit: int, num: int, retry_after: int) -> None:
        super().__init__(item, limit, num)
        self.retry_after = retry_after


class UnsupportedMediaType(SeatrialError):
    """Unsupported Media Type"""


class RangeNotSatisfiable(SeatrialError):
    """Range Not Satisfiable"""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    @property
    def data(self) -> dict[str, object] | None:
        """Give the file's size in bytes."""
        return {"size": self.size}


class TooManyRequests(SeatrialError):
    """Too Many Requests"""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class ServiceUnavailable(SeatrialError):
    """Service Unavailable"""

    def __init__(self, message: str | None = None, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(ServiceUnavailable):
    """Not Ready"""

    def __init__(self, checks: Mapping[str, str]) -> None:
        super().__init__()
        self.checks = dict(checks)

    @property
    def data(self) -> dict[str, object] | None:
        """Name what was looked at, each with what is wrong or `ok`."""
        return {"checks": self.checks}


class StorageUnavailable(ServiceUnavailable):
    """Service Unavailable"""

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"The storage provider {provider} {reason}.", retry_after=30)
        self.reason = reason


class InsufficientStorage(SeatrialError):
    """Insufficient Storage"""


class ProcessingCode(StrEnum):
    """Why a build ended in `error`; the contract's section 5.1."""

    EMPTY_FILE = "EMPTY_FILE"
    UNRECOGNISED_FORMAT = "UNRECOGNISED_FORMAT"
    CORRUPT_ARCHIVE = "CORRUPT_ARCHIVE"
    ARCHIVE_BOMB = "ARCHIVE_BOMB"
    MANIFEST_MISSING = "MANIFEST_MISSING"
    MANIFEST_INVALID = "MANIFEST_INVALID"
    PLATFORM_FIELDS_MISSING = "PLATFORM_FIELDS_MISSING"
    ICON_INVALID = "ICON_INVALID"
    PROCESSING_TIMEOUT = "PROCESSING_TIMEOUT"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class BuildFileInvalid(Exception):
    """A build file that cannot be understood: a code for machines and a sentence that says what to do."""

    def __init__(self, code: ProcessingCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
