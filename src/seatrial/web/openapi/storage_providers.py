"""Storage providers in OpenAPI."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.storage_provider import TrialStep
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.organizations import PART_OF_NAME
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

_PATH = f"{ORGANIZATION}/storageProviders"
_ONE = (shared("organizationId"), shared("storageProviderId"))
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
        "StorageProviderPage": page(ref("StorageProviderKept")),
        "StorageProviderTrial": record({"ok": boolean(), "steps": array(step)}, "Up to the first step that failed."),
    }


def operations() -> list[Operation]:
    """Describe the routes of storage providers."""
    answer = success("The provider.", "StorageProviderAnswer", ref("StorageProviderKept"), _EXAMPLE)
    in_use = success(
        "The provider.", "StorageProviderInUseAnswer", ref("StorageProviderInUse"), _EXAMPLE | {"usage": _USE}
    )
    listed = success("A page.", "StorageProviderPageAnswer", ref("StorageProviderPage"), examples.page(_EXAMPLE))
    gone = success(
        "It is gone.", "DeletedStorageProviderAnswer", record({"deleted": boolean(const=True)}), {"deleted": True}
    )
    trial = {"ok": True, "steps": [{"step": "put", "ok": True, "milliseconds": 12, "error": ""}]}
    tried = success("How it went.", "StorageProviderTrialAnswer", ref("StorageProviderTrial"), trial)
    return [
        _operation(
            "listStorageProviders",
            "get",
            _PATH,
            "List an organization's storage providers",
            Permission.STORAGE_PROVIDER_LIST,
            parameters=(shared("organizationId"), PART_OF_NAME, *paging(*SORTS)),
            answers={200: listed},
            errors=(*SCOPED, errors.InvalidRequest),
        ),
        _operation(
            "createStorageProvider",
            "post",
            _PATH,
            "Make a storage provider",
            Permission.STORAGE_PROVIDER_CREATE,
            description="It is not asked yet; `/test` does that.",
            parameters=(shared("organizationId"),),
            body=json_body(
                "NewStorageProvider",
                _settings(),
                _WANTED,
                required=["name", "provider", "bucket", "accessKey", "secretKey"],
            ),
            answers={200: answer},
            errors=(*CHANGING, errors.Conflict),
        ),
        _operation(
            "showStorageProvider",
            "get",
            f"{_PATH}/{{storageProviderId}}",
            "Show a storage provider, and what is in it",
            Permission.STORAGE_PROVIDER_LIST,
            answers={200: in_use},
            errors=SCOPED,
        ),
        _operation(
            "updateStorageProvider",
            "put",
            f"{_PATH}/{{storageProviderId}}",
            "Edit a storage provider",
            Permission.STORAGE_PROVIDER_UPDATE,
            description="Provider, bucket and prefix stay while there are files (409).",
            body=json_body("StorageProviderChanges", _settings(), {"default": True}),
            answers={200: answer},
            errors=(*CHANGING, errors.Conflict),
        ),
        _operation(
            "deleteStorageProvider",
            "delete",
            f"{_PATH}/{{storageProviderId}}",
            "Forget a storage provider that nothing is in",
            Permission.STORAGE_PROVIDER_DELETE,
            answers={200: gone},
            errors=(*SCOPED, errors.Conflict),
        ),
        _operation(
            "testStorageProvider",
            "post",
            f"{_PATH}/{{storageProviderId}}/test",
            "Write, read, link and delete a small file",
            Permission.STORAGE_PROVIDER_UPDATE,
            answers={200: tried},
            errors=SCOPED,
        ),
    ]


def _operation(name: str, method: str, path: str, summary: str, permission: Permission, **more: object) -> Operation:
    said: dict[str, object] = {"parameters": _ONE} | more
    return Operation(
        id=name,
        method=method,
        path=path,
        tag=TAG,
        summary=summary,
        credentials=WORKSPACE_TOKEN,
        permission=permission,
        **said,  # type: ignore[arg-type]  # fields of an operation
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
