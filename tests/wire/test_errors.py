import pytest

from seatrial.domain import errors
from seatrial.wire.errors import WIRE_ERRORS, error_body, internal_error, method_not_allowed
from tests.wire.shapes import printed_samples


def subclasses(kind: type[errors.SeatrialError]) -> set[type[errors.SeatrialError]]:
    return {found for child in kind.__subclasses__() for found in {child} | subclasses(child)}


def test_every_business_error_has_a_wire_code() -> None:
    ours = {kind for kind in subclasses(errors.SeatrialError) if kind.__module__.startswith("seatrial.")}
    assert ours == set(WIRE_ERRORS)


@pytest.mark.parametrize(
    ("error", "http", "code", "message", "data"),
    [
        (errors.InvalidRequest({"os": "no"}), 400, 1000, "Invalid Request", {"fields": {"os": "no"}}),
        (errors.BuildNotProcessed(), 400, 5014, "Build Not Processed", None),
        (errors.SlugTaken(), 400, 5024, "Slug already used", None),
        (errors.NotAuthenticated(), 401, 4002, "No auth token", None),
        (errors.InvalidToken(), 401, 4004, "Invalid Token", None),
        (errors.TokenExpired(), 401, 3002, "Token Expired", None),
        (errors.DownloadTokenExpired(), 401, 4005, "Token Expired", None),
        (
            errors.Forbidden("mad.build.management.update"),
            403,
            4003,
            "Forbidden",
            {"permission": "mad.build.management.update"},
        ),
        (errors.BuildDisabled(), 403, 4003, "Build Disabled", None),
        (errors.ApiDisabled("workspace"), 403, 4003, "Forbidden", {"api": "workspace"}),
        (errors.EntityNotFound(), 404, 3001, "Entity not found", None),
        (errors.Conflict(), 409, 1009, "Conflict", None),
        (errors.PreconditionFailed(), 412, 1012, "Precondition Failed", None),
        (
            errors.UnknownProtocol("1.0.0"),
            *(412, 1012, "Precondition Failed", {"fields": {"Tus-Resumable": "must be 1.0.0"}}),
        ),
        (errors.UploadInUse(), 423, 1023, "Locked", None),
        (errors.ChecksumMismatch(), 460, 1060, "Checksum Mismatch", None),
        (errors.PayloadTooLarge(7), 413, 1013, "Payload Too Large", {"limit": 7}),
        (errors.UnsupportedMediaType(), 415, 1015, "Unsupported Media Type", None),
        (errors.RangeNotSatisfiable(7), 416, 1016, "Range Not Satisfiable", {"size": 7}),
        (errors.TooManyRequests(9), 429, 1029, "Too Many Requests", None),
        (errors.ServiceUnavailable(), 503, 1503, "Service Unavailable", None),
        (errors.InsufficientStorage(), 507, 1507, "Insufficient Storage", None),
    ],
)
def test_error_is_answered_as_the_contract_says(
    error: errors.SeatrialError, http: int, code: int, message: str, data: object
) -> None:
    status, body, _ = error_body(error)
    expected = {"code": code, "message": message} | ({"data": data} if data else {})
    assert (status, body) == (http, {"status": False, "error": expected})


def test_decision_11_missing_build_file_is_5006_and_names_the_field() -> None:
    status, body, _ = error_body(errors.BuildFileMissing())
    error = body["error"]
    assert isinstance(error, dict)
    assert (status, error["code"], list(error["data"]["fields"])) == (400, 5006, ["build"])


@pytest.mark.parametrize(
    ("error", "seconds"), [(errors.TooManyRequests(30), "30"), (errors.ServiceUnavailable(retry_after=5), "5")]
)
def test_retry_after_says_when_to_come_back(error: errors.SeatrialError, seconds: str) -> None:
    assert error_body(error)[2] == {"Retry-After": seconds}


def test_401_carries_a_challenge_and_404_does_not() -> None:
    assert error_body(errors.NotAuthenticated())[2] == {"WWW-Authenticate": "Bearer"}
    assert error_body(errors.EntityNotFound())[2] == {}


def test_unknown_kind_of_error_is_answered_as_its_ancestor() -> None:
    class Stranger(errors.Conflict):
        """Odd"""

    status, body, _ = error_body(Stranger())
    assert (status, body) == (409, {"status": False, "error": {"code": 1009, "message": "Odd"}})
    assert error_body(errors.SeatrialError())[0] == 500


def test_method_not_allowed_names_the_methods() -> None:
    status, body, headers = method_not_allowed(["PUT", "GET"])
    assert (status, headers) == (405, {"Allow": "GET, PUT"})
    assert body == {"status": False, "error": {"code": 1005, "message": "Method Not Allowed"}}


def test_internal_error_tells_nothing_but_the_request_id() -> None:
    expected = {"code": 1500, "message": "Internal Server Error", "data": {"requestId": "r1"}}
    assert internal_error("r1") == (500, {"status": False, "error": expected}, {})


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_every_failure_that_the_documents_print_is_one_of_ours(number: str) -> None:
    ours = {(wire.code, kind.__doc__) for kind, wire in WIRE_ERRORS.items()}
    printed = {
        (sample["error"]["code"], sample["error"]["message"]) for sample in printed_samples(number) if "error" in sample
    }
    assert printed
    assert printed <= ours
