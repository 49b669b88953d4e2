"""Every failure: its code, its message, its details and an example (contract 3 and 5.1)."""

from collections.abc import Iterable
from itertools import groupby

from seatrial.domain import errors
from seatrial.web.openapi.notation import Json, boolean, header, number, record, ref, response, string
from seatrial.wire.errors import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    WIRE_ERRORS,
    error_body,
    internal_error,
    method_not_allowed,
)

Kind = type[errors.SeatrialError]

ALWAYS: tuple[Kind, ...] = (errors.ServiceUnavailable, errors.TooManyRequests)
CREDENTIAL: tuple[Kind, ...] = (errors.NotAuthenticated, errors.InvalidToken, errors.TokenExpired)
"""What every route with a credential may answer."""
SCOPED: tuple[Kind, ...] = (*CREDENTIAL, errors.Forbidden, errors.ApiDisabled, errors.EntityNotFound)
"""What every route inside an organization may answer."""
CHANGING: tuple[Kind, ...] = (*SCOPED, errors.InvalidRequest, errors.PayloadTooLarge)
"""What every route inside an organization that reads a JSON body may answer."""

_EXAMPLES: tuple[errors.SeatrialError, ...] = (
    errors.InvalidRequest({"limit": "must be an integer from 1 to 1000"}),
    errors.BuildFileMissing(),
    errors.BuildNotProcessed(),
    errors.SlugTaken(),
    errors.NotAuthenticated(),
    errors.WrongCredentials(),
    errors.SecondFactorNeeded(),
    errors.SignInRefused("this address is not known here, and this identity provider brings nobody new"),
    errors.InvalidToken(),
    errors.IdentityRefused("the identity token has been traded in already; ask for a new one"),
    errors.TokenExpired(),
    errors.DownloadTokenExpired(),
    errors.Forbidden("mad.build.management.update"),
    errors.BuildDisabled(),
    errors.ApiDisabled("integrations"),
    errors.SignInRule("twoFactor", "This organization asks for a second factor: POST /v1/auth/twoFactor sets one up."),
    errors.EntityNotFound(),
    errors.Conflict(),
    errors.PreconditionFailed(),
    errors.UnknownProtocol("1.0.0"),
    errors.UploadInUse(),
    errors.ChecksumMismatch(),
    errors.PayloadTooLarge(20 << 30),
    errors.QuotaExceeded("storage", 53_687_091_200, 53_687_099_000),
    errors.DownloadsExhausted("downloadsByMonth.202611", 10_000, 10_001, 172_800),
    errors.UnsupportedMediaType(),
    errors.RangeNotSatisfiable(538_300),
    errors.TooManyRequests(30),
    errors.ServiceUnavailable(),
    errors.InsufficientStorage(),
)

_MEANINGS: dict[int, str] = {
    400: "The request cannot be done as it was sent; `error.data.fields` names what is wrong and what is allowed.",
    401: "No credential, or none that counts (any more).",
    403: "The credential is known and may not do this.",
    404: "There is no such thing, or it is not for this credential's eyes.",
    405: "The path does not know this method; `Allow` names those that it does.",
    409: "Something stands in the way.",
    412: "The file is not, or no longer, the version that `If-Match` or `If-Unmodified-Since` names.",
    413: "The body, or a file in it, is larger than allowed, or the app or its organization has no room for it; "
    "`error.data.limit` is what is allowed.",
    415: "The body is of another kind than this route reads.",
    416: "The file has no such part; `error.data.size` is its size in bytes.",
    423: "Another request writes to the upload; come back in a moment.",
    460: "The bytes are not what the checksum says; none of them were kept.",
    429: "Too many requests; come back after `Retry-After` seconds.",
    500: "A fault of the server; its log has it under `error.data.requestId`.",
    503: "The server cannot do this now; nothing was changed. Come back after `Retry-After` seconds.",
    507: "The server's disk is full; nothing was kept.",
}

_DETAILS = {
    "fields": record(
        {
            "fields": {
                "type": "object",
                "description": "For each field what is wrong with it, and what is allowed.",
                "additionalProperties": {"type": "string"},
            }
        }
    ),
    "permission": record({"permission": string("The permission that is missing.")}),
    "reason": record({"reason": string("What happened, in more words.")}),
    "api": record(
        {
            "api": string(
                "The API that the organization switched off.", enum=["integrations", "workspace", "customLogin"]
            )
        }
    ),
    "twoFactor": record({"reason": string("What is missing or wrong."), "twoFactor": boolean(const=True)}),
    "rule": record(
        {"rule": string("The rule.", enum=["twoFactor", "identityProvider"]), "reason": string("What to do.")}
    ),
    "limit": record({"limit": number("Bytes.")}),
    "quota": record(
        {
            "limit": number("How much is allowed."),
            "num": number("How much it would have been."),
            "itemName": string("Of what: `storage`, `builds`, `uploadSize`, or `downloadsByMonth.` and a month."),
        }
    ),
    "size": record({"size": number("Bytes.")}),
    "requestId": record({"requestId": string("Also in the header `X-Request-Id`, and in the server's log.")}),
}

_HEADERS: dict[int, dict[str, Json]] = {
    401: {"WWW-Authenticate": header("The challenge of RFC 9110, section 15.5.2.", string(const="Bearer"))},
    405: {"Allow": header("The methods of this path.", string())},
    416: {"Content-Range": header("`bytes */` and the file's size.", string())},
    429: {"Retry-After": header("Seconds.", number())},
    503: {"Retry-After": header("Seconds.", number())},
}


def schemas() -> dict[str, Json]:
    """Give the schema of every failure."""
    codes = sorted({wire.code for wire in WIRE_ERRORS.values()} | {METHOD_NOT_ALLOWED.code, INTERNAL.code})
    error = record(
        {
            "code": number("What happened, for programs.", enum=codes),
            "message": string("What happened, for people."),
            "data": ref("ErrorData"),
        },
        optional=("data",),
    )
    return {
        "Error": record({"status": boolean(const=False), "error": error}, "Every failure, on every path."),
        "ErrorData": {"description": "Details for programs, where there are some.", "oneOf": list(_DETAILS.values())},
    }


def examples() -> dict[str, Json]:
    """Give one example of each failure by the name of its kind."""
    answers = {type(error).__name__: error_body(error) for error in _EXAMPLES}
    answers["MethodNotAllowed"] = method_not_allowed(["GET", "HEAD"])
    answers["InternalServerError"] = internal_error("552ae3cfcb5abfc58d733b81")
    return {name: {"summary": _summary(http, body), "value": body} for name, (http, body, _headers) in answers.items()}


def shared_responses() -> dict[str, Json]:
    """Describe the failures that belong to no single operation."""
    return {
        "MethodNotAllowed": _failure(405, [(METHOD_NOT_ALLOWED.code, "MethodNotAllowed")]),
        "InternalServerError": _failure(500, [(INTERNAL.code, "InternalServerError")]),
        "ServiceUnavailable": _of_kinds(503, [errors.ServiceUnavailable]),
        "Conflict": _of_kinds(409, [errors.Conflict]),
        "TooManyRequests": _of_kinds(429, [errors.TooManyRequests, errors.DownloadsExhausted]),
    }


def responses(kinds: Iterable[Kind]) -> dict[str, Json]:
    """Describe an operation's failures by HTTP status, those that any operation can have included."""
    inherited = {503: "ServiceUnavailable", 409: "Conflict", 429: "TooManyRequests"}
    by_number = sorted({*kinds, *ALWAYS}, key=lambda kind: (WIRE_ERRORS[kind].code, kind.__name__))
    found = {}
    for http, group in groupby(sorted(by_number, key=_http), key=_http):
        name = inherited.get(http)
        found[str(http)] = {"$ref": f"#/components/responses/{name}"} if name else _of_kinds(http, group)
    found["500"] = {"$ref": "#/components/responses/InternalServerError"}
    return dict(sorted(found.items()))


def table() -> list[tuple[int, int, str]]:
    """List HTTP status, code and message of every failure."""
    rows = {(wire.http, wire.code, kind.__doc__ or "") for kind, wire in WIRE_ERRORS.items()}
    rows |= {(METHOD_NOT_ALLOWED.http, METHOD_NOT_ALLOWED.code, "Method Not Allowed")}
    rows |= {(INTERNAL.http, INTERNAL.code, "Internal Server Error")}
    return sorted(rows)


def _http(kind: Kind) -> int:
    return WIRE_ERRORS[kind].http


def _of_kinds(http: int, kinds: Iterable[Kind]) -> Json:
    return _failure(http, [(WIRE_ERRORS[kind].code, kind.__name__) for kind in kinds])


def _failure(http: int, cases: list[tuple[int, str]]) -> Json:
    # Beside the reference, so that generated clients have one error type, and a validator still sees the codes.
    codes = sorted({code for code, _name in cases})
    schema = ref("Error", properties={"error": {"properties": {"code": {"enum": codes}}}})
    named = {name: {"$ref": f"#/components/examples/{name}"} for _code, name in cases}
    return response(_MEANINGS[http], {"application/json": {"schema": schema, "examples": named}}, _HEADERS.get(http))


def _summary(status: int, body: dict[str, object]) -> str:
    error = body["error"]
    assert isinstance(error, dict)
    return f"{status} / {error['code']} {error['message']}"
