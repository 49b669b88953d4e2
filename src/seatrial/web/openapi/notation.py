"""JSON Schema (draft 2020-12) and OpenAPI 3.1 objects in the fewest words that still say everything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.domain.errors import SeatrialError

Json = dict[str, Any]

ENTITY_ID = "^[0-9a-fA-F]{24}$"
FILE_ID = "^[0-9A-Za-z]{24}$"
TIMESTAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"


def string(description: str = "", **keywords: Any) -> Json:
    """Describe a text; keywords are JSON Schema's own."""
    return _typed("string", description, keywords)


def number(description: str = "", **keywords: Any) -> Json:
    """Describe a whole number that is never negative."""
    return _typed("integer", description, {"minimum": 0} | keywords)


def boolean(description: str = "", **keywords: Any) -> Json:
    """Describe true or false."""
    return _typed("boolean", description, keywords)


def moment(description: str = "", **keywords: Any) -> Json:
    """Describe a point in time as every answer writes it: UTC, milliseconds, `Z`."""
    return string(description, format="date-time", pattern=TIMESTAMP, **keywords)


def entity_id(description: str = "", **keywords: Any) -> Json:
    """Describe the id of anything but a file."""
    return string(description, pattern=ENTITY_ID, **keywords)


def file_id(description: str = "", **keywords: Any) -> Json:
    """Describe the id of a file of a build."""
    return string(description, pattern=FILE_ID, **keywords)


def binary(description: str = "", **keywords: Any) -> Json:
    """Describe bytes: `contentMediaType` is 3.1's way to say it, `format` the one that every generator knows."""
    return string(description, format="binary", contentMediaType="application/octet-stream", **keywords)


def array(items: Json, description: str = "", **keywords: Any) -> Json:
    """Describe a list."""
    return _typed("array", description, {"items": items} | keywords)


def record(
    properties: Mapping[str, Json], description: str = "", *, optional: Collection[str] = (), **keywords: Any
) -> Json:
    """Describe an object with exactly these keys, all of them always there but the optional ones."""
    required = [name for name in properties if name not in optional]
    shape = {"properties": dict(properties), "required": required, "additionalProperties": False}
    return _typed("object", description, {key: value for key, value in shape.items() if value != []} | keywords)


def nullable(schema: Json) -> Json:
    """Describe a value that may be null."""
    return schema | {"type": [schema["type"], "null"]}


def ref(name: str, **siblings: Any) -> Json:
    """Point at a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"} | siblings


def parameter(name: str, place: str, schema: Json, description: str, **more: Any) -> Json:
    """Describe a parameter; one in the path is required."""
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": description} | required | {"schema": schema} | more


def shared(name: str) -> Json:
    """Point at a parameter of the document."""
    return {"$ref": f"#/components/parameters/{name}"}


def envelope(title: str, data: Json) -> Json:
    """Wrap the schema of a result as every success is wrapped."""
    return {"title": title} | record({"status": boolean(const=True), "data": data})


def success(description: str, title: str, data: Json, example: object) -> Json:
    """Describe a successful answer in the envelope, with the `data` of an example."""
    content = {"schema": envelope(title, data), "examples": {"success": {"value": {"status": True, "data": example}}}}
    return response(description, {"application/json": content})


def json_body(title: str, properties: Mapping[str, Json], example: Json, *, required: Collection[str] = ()) -> Json:
    """Describe a JSON body; keys nobody knows are ignored, and so is what its header calls it (decision 30)."""
    schema: Json = {"title": title, "type": "object", "properties": dict(properties), "additionalProperties": True}
    if required:
        schema["required"] = list(required)
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def response(description: str, content: Json | None = None, headers: Mapping[str, Json] | None = None) -> Json:
    """Describe an answer; each one carries its request's id."""
    every = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    body = {"content": content} if content else {}
    return {"description": description, "headers": every | dict(headers or {})} | body


def header(description: str, schema: Json, *, required: bool = True) -> Json:
    """Describe a header of an answer."""
    return {"description": description, "required": required, "schema": schema}


@dataclass(frozen=True, slots=True)
class Sample:
    """A command line to paste; `{api}`, `{upload}` and `{download}` stand for the server's addresses."""

    label: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    id: str
    """Stable: generated clients name their functions after it."""
    method: str
    path: str
    tag: str
    summary: str
    description: str = ""
    credentials: Sequence[Mapping[str, Sequence[str]]] = ()
    """Security requirements, any one of which is enough; none where anybody may ask."""
    permission: str = ""
    parameters: Sequence[Json] = ()
    body: Json | None = None
    answers: Mapping[int, Json]
    errors: Sequence[type[SeatrialError]] = ()
    samples: Sequence[Sample] = ()
    links: Mapping[str, Json] = field(default_factory=dict)
    """Where an answer's values lead (OpenAPI links), on the 200."""
    server: str = "api"
    """Which of the addresses serves it where the operator has several: api, upload, download or sdk."""


def _typed(kind: str, description: str, keywords: Mapping[str, Any]) -> Json:
    return {"type": kind} | ({"description": description} if description else {}) | dict(keywords)
