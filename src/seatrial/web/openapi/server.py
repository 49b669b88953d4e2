"""What a server has beside the API: its health, this description, and the pages of its first start."""

from seatrial import __version__
from seatrial.domain import errors
from seatrial.web.arrivals import SCHEME
from seatrial.web.openapi.notation import Json, Operation, header, parameter, record, response, string, success

TAG = "Server"

_HTML = {"text/html": {"schema": string()}}
_SETUP_TOKEN = parameter("token", "path", string(minLength=1), "From the link that an empty server prints.")
_NO_STORE = {"Cache-Control": header("Nobody may keep it.", string(const="no-store"))}


def operations() -> list[Operation]:
    """Describe the routes of the server itself."""
    return [
        _health(),
        _ready(),
        _metrics(),
        *_doctor(),
        _document(),
        _docs(),
        _setup(),
        _create_owner(),
        *_password_page(),
        *_login_page(),
    ]


def _health() -> Operation:
    version = record({"version": string("The server's version.")})
    return Operation(
        id="showHealth",
        method="get",
        path="/healthz",
        tag=TAG,
        summary="Whether the server can serve",
        description="For load balancers: 200 while the database answers.",
        answers={200: success("It can.", "HealthAnswer", version, {"version": __version__})},
    )


def _ready() -> Operation:
    said = record(
        {
            "version": string("The server's version."),
            "checks": {"type": "object", "additionalProperties": string(), "description": "What was looked at."},
        }
    )
    example = {"process": "ok", "database": "ok", "migrations": "ok", "storage": "ok"}
    return Operation(
        id="showReadiness",
        method="get",
        path="/readyz",
        tag=TAG,
        summary="Whether the server should get requests",
        description="For load balancers: 503 while what a request needs is away, and when it is about to stop.",
        answers={200: success("It should.", "ReadinessAnswer", said, {"version": __version__, "checks": example})},
        errors=(errors.ServiceUnavailable,),
    )


def _metrics() -> Operation:
    return Operation(
        id="showMetrics",
        method="get",
        path="/metrics",
        tag=TAG,
        summary="Figures for Prometheus",
        description="To this machine, or to whoever has the token of the setting `metrics.token`.",
        answers={200: response("Figures.", {"text/plain": {"schema": string()}})},
        errors=(errors.EntityNotFound, errors.NotAuthenticated, errors.InvalidToken),
    )


def _doctor() -> list[Operation]:
    parameters = (
        parameter("probe", "path", string(minLength=1, maxLength=64), "What is tried."),
        *(parameter(name, "query", string(), "Made by the doctor.") for name in ("nonce", "expires", "signature")),
    )
    description = "Signed with the server's own keys; nobody else is answered."
    return [
        Operation(
            id="answerDoctor",
            method="get",
            path="/v1/doctor/{probe}",
            tag=TAG,
            summary="How a request of the server's own doctor arrives",
            description=description,
            parameters=parameters,
            answers={200: response("What was tried."), 206: response("A part of a file.")},
            errors=(errors.EntityNotFound,),
        ),
        Operation(
            id="answerDoctorsUpload",
            method="post",
            path="/v1/doctor/{probe}",
            tag=TAG,
            summary="How a body of the server's own doctor arrives; it is dropped",
            description=description,
            parameters=parameters,
            body={"required": False, "content": {"application/octet-stream": {"schema": string()}}},
            answers={200: response("How much came, and over how long.")},
            errors=(errors.EntityNotFound, errors.PayloadTooLarge, errors.InvalidRequest),
        ),
    ]


def _document() -> Operation:
    etag = {"ETag": header("Changes with the document.", string())}
    content = {"application/json": {"schema": {"type": "object", "description": "An OpenAPI 3.1 document."}}}
    return Operation(
        id="showOpenApi",
        method="get",
        path="/openapi.json",
        tag=TAG,
        summary="This description for programs",
        parameters=(parameter("If-None-Match", "header", string(), "The ETag of the copy at hand."),),
        answers={200: response("The document.", content, etag), 304: response("The copy is good.", headers=etag)},
    )


def _docs() -> Operation:
    return Operation(
        id="showDocs",
        method="get",
        path="/docs",
        tag=TAG,
        summary="This description for people",
        answers={200: response("A page.", _HTML)},
    )


def _setup() -> Operation:
    return Operation(
        id="showSetup",
        method="get",
        path="/setup/{token}",
        tag=TAG,
        summary="The page behind the one-time link of a first start",
        parameters=(_SETUP_TOKEN,),
        answers={
            200: response("The form.", _HTML, _NO_STORE),
            404: response("The link is over.", _HTML, _NO_STORE),
        },
    )


def _create_owner() -> Operation:
    names = ("organization", "app", "email", "password")
    form: Json = {
        "title": "Owner",
        "type": "object",
        "properties": {name: string() for name in names},
        "required": list(names),
        "additionalProperties": True,
    }
    return Operation(
        id="createOwner",
        method="post",
        path="/setup/{token}",
        tag=TAG,
        summary="Create the owner; shows the first credentials, this once",
        parameters=(_SETUP_TOKEN,),
        body={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        answers={
            200: response("The credentials.", _HTML, _NO_STORE),
            400: response("The form again, with what is wrong.", _HTML, _NO_STORE),
            404: response("The link is over.", _HTML, _NO_STORE),
        },
        errors=(errors.PayloadTooLarge,),
    )


def _password_page() -> list[Operation]:
    token = parameter("token", "path", string(minLength=1, maxLength=256), "The secret at the end of the link.")
    form: Json = {
        "title": "AnotherPassword",
        "type": "object",
        "properties": {"password": string()},
        "required": ["password"],
        "additionalProperties": True,
    }
    over = response("The link is over.", _HTML, _NO_STORE)
    return [
        Operation(
            id="showPasswordReset",
            method="get",
            path="/password/{token}",
            tag=TAG,
            summary="The page behind the link of a mail that resets a password",
            parameters=(token,),
            answers={200: response("The form.", _HTML, _NO_STORE), 404: over},
        ),
        Operation(
            id="submitPasswordReset",
            method="post",
            path="/password/{token}",
            tag=TAG,
            summary="Its form",
            parameters=(token,),
            body={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
            answers={
                200: response("Done.", _HTML, _NO_STORE),
                400: response("The form again, with what is wrong.", _HTML, _NO_STORE),
                404: over,
            },
            errors=(errors.PayloadTooLarge,),
        ),
    ]


def _login_page() -> list[Operation]:
    organization = parameter("organization", "path", string(minLength=1, maxLength=128), "The id or slug.")
    own_scheme = string(pattern=f"^({SCHEME.pattern})?$")
    scheme = parameter("scheme", "query", own_scheme, "The URL scheme of an app with an SDK.")
    then = parameter("next", "query", string(), "A path of this server to go on to.")
    form: Json = {
        "title": "SignIn",
        "type": "object",
        "properties": {name: string() for name in ("proof", "scheme", "next", "email", "password", "code")},
        "required": ["proof", "email", "password"],
        "additionalProperties": True,
    }
    over = response("There is no such organization, or no such app.", _HTML, _NO_STORE)
    again = response("The form again, with what is wrong.", _HTML, _NO_STORE)
    return [
        Operation(
            id="showLogin",
            method="get",
            path="/login/{organization}",
            tag=TAG,
            summary="The page where users and employees of an organization sign in",
            parameters=(organization, scheme, then),
            answers={200: response("The form.", _HTML, _NO_STORE), 400: over, 404: over},
        ),
        Operation(
            id="submitLogin",
            method="post",
            path="/login/{organization}",
            tag=TAG,
            summary="Its form",
            parameters=(organization,),
            body={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
            answers={
                303: response("Signed in.", headers={"Location": header("A page, or the app.", string())}),
                400: over,
                401: again,
                403: again,
                404: over,
            },
            errors=(errors.PayloadTooLarge, errors.TooManyRequests),
        ),
    ]
