"""Apps: list, make, show, edit, and their picture (contract 2.2)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.build import DEFAULT_SCRIPT_KEYS
from seatrial.domain.buildinfo import Os
from seatrial.domain.ids import ENTITY_ID
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.domain.retention import MOST_RETAINED
from seatrial.domain.slugs import RULE, SLUG
from seatrial.web.openapi import examples, sdk
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    TIMESTAMP,
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
from seatrial.web.openapi.organizations import NAME, PART_OF_NAME, SLUG_FILTER
from seatrial.web.openapi.retention import APPLIED, APPLIED_EXAMPLE
from seatrial.wire.apps import DESCRIPTION_LIMIT, MESSAGE_LIMIT, SORTS
from seatrial.wire.bodies import METADATA_LIMIT, SCRIPT_LIMIT
from seatrial.wire.fields import LANGUAGES

TAG = "Apps"

_NOTIFICATIONS = {
    "newBuildNotifyCollaborators": boolean(),
    "newBuildNotifyEmployees": boolean(),
    "newBuildNotifyOtpUsers": boolean(),
    "newBuildMessage": string(),
    "newFeedbackNotifyCollaborators": boolean(),
}
_RETAINED = nullable(number("Null: the organization's own counts.", minimum=1, maximum=MOST_RETAINED))
_SCRIPT = nullable(string('`""` or null clears it.', maxLength=SCRIPT_LIMIT))
_OPEN: Json = {"type": "object", "additionalProperties": True}


def schemas() -> dict[str, Json]:
    """Give the schemas of apps."""
    configuration = {
        "storageProvider": record(
            {
                "id": string(),
                "name": string(),
                "region": string(),
                "config": {
                    "description": "Where the bucket is; empty for the server's own disk.",
                    "oneOf": [record({}), ref("Bucket")],
                },
                "provider": string(),
            }
        ),
        "emmJwtSignature": string(),
        "notificationLanguage": string(enum=["", *(word for word in LANGUAGES if word != "ge")]),
        "buildRetentionDays": _RETAINED,
        "buildsRetainedPerPublication": _RETAINED,
    }
    app = {
        "id": entity_id(),
        "name": string(),
        "slug": string(),
        "description": string(),
        "sdk": record({"ios": sdk.state(), "android": sdk.state()}),
        "notifications": record(_NOTIFICATIONS),
        "oss": array(string(enum=[system.value for system in Os]), "The systems that there are builds for."),
        "buildPlatforms": array(string(enum=list(BUILD_PLATFORMS)), "The same, custom platforms included."),
        "security": record({"role": string()}),
        "configuration": record(configuration),
        "retentionApplied": APPLIED,
        "lastBuildProcessedDate": string(pattern=TIMESTAMP) | {"type": ["string", "null"]},
        "picture": string("URL of the picture; reading it needs credentials."),
        "pictureSource": string(),
        "organization": entity_id(),
        "counts": record({"builds": number(), "downloads": number(), "feedbacks": number()}),
        "metadata": _OPEN,
        "defaultScripts": ref("DefaultScripts"),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {"App": record(app, "An app. All keys are always there."), "AppPage": page(ref("App"))}


def operations() -> list[Operation]:
    """Describe the routes of apps."""
    return [_search(), _create(), _show(), _update(), _set_picture()]


def _example() -> Json:
    return {
        "id": examples.APP_ID,
        "name": "Tide Tables",
        "slug": "tide-tables",
        "description": "",
        "sdk": {"ios": sdk.state_example(), "android": sdk.state_example()},
        "notifications": {
            "newBuildNotifyCollaborators": False,
            "newBuildNotifyEmployees": False,
            "newBuildNotifyOtpUsers": False,
            "newBuildMessage": "",
            "newFeedbackNotifyCollaborators": False,
        },
        "oss": ["ios"],
        "buildPlatforms": ["ios"],
        "security": {"role": ""},
        "configuration": {
            "storageProvider": examples.STORAGE | {"config": {}, "provider": "local"},
            "emmJwtSignature": "",
            "notificationLanguage": "en",
            "buildRetentionDays": None,
            "buildsRetainedPerPublication": None,
        },
        "retentionApplied": APPLIED_EXAMPLE,
        "lastBuildProcessedDate": examples.MOMENT,
        "picture": "",
        "pictureSource": "",
        "organization": examples.ORGANIZATION_ID,
        "counts": {"builds": 12, "downloads": 3, "feedbacks": 0},
        "metadata": {"team": "mobile"},
        "defaultScripts": dict.fromkeys(DEFAULT_SCRIPT_KEYS, ""),
        "createdAt": examples.MOMENT,
        "updatedAt": examples.MOMENT,
    }


def _answer(description: str) -> dict[int, Json]:
    return {200: success(description, "AppAnswer", ref("App"), _example())}


def _settings() -> dict[str, Json]:
    notifications = _NOTIFICATIONS | {"newBuildMessage": nullable(string(maxLength=MESSAGE_LIMIT))}
    provider = {
        "description": "The place for builds, by its id or as an app shows it.",
        "oneOf": [nullable(string()), {"type": "object", "properties": {"id": nullable(string())}}],
    }
    configuration = {
        "storageProvider": provider,
        "notificationLanguage": nullable(string("`ge` and `de` are German.", enum=[*LANGUAGES, "", None])),
        "buildRetentionDays": _RETAINED,
        "buildsRetainedPerPublication": _RETAINED,
    }
    return {
        "name": NAME,
        "description": nullable(string(maxLength=DESCRIPTION_LIMIT)),
        "notifications": {"type": ["object", "null"], "properties": notifications, "additionalProperties": True},
        "configuration": {"type": ["object", "null"], "properties": configuration, "additionalProperties": True},
        "sdk": {"type": ["object", "null"], "properties": sdk.rules(), "additionalProperties": True},
        "metadata": _OPEN | {"description": f"Whatever you like, at most {METADATA_LIMIT} bytes of JSON."},
        "defaultScripts": _OPEN | {"properties": dict.fromkeys(DEFAULT_SCRIPT_KEYS, _SCRIPT)},
    }


def _slug(description: str, pattern: str) -> dict[str, Json]:
    no_id = {"not": {"type": "string", "pattern": f"^{ENTITY_ID.pattern}$"}}
    return {"slug": string(f"Unique in the organization: {RULE}. {description}", pattern=pattern, **no_id)}


def _search() -> Operation:
    return Operation(
        id="listApps",
        method="get",
        path=f"{ORGANIZATION}/apps",
        tag=TAG,
        summary="List an organization's apps",
        description="Newest first, unless `sort` says otherwise.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_LIST,
        parameters=(shared("organizationId"), PART_OF_NAME, SLUG_FILTER, *paging(*SORTS)),
        answers={200: success("A page of apps.", "AppPageAnswer", ref("AppPage"), examples.page(_example()))},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _create() -> Operation:
    slug = _slug("Without one it is drawn from the name.", f"^$|^{SLUG.pattern}$")
    settings = _settings() | {name: nullable(schema) for name, schema in slug.items()}
    link = WORKSPACE.link("ListBuilds", "Its builds.", applicationId="$response.body#/data/id")
    return Operation(
        id="createApp",
        method="post",
        path=f"{ORGANIZATION}/apps",
        tag=TAG,
        summary="Make an app",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_CREATE,
        parameters=(shared("organizationId"),),
        body=json_body("NewApp", settings, {"name": "Tide Tables", "metadata": {"team": "mobile"}}, required=["name"]),
        answers=_answer("The app."),
        errors=(*CHANGING, errors.SlugTaken),
        links={"builds": link},
    )


def _show() -> Operation:
    return Operation(
        id="showApp",
        method="get",
        path=WORKSPACE.prefix,
        tag=TAG,
        summary="Show an app",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_GET,
        parameters=WORKSPACE.parameters,
        answers=_answer("The app."),
        errors=SCOPED,
    )


def _update() -> Operation:
    return Operation(
        id="updateApp",
        method="put",
        path=WORKSPACE.prefix,
        tag=TAG,
        summary="Update an app",
        description="Only the keys that are sent change.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_UPDATE,
        parameters=WORKSPACE.parameters,
        body=json_body(
            "AppChanges",
            _settings() | _slug("Paths with the old one lead nowhere then.", f"^{SLUG.pattern}$"),
            {"configuration": {"notificationLanguage": "en"}},
        ),
        answers=_answer("The app now."),
        errors=(*CHANGING, errors.SlugTaken),
    )


def _set_picture() -> Operation:
    build_id = entity_id("A processed build that has an icon.")
    return Operation(
        id="setAppPicture",
        method="put",
        path=f"{WORKSPACE.prefix}/picture",
        tag=TAG,
        summary="Make a build's icon the app's picture",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_UPDATE,
        parameters=(*WORKSPACE.parameters, shared("idempotencyKey")),
        body=json_body("PictureSource", {"buildId": build_id}, {"buildId": examples.BUILD_ID}, required=["buildId"]),
        answers=_answer("The app now."),
        errors=(*CHANGING, errors.BuildNotProcessed, errors.Conflict, errors.InsufficientStorage),
    )
