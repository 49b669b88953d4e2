"""The two families of routes that differ only in path and credential, and what they share."""

from dataclasses import dataclass

from seatrial.web import digests
from seatrial.web.openapi.examples import BUILD_ID
from seatrial.web.openapi.notation import Json, entity_id, parameter, shared, string

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


ORGANIZATION = "/v1/organizations/{organizationId}"

INTEGRATIONS = Face("integrations", "/v1/integrations", APP_TOKEN, ())
WORKSPACE = Face(
    "workspace",
    f"{ORGANIZATION}/apps/{{applicationId}}",
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
        "uploadId": parameter("uploadId", "path", entity_id(), "The upload's id."),
        "feedbackId": parameter("feedbackId", "path", entity_id(), "The feedback's id."),
        "appTokenId": parameter("appTokenId", "path", entity_id(), "The token's id, not its secret."),
        "serviceAccountId": parameter("serviceAccountId", "path", entity_id(), "The service account's id."),
        "employeeId": parameter("employeeId", "path", entity_id(), "The employee's id."),
        "deviceId": parameter("deviceId", "path", entity_id(), "The device's id."),
        "groupId": parameter("groupId", "path", entity_id(), "The group's id."),
        "audienceId": parameter("audienceId", "path", entity_id(), "The audience's id."),
        "invitationId": parameter("invitationId", "path", entity_id(), "The invitation's id."),
        "collaboratorId": parameter("collaboratorId", "path", entity_id(), "The person's id."),
        "identityProviderId": parameter("identityProviderId", "path", entity_id(), "The identity provider's id."),
        "storageProviderId": parameter("storageProviderId", "path", entity_id(), "The storage provider's id."),
        "trustedPublisherId": parameter("trustedPublisherId", "path", entity_id(), "The rule's id."),
        "sessionId": parameter("sessionId", "path", entity_id(), "The session's id."),
        "sdkAuthToken": parameter(
            "x-sdk-auth-token", "header", string(maxLength=256), "The member who is signed in to the app's SDK."
        ),
        "idempotencyKey": parameter(
            digests.KEY_HEADER,
            "header",
            string(minLength=1, maxLength=digests.KEY_LIMIT, pattern="^[!-~]+$"),
            "Any word that you choose once for what you send: sent again with it, it is not done again, and the answer "
            "is the same. Another file, or another thing said about it, under the same key is 409.",
            example="8e03978e-40d5-43dd-bc93-6894a57f9324",
        ),
        "contentDigest": parameter(
            "Content-Digest",
            "header",
            string(pattern="sha-256="),
            "The SHA-256 of the body (RFC 9530), or of the file; `Repr-Digest` and `Digest` are read as well. Other "
            "bytes are refused.",
            example="sha-256=:qZ+NkcGgWq6PiVxeFDCbJzQ2J0MIxcpq1RDEpgXwSPk=:",
        ),
        "checksumSha256": parameter(
            digests.FILE_HEADER,
            "header",
            string(pattern="^[0-9a-fA-F]{64}$"),
            "The SHA-256 of the file in hex. Other bytes are refused.",
        ),
        "webhookId": parameter("webhookId", "path", entity_id(), "The webhook's id."),
        "deliveryId": parameter("deliveryId", "path", entity_id(), "The delivery's id."),
        "downloadToken": parameter(
            "token", "path", string(minLength=1, maxLength=256), "A download token; whoever has it can download."
        ),
    }
