"""What the OpenAPI document says, as tests ask for it."""

from dataclasses import dataclass
from typing import Any

import httpx
from openapi_schema_validator import OAS31Validator, oas31_format_checker

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """A document, and whether something is as it says."""

    document: Json

    def operations(self) -> dict[str, Json]:
        """Give every operation by its id, with its `method` and `path`."""
        return {
            operation["operationId"]: operation | {"method": method.upper(), "path": path}
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        }

    def follow(self, item: Json) -> Json:
        """Give what a reference points at, and anything else as it is."""
        found = item
        while "$ref" in found:
            target: Json = self.document
            for step in found["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            found = target
        return found

    def complaints(self, schema: Json, value: object) -> list[str]:
        """Say where a value is not as a schema of the document wants it."""
        whole = schema | {"components": self.document["components"]}
        validator = OAS31Validator(whole, format_checker=oas31_format_checker)
        return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]

    def check(self, operation_id: str, response: httpx.Response) -> None:
        """Fail where an answer is not as its operation's description says: status, headers, media type, body."""
        answers = self.operations()[operation_id]["responses"]
        assert str(response.status_code) in answers, (operation_id, response.status_code, response.text)
        answer = self.follow(answers[str(response.status_code)])
        for name, header in answer.get("headers", {}).items():
            said = self.follow(header)
            assert name in response.headers or not said["required"], name
            if name in response.headers and said["schema"]["type"] == "string":
                assert self.complaints(said["schema"], response.headers[name]) == []
        if "content" not in answer:
            assert response.content == b""
            return
        [(media_type, content)] = answer["content"].items()
        assert media_type in {"*/*", response.headers["content-type"].partition(";")[0]}
        if media_type == "application/json":
            assert self.complaints(content["schema"], response.json()) == []
