"""Storage providers in OpenAPI."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.storage_provider import TrialStep
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    moment,
    nullable,
    number,
    record,
    ref,
    string,
    success,
)
from seatrial.web.openapi.organizations import PART_OF_NAME
from seatrial.web.openapi.resource import Resource
from seatrial.wire.storage_providers import (
    BUCKET_LIMIT,
    KINDS,
    NAME_LIMIT,
    REGION_LIMIT,
    SECRET_LIMIT,
    SORTS,
    URL_LIMIT,
)

TAG = "Storage providers"

_CONFIG = {"bucket": "acme-builds", "endpoint": "", "prefix": "", "virtualHosted": False}
_EXAMPLE = {
    "id": examples.BUILD_ID,
    "organization": examples.ORGANIZATION_ID,
    "name": "Frankfurt",
    "provider": "s3",
    "region": "eu-central-1",
    "config": _CONFIG,
    "accessKey": "AKIAEXAMPLE",
    "proxy": False,
    "default": True,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_PROVIDER = Resource(
    name="StorageProvider",
    noun="a storage provider",
    tag=TAG,
    path=f"{ORGANIZATION}/storageProviders",
    item="storageProviderId",
    example=_EXAMPLE,
    listing=Permission.STORAGE_PROVIDER_LIST,
    creating=Permission.STORAGE_PROVIDER_CREATE,
    updating=Permission.STORAGE_PROVIDER_UPDATE,
    deleting=Permission.STORAGE_PROVIDER_DELETE,
    schema="StorageProviderKept",
)
_USE = {"files": 2, "bytes": 4096, "apps": [{"id": examples.BUILD_ID, "files": 2, "bytes": 4096}], "chosenBy": []}
_WANTED = {
    "name": "Frankfurt",
    "provider": "s3",
    "bucket": "acme-builds",
    "region": "eu-central-1",
    "accessKey": "AKIAEXAMPLE",
    "secretKey": "a secret",
}


def schemas() -> dict[str, Json]:
    """Give the schemas of storage providers."""
    config = record(
        {
            "bucket": string(),
            "endpoint": string("Empty: the provider's own."),
            "prefix": string(),
            "virtualHosted": boolean(),
        },
        "Where the bucket is.",
    )
    shown = {
        "id": entity_id(),
        "organization": entity_id(),
        "name": string(),
        "provider": string(enum=list(KINDS)),
        "region": string(),
        "config": ref("Bucket"),
        "accessKey": string("The access key's id, or Azure's account. The secret is never shown."),
        "proxy": boolean("Whether downloads go through the server."),
        "default": boolean("Whether new files of the organization go there."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    use = record(
        {
            "files": number("Objects; one of several files is counted once."),
            "bytes": number(),
            "apps": array(record({"id": entity_id(), "files": number(), "bytes": number()})),
            "chosenBy": array(entity_id()),
        },
        "What builds have there, and which apps chose it.",
    )
    step = record(
        {
            "step": string(enum=[step.value for step in TrialStep]),
            "ok": boolean(),
            "milliseconds": number(),
            "error": string("What is wrong, and what to do; empty where nothing is."),
        }
    )
    return {
        "Bucket": config,
        "StorageProviderKept": record(shown, "A bucket that an organization keeps files in."),
        "StorageProviderInUse": record(shown | {"usage": use}, "A storage provider, and what is in it."),
        "StorageProviderTrial": record({"ok": boolean(), "steps": array(step)}, "Up to the first step that failed."),
    } | _PROVIDER.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of storage providers."""
    in_use = success(
        "The provider.", "StorageProviderInUseAnswer", ref("StorageProviderInUse"), _EXAMPLE | {"usage": _USE}
    )
    return [
        _PROVIDER.search("List an organization's storage providers", SORTS, PART_OF_NAME),
        _PROVIDER.create(
            "Make a storage provider",
            _settings(),
            _WANTED,
            ["name", "provider", "bucket", "accessKey", "secretKey"],
            "It is not asked yet; `/test` does that.",
        ),
        replace(_PROVIDER.show(), summary="Show a storage provider, and what is in it", answers={200: in_use}),
        _PROVIDER.update(
            "Provider, bucket and prefix stay while there are files (409).", _settings(), {"default": True}
        ),
        _PROVIDER.remove("Nothing may be in it, and no app may have chosen it (409).", errors.Conflict),
        _PROVIDER.under(_test(), "test"),
    ]


def _test() -> Operation:
    trial = {"ok": True, "steps": [{"step": "put", "ok": True, "milliseconds": 12, "error": ""}]}
    return Operation(
        id="testStorageProvider",
        method="post",
        path="",
        tag=TAG,
        summary="Write, read, link and delete a small file",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.STORAGE_PROVIDER_UPDATE,
        answers={200: success("How it went.", "StorageProviderTrialAnswer", ref("StorageProviderTrial"), trial)},
        errors=SCOPED,
    )


def _settings() -> dict[str, Json]:
    return {
        "name": string(minLength=1, maxLength=NAME_LIMIT, pattern=r"\S"),
        "provider": string(enum=list(KINDS)),
        "bucket": string("Or Azure's container.", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$"),
        "region": nullable(string(maxLength=REGION_LIMIT)),
        "endpoint": nullable(string("Empty: the provider's own.", maxLength=URL_LIMIT)),
        "prefix": nullable(string(maxLength=BUCKET_LIMIT, pattern=r"^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$")),
        "accessKey": string(minLength=1, maxLength=BUCKET_LIMIT, pattern=r"\S"),
        "secretKey": nullable(string("Empty or null: as it was.", maxLength=SECRET_LIMIT)),
        "virtualHosted": boolean(),
        "proxy": boolean(),
        "default": boolean(),
    }
