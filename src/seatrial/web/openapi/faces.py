"""The two families of routes that differ only in path and credential, and what they share."""

from dataclasses import dataclass

from seatrial.domain.build import DEFAULT_LIMIT, MAX_LIMIT
from seatrial.web.openapi.examples import BUILD_ID
from seatrial.web.openapi.notation import Json, entity_id, number, parameter, shared, string
from seatrial.wire.queries import MAX_PAGE

Credentials = tuple[dict[str, list[str]], ...]
"""Security requirements, any one of which is enough."""

APP_TOKEN: Credentials = ({"appToken": []},)
WORKSPACE_TOKEN: Credentials = ({"serviceAccountToken": []}, {"sessionToken": []})
ID_OR_SLUG = "^(([a-fA-F0-9]{24})|([a-zA-Z0-9-]{3,128}))$"


@dataclass(frozen=True, slots=True)
class Face:
    """One family of routes, as the document shows it."""

    name: str
    prefix: str
    credentials: Credentials
    parameters: tuple[Json, ...]

    def operation_id(self, verb: str) -> str:
        """Name an operation that both faces have."""
        return f"{self.name}{verb}"

    def link(self, verb: str, description: str, **parameters: str) -> Json:
        """Lead from an answer of this face to another of its operations."""
        inherited = {item: f"$request.path.{item}" for item in ("organizationId", "applicationId") if self.parameters}
        return {
            "operationId": self.operation_id(verb),
            "description": description,
            "parameters": inherited | parameters,
        }


INTEGRATIONS = Face("integrations", "/v1/integrations", APP_TOKEN, ())
WORKSPACE = Face(
    "workspace",
    "/v1/organizations/{organizationId}/apps/{applicationId}",
    WORKSPACE_TOKEN,
    (shared("organizationId"), shared("applicationId")),
)
FACES = (INTEGRATIONS, WORKSPACE)


def parameters() -> dict[str, Json]:
    """Give the parameters that several operations have."""
    return {
        "organizationId": parameter(
            "organizationId",
            "path",
            string(pattern=ID_OR_SLUG),
            "The organization's id or slug.",
            example="harbour-mobile",
        ),
        "applicationId": parameter(
            "applicationId", "path", string(pattern=ID_OR_SLUG), "The app's id or slug.", example="tide-tables"
        ),
        "buildId": parameter("buildId", "path", entity_id(), "The build's id.", example=BUILD_ID),
        "downloadToken": parameter(
            "token", "path", string(minLength=1, maxLength=256), "A download token; whoever has it can download."
        ),
        "page": parameter(
            "page", "query", number(minimum=1, maximum=MAX_PAGE, default=1), "Which page, counted from 1.", example=1
        ),
        "limit": parameter(
            "limit",
            "query",
            number(minimum=1, maximum=MAX_LIMIT, default=DEFAULT_LIMIT),
            "The most items of a page.",
            example=20,
        ),
    }


def sort(*fields: str) -> Json:
    """Describe a list's order."""
    words = [f"{field}:{way}" for field in fields for way in ("asc", "desc")]
    return parameter("sort", "query", string(enum=words, default="createdAt:desc"), "By what, and in which direction.")
