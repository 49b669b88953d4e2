"""The OpenAPI document against the routes, the errors and the source documents."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Mount, Route

from seatrial.meter import Meter
from seatrial.web.app import create_app
from seatrial.web.context import BodyLimits, Context, PublicUrls
from seatrial.web.openapi.document import build
from seatrial.wire.fields import LANGUAGES
from seatrial.wire.links import Links
from tests.e2e.curl_lines import BY_DOCUMENT
from tests.openapi import Described
from tests.wire.shapes import golden, printed_samples, shape

Json = dict[str, Any]

BASE = "https://builds.example.com"
LINKS = Links(api=BASE, upload=BASE, download=BASE, sdk=BASE)
VENDOR = re.compile(r"https://(upload|api|download-api)\.applivery\.io")
DESCRIBED = Described(build(PublicUrls(), LINKS))
OPERATIONS = DESCRIBED.operations()


def walk(value: object) -> Iterator[Json]:
    """Give every object inside the document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


def test_the_document_is_openapi_3_1() -> None:
    assert DESCRIBED.document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(DESCRIBED.document).iter_errors()] == []


NO_API = ("/dashboard", "/static/")
"""Pages for people, and what they are made of."""


def test_every_route_is_described_and_no_other() -> None:
    limits = BodyLimits(json=1, idle_read=1, refused=1, refused_seconds=1)
    app = create_app(cast("Context", SimpleNamespace(body_limits=limits, meter=Meter())))
    routes = [route for route in app.routes if isinstance(route, Route) and not route.path.startswith(NO_API)]
    assert not [route for route in app.routes if isinstance(route, Mount)]
    served = {(method, route.path): route for route in routes for method in route.methods or ()}
    # The HEAD of a GET is no operation of its own; that of a download token is.
    own = {
        (method, re.sub(r"\{[^}]*\}", "{}", path))
        for (method, path), route in served.items()
        if method != "HEAD" or served["GET", path].endpoint is not route.endpoint
    }
    assert {(one["method"], re.sub(r"\{[^}]*\}", "{}", one["path"])) for one in OPERATIONS.values()} == own


def test_every_operation_says_what_a_reader_and_a_generator_need() -> None:
    tags = {tag["name"] for tag in DESCRIBED.document["tags"]}
    described = [(method, path) for path, item in DESCRIBED.document["paths"].items() for method in item]
    assert len(OPERATIONS) == len(described), "two operations have the same id"
    for name, operation in OPERATIONS.items():
        assert re.fullmatch(r"[a-z][A-Za-z]+", name)
        assert operation["summary"]
        assert set(operation["tags"]) <= tags
        assert "security" in operation
        named = [DESCRIBED.follow(item) for item in operation.get("parameters", [])]
        in_path = {item["name"] for item in named if item["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", operation["path"]))
        assert all(item["description"] and item["schema"] for item in named)
    assert tags == {operation["tags"][0] for operation in OPERATIONS.values()}


def test_every_key_of_an_answer_is_always_there_or_told_to_be_optional() -> None:
    optional = {
        (name, key)
        for name, schema in DESCRIBED.document["components"]["schemas"].items()
        for inner in walk(schema)
        if inner.get("additionalProperties") is False
        for key in set(inner.get("properties", {})) - set(inner.get("required", []))
    }
    assert optional == {
        ("Build", "error"),
        ("Build", "errorCode"),
        ("BuildFile", "details"),
        ("Error", "data"),
        ("Profile", "twoFactor"),
        # Shown once.
        ("Invitation", "link"),
        # Of Android where they are set, and where a film was announced.
        ("SdkConfiguration", "mustUpdateMsg"),
        ("SdkConfiguration", "updateMsg"),
        ("ReceivedFeedback", "videoFile"),
    }


@pytest.mark.parametrize(
    ("http", "code"),
    [  # contract, sections 3.1 and 5.1
        (401, 4002),
        (401, 4004),
        (401, 3002),
        (401, 4005),
        (404, 3001),
        (403, 4003),
        (400, 5006),
        (400, 5014),
        (400, 5024),
        (400, 1000),
        (405, 1005),
        (409, 1009),
        (412, 1012),
        (413, 1013),
        (415, 1015),
        (416, 1016),
        (429, 1029),
        (500, 1500),
        (503, 1503),
        (507, 1507),
    ],
)
def test_every_error_code_has_an_example_at_its_http_status(http: int, code: int) -> None:
    components = DESCRIBED.document["components"]
    answers = [answer for operation in OPERATIONS.values() for answer in operation["responses"].items()]
    answers += [(str(http), components["responses"]["MethodNotAllowed"])] if http == 405 else []
    shown = {
        example["value"]["error"]["code"]
        for status, answer in answers
        if status == str(http)
        for content in DESCRIBED.follow(answer).get("content", {}).values()
        for example in map(DESCRIBED.follow, content.get("examples", {}).values())
    }
    assert code in shown


def test_every_example_is_as_its_schema_says() -> None:
    wrong = {}
    seen = 0
    for name, operation in OPERATIONS.items():
        described = [operation.get("requestBody", {}), *map(DESCRIBED.follow, operation["responses"].values())]
        described += [{"content": {"": DESCRIBED.follow(item)}} for item in operation.get("parameters", [])]
        for content in (content for one in described for content in one.get("content", {}).values()):
            shown = [content["example"]] if "example" in content else []
            shown += [DESCRIBED.follow(example)["value"] for example in content.get("examples", {}).values()]
            for example in shown:
                seen += 1
                if complaints := DESCRIBED.complaints(content["schema"], example):
                    wrong[name] = complaints
    assert wrong == {}
    assert seen > 200


@pytest.mark.parametrize("number", sorted(BY_DOCUMENT))
def test_every_command_line_of_the_source_documents_is_a_sample(number: str) -> None:
    samples = {" ".join(item["source"].split()) for one in OPERATIONS.values() for item in one.get("x-codeSamples", [])}
    for line in BY_DOCUMENT[number]:
        # A mail obfuscator left `[email protected]` of the documents' own `build=@FILE`.
        ours = VENDOR.sub(BASE, line).replace("'[email protected]'", "'build=@app.ipa'")
        assert " ".join(ours.split()) in samples


@pytest.mark.parametrize(
    ("document", "operation"),
    [
        ("upload", "integrationsUploadBuild"),
        ("upload", "workspaceUploadBuild"),
        ("list", "integrationsListBuilds"),
        ("list", "workspaceListBuilds"),
        ("update", "integrationsUpdateBuild"),
        ("attach", "integrationsAttachFiles"),
        ("download_token", "workspaceCreateDownloadToken"),
    ],
)
def test_an_answer_has_every_key_that_its_source_document_prints(document: str, operation: str) -> None:
    content = OPERATIONS[operation]["responses"]["200"]["content"]["application/json"]
    ours = shape(content["examples"]["success"]["value"])
    # What a failed build, and a pending one, have no example of.
    unsaid = (".error", ".errorCode", ".CFBundleSupportedPlatforms[]", ".CFBundleIcons[]", ".UIDeviceFamily[]")
    missing = {
        path: kind for path, kind in golden(document).items() if ours.get(path) != kind and not path.endswith(unsaid)
    }
    assert missing == {}


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_every_error_that_the_source_documents_print_is_an_example(number: str) -> None:
    ours = [example["value"] for example in DESCRIBED.document["components"]["examples"].values()]
    for sample in printed_samples(number):
        if sample.get("status") is False:
            assert sample in ours


def test_the_upload_has_every_field_of_the_contract_in_both_spellings() -> None:
    schema = OPERATIONS["integrationsUploadBuild"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    info = ["commitMessage", "commit", "branch", "tag", "triggerTimestamp", "buildUrl", "ciUrl", "repositoryUrl"]
    info.append("buildNumber")
    fields = {"build", "buildPlatform", "packageName", "packageVersion", "packageIcon", "versionName", "tags"}
    fields |= {"changelog", "notifyCollaborators", "notifyEmployees", "notifyMessage", "notifyLanguage", "filter"}
    fields |= {"deployer", "deployer.name", "deployer[name]"}
    fields |= {f"deployer.info.{key}" for key in info} | {f"deployer[info][{key}]" for key in info}
    assert fields <= set(schema["properties"])
    assert schema["required"] == ["build"]
    assert set(LANGUAGES) <= set(schema["properties"]["notifyLanguage"]["enum"])
    [pattern] = schema["patternProperties"]
    for spelling in ("filter[0][0]", "filter[1][]", "filter[0]"):
        assert re.search(pattern, spelling)


def test_servers_are_those_that_the_operator_named() -> None:
    assert DESCRIBED.document["servers"] == [{"url": "/"}]
    named = PublicUrls(
        api="https://api.example.com", upload="https://up.example.com", download="https://get.example.com"
    )
    links = Links(
        api="https://api.example.com", upload="https://up.example.com", download="https://get.example.com", sdk=""
    )
    several = Described(build(named, links))
    operations = several.operations()
    assert several.document["servers"] == [{"url": "https://api.example.com"}]
    assert operations["integrationsUploadBuild"]["servers"] == [{"url": "https://up.example.com"}]
    assert operations["redeemDownloadToken"]["servers"] == [{"url": "https://get.example.com"}]
    assert "servers" not in operations["integrationsListBuilds"]
    assert "https://up.example.com/v1/" in operations["integrationsUploadBuild"]["x-codeSamples"][0]["source"]
