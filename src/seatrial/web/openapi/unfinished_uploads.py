"""What both kinds of upload that take more than one request have: those in tus, and those to an object store."""

from dataclasses import dataclass, replace

from seatrial.domain.access import Permission
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import Face
from seatrial.web.openapi.notation import Json, Operation, entity_id, moment, nullable, number, ref, shared, success
from seatrial.web.openapi.uploads import TAG

EXAMPLE: Json = {
    "id": "6f1b2c3d4e5f60718293a4b5",
    "length": 48_234_496,
    "metadata": {"filename": "app.ipa", "versionName": "v2.4.0-rc1"},
    "createdAt": "2024-11-11T11:27:35.446Z",
    "expiresAt": "2024-11-12T11:27:35.446Z",
    "buildId": None,
    "build": None,
}
SHOWN: Json = {
    "id": entity_id(),
    "length": number("Bytes."),
    "metadata": {
        "type": "object",
        "description": "What was said about it.",
        "additionalProperties": {"type": "string"},
    },
    "createdAt": moment(),
    "expiresAt": moment("When it is forgotten."),
    "buildId": nullable(entity_id("Of what it has become.")),
    "build": {
        "description": "The same, whole; null before, and once it is deleted.",
        "oneOf": [ref("Build"), {"type": "null"}],
    },
}


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """One kind of them, on both faces."""

    name: str
    """As the schema is called: `DirectUpload`, with `ShowDirectUpload` and so on."""
    folder: str
    """In the path, behind that of the face."""
    example: Json

    def path(self, face: Face) -> str:
        """The path to one."""
        return f"{face.prefix}/{self.folder}/{{uploadId}}"

    def parameters(self, face: Face) -> tuple[Json, ...]:
        """The parameters of the path to one."""
        return (*face.parameters, shared("uploadId"))

    def answer(self) -> dict[int, Json]:
        """Describe the answer that is one of them."""
        return {200: success("The upload.", f"{self.name}Answer", ref(self.name), self.example)}

    def show(self, face: Face, summary: str, description: str = "") -> Operation:
        """Describe how one is looked at."""
        return Operation(
            id=face.operation_id(f"Show{self.name}"),
            method="get",
            path=self.path(face),
            tag=TAG,
            summary=summary,
            description=description,
            credentials=face.credentials,
            permission=Permission.BUILD_CREATE,
            parameters=self.parameters(face),
            answers=self.answer(),
            errors=SCOPED,
            server="upload",
        )

    def terminate(self, face: Face, summary: str, description: str, gone: dict[int, Json]) -> Operation:
        """Describe how one is given up; `gone` is the answer."""
        return replace(
            self.show(face, summary, description),
            id=face.operation_id(f"Terminate{self.name}"),
            method="delete",
            answers=gone,
        )
