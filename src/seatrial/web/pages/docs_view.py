"""What the page about the API shows of the OpenAPI document: references followed, schemas as rows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

Json = dict[str, Any]

_CODE = re.compile(r"`([^`]+)`")
_BOUNDS = {
    "default": "default {}",
    "const": "always {}",
    "minimum": "from {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "{}",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, field or key."""

    name: str
    kind: Markup
    required: bool
    text: Markup
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One status of an operation."""

    status: str
    text: Markup
    kind: Markup
    headers: list[Row]
    examples: list[tuple[str, str]]

    @property
    def codes(self) -> list[str]:
        """What the examples of a failure are of, each once: `5014 Build Not Processed`."""
        return list(dict.fromkeys(name.partition(" / ")[2] for name, _text in self.examples))


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    text: Markup
    credentials: list[str]
    parameters: list[Row]
    media_type: str
    fields: list[Row]
    body_example: str
    answers: list[Answer]
    failures: list[Answer]
    samples: list[Json]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of one noun."""

    name: str
    text: str
    entries: list[Entry]


def prose(text: str) -> Markup:
    """Show a description: paragraphs, and code between backticks."""
    paragraphs = (_CODE.sub(r"<code>\1</code>", str(escape(part))) for part in text.split("\n\n") if part)
    return Markup("").join(Markup("<p>{}</p>").format(Markup(part)) for part in paragraphs)  # noqa: S704  # escaped above


def chapters(document: Json) -> list[Chapter]:
    """Give every operation in the order of the document's tags."""
    found: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            found[operation["tags"][0]].append(_entry(document, path, method, operation))
    return [Chapter(tag["name"], tag["description"], found[tag["name"]]) for tag in document["tags"]]


def schema_views(document: Json) -> list[tuple[str, Markup, Markup, list[Row]]]:
    """Give the named schemas: name, meaning, kind, keys."""
    return [
        (name, prose(schema.get("description", "")), _kind(schema), list(_rows(schema)))
        for name, schema in document["components"]["schemas"].items()
    ]


def _entry(document: Json, path: str, method: str, operation: Json) -> Entry:
    media_type, body = _content(operation.get("requestBody", {}))
    answers = {status: _resolve(document, answer) for status, answer in operation["responses"].items()}
    return Entry(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=prose(operation.get("description", "")),
        credentials=[" + ".join(one) or "none" for one in operation["security"]],
        parameters=[_parameter(_resolve(document, item)) for item in operation.get("parameters", [])],
        media_type=media_type,
        fields=list(_rows(body.get("schema", {}))),
        body_example="" if media_type.startswith("multipart/") else _body_example(body),
        answers=[_answer(document, status, answer) for status, answer in answers.items() if status < "400"],
        failures=[_answer(document, status, answer) for status, answer in answers.items() if status >= "400"],
        samples=operation.get("x-codeSamples", []),
    )


def _content(described: Json) -> tuple[str, Json]:
    """Give the only media type of a body and what is said about it."""
    content: dict[str, Json] = described.get("content", {})
    return next(iter(content.items()), ("", {}))


def _parameter(item: Json) -> Row:
    return Row(
        item["name"], _kind(item["schema"]), item.get("required", False), prose(item.get("description", "")), item["in"]
    )


def _answer(document: Json, status: str, answer: Json) -> Answer:
    media_type, content = _content(answer)
    schema = content.get("schema", {})
    data = schema.get("properties", {}).get("data", {}) if schema.get("title") else {}
    headers = {name: _resolve(document, item) for name, item in answer.get("headers", {}).items()}
    return Answer(
        status=status,
        text=prose(answer["description"]),
        kind=_kind(data) if data else escape(media_type if media_type != "application/json" else ""),
        headers=[
            Row(name, _kind(item["schema"]), item["required"], prose(item["description"]))
            for name, item in headers.items()
            if name != "X-Request-Id"
        ],
        examples=[_example(document, name, item) for name, item in content.get("examples", {}).items()],
    )


def _example(document: Json, name: str, item: Json) -> tuple[str, str]:
    example = _resolve(document, item)
    return example.get("summary", name), _pretty(example["value"])


def _body_example(body: Json) -> str:
    return _pretty(body["example"]) if "example" in body else ""


def _rows(schema: Json, prefix: str = "") -> Iterator[Row]:
    """Give an object's keys, those of objects inside it under their dotted names; named schemas are only named."""
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    for name, item in properties.items():
        full = f"{prefix}{name}"
        yield Row(full, _kind(item), name in required, prose(item.get("description", "")))
        inside = [*_rows(item, f"{full}."), *_rows(item.get("items", {}), f"{full}[].")]
        # What a form spells flat as well is told there.
        yield from (row for row in inside if not any(f"{key}.".startswith(f"{row.name}.") for key in properties))
    for pattern, item in schema.get("patternProperties", {}).items():
        yield Row(f"{prefix}/{pattern}/", _kind(item), False, prose(item.get("description", "")))


def _kind(schema: Json) -> Markup:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return Markup(" or ").join(dict.fromkeys(_kind(item) for item in schema[several]))
    return _typed(schema)


def _typed(schema: Json) -> Markup:
    types = schema.get("type", "anything")
    words = [types] if isinstance(types, str) else list(types)
    if schema.get("format") == "binary":
        return Markup("file")
    if schema.get("format") in {"date-time", "uri"}:
        words.append(schema["format"])
    shown = escape(" or ".join(words))
    if types == "array":
        shown = Markup("array of {}").format(_kind(schema["items"]))
    notes = [template.format(_word(schema[key])) for key, template in _BOUNDS.items() if key in schema]
    if "enum" in schema:
        notes.append(" | ".join(_word(value) for value in schema["enum"]))
    return shown + Markup("").join(Markup(' <span class="bound">{}</span>').format(note) for note in notes)


def _word(value: object) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def _resolve(document: Json, item: Json) -> Json:
    if "$ref" not in item:
        return item
    found = document
    for step in item["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
