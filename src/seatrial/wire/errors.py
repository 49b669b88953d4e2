"""Business errors as HTTP numbers and codes (contract, sections 3 and 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.domain import errors
from seatrial.wire.envelope import failed

ErrorAnswer = tuple[int, dict[str, object], dict[str, str]]
"""An HTTP status, a body and headers."""


@dataclass(frozen=True, slots=True)
class WireError:
    """How one kind of error looks from outside."""

    http: int
    code: int


WIRE_ERRORS: dict[type[errors.SeatrialError], WireError] = {
    errors.InvalidRequest: WireError(400, 1000),
    errors.BuildFileMissing: WireError(400, 5006),
    errors.BuildNotProcessed: WireError(400, 5014),
    errors.SlugTaken: WireError(400, 5024),
    errors.NotAuthenticated: WireError(401, 4002),
    errors.WrongCredentials: WireError(401, 4002),
    errors.SecondFactorNeeded: WireError(401, 4002),
    errors.SignInRefused: WireError(401, 4002),
    errors.InvalidToken: WireError(401, 4004),
    errors.IdentityRefused: WireError(401, 4004),
    errors.TokenExpired: WireError(401, 3002),
    errors.DownloadTokenExpired: WireError(401, 4005),
    errors.Forbidden: WireError(403, 4003),
    errors.BuildDisabled: WireError(403, 4003),
    errors.ApiDisabled: WireError(403, 4003),
    errors.SignInRule: WireError(403, 4003),
    errors.EntityNotFound: WireError(404, 3001),
    errors.Conflict: WireError(409, 1009),
    errors.PreconditionFailed: WireError(412, 1012),
    errors.UnknownProtocol: WireError(412, 1012),
    errors.PayloadTooLarge: WireError(413, 1013),
    errors.QuotaExceeded: WireError(413, 5003),
    errors.DownloadsExhausted: WireError(429, 5003),
    errors.UnsupportedMediaType: WireError(415, 1015),
    errors.RangeNotSatisfiable: WireError(416, 1016),
    errors.UploadInUse: WireError(423, 1023),
    errors.TooManyRequests: WireError(429, 1029),
    errors.ChecksumMismatch: WireError(460, 1060),
    errors.ServiceUnavailable: WireError(503, 1503),
    errors.StorageUnavailable: WireError(503, 1503),
    errors.NotReady: WireError(503, 1503),
    errors.InsufficientStorage: WireError(507, 1507),
}

METHOD_NOT_ALLOWED = WireError(405, 1005)
INTERNAL = WireError(500, 1500)


def error_body(error: errors.SeatrialError) -> ErrorAnswer:
    """Answer a business error; one that the table does not know is answered as its nearest ancestor."""
    wire = next((WIRE_ERRORS[kind] for kind in type(error).__mro__ if kind in WIRE_ERRORS), INTERNAL)
    headers = {}
    if isinstance(error, (errors.TooManyRequests, errors.ServiceUnavailable, errors.DownloadsExhausted)):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.size}"  # RFC 9110, section 15.5.17
    if isinstance(error, errors.UnknownProtocol):
        headers["Tus-Version"] = error.spoken
    if wire.http == 401:
        headers["WWW-Authenticate"] = "Bearer"  # a 401 must carry a challenge: RFC 9110, section 15.5.2
    return wire.http, failed(wire.code, error.message, error.data), headers


def method_not_allowed(allowed: Iterable[str]) -> ErrorAnswer:
    """Answer a method that a path does not know, naming those that it does."""
    allow = ", ".join(sorted(allowed))
    return METHOD_NOT_ALLOWED.http, failed(METHOD_NOT_ALLOWED.code, "Method Not Allowed"), {"Allow": allow}


def internal_error(request_id: str) -> ErrorAnswer:
    """Answer a fault of our own: nothing about it but the id under which the log has it."""
    return INTERNAL.http, failed(INTERNAL.code, "Internal Server Error", {"requestId": request_id}), {}
