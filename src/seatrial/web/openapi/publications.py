"""Publications: list, make, show, replace, delete, on both faces (contract 2.4)."""

from dataclasses import dataclass

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.publication import FilterType, Security, Visibility
from seatrial.web.openapi import examples, publication_schemas
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import (
    APP_TOKEN,
    ID_OR_SLUG,
    ORGANIZATION,
    WORKSPACE_TOKEN,
    Credentials,
)
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    entity_id,
    json_body,
    parameter,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.publication_schemas import EXAMPLE, PUBLICATION_ID, STORE_EXAMPLE, WANTED_EXAMPLE
from seatrial.wire.publication_settings import SLUG_LIMIT, VALUE_LIMIT
from seatrial.wire.publications import SORTS

TAG = "Publications"

_STORE = parameter(
    "storeId", "path", string(pattern=ID_OR_SLUG), "The organization's id or slug: each has one store.",
    example="harbour-mobile",
)  # fmt: skip
_ID = parameter("publicationId", "path", entity_id(), "The publication's id.", example=PUBLICATION_ID)
_REPLACES = (
    "A full replacement: what is not said goes back to its default. Only a password that is not said stays, as it is "
    "never shown."
)


@dataclass(frozen=True, slots=True)
class _Face:
    """One of the two families of routes."""

    name: str
    path: str
    credentials: Credentials
    parameters: tuple[Json, ...]


_FACES = (
    _Face("integrations", "/v1/integrations/distributions", APP_TOKEN, ()),
    _Face(
        "workspace",
        f"{ORGANIZATION}/stores/{{storeId}}/pubApps",
        WORKSPACE_TOKEN,
        (shared("organizationId"), _STORE),
    ),
)


def schemas() -> dict[str, Json]:
    """Give the schemas of publications."""
    return publication_schemas.schemas()


def operations() -> list[Operation]:
    """Describe the routes of publications, and of stores."""
    found = [_stores()]
    for face in _FACES:
        found += [_search(face), _create(face), _show(face), _update(face), _delete(face)]
    return found


def _stores() -> Operation:
    return Operation(
        id="listStores",
        method="get",
        path=f"{ORGANIZATION}/stores",
        tag=TAG,
        summary="List an organization's stores",
        description="Each organization has one, which goes by its own id and slug.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.PUBLICATION_LIST,
        parameters=(shared("organizationId"), *paging(*SORTS)),
        answers={200: success("A page.", "StorePageAnswer", ref("StorePage"), examples.page(STORE_EXAMPLE))},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _search(face: _Face) -> Operation:
    application = parameter("application", "query", string(maxLength=SLUG_LIMIT), "The id or slug of an app.")
    return Operation(
        id=f"{face.name}ListPublications",
        method="get",
        path=face.path,
        tag=TAG,
        summary="List publications",
        description="Newest first, each with the builds that it gives now.",
        credentials=face.credentials,
        permission=Permission.PUBLICATION_LIST,
        parameters=(
            *face.parameters,
            *_filters(),
            *((application,) if face.parameters else ()),
            *paging(*SORTS),
        ),
        answers={200: success("A page.", "PublicationPageAnswer", page(ref("Publication")), examples.page(EXAMPLE))},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _filters() -> tuple[Json, ...]:
    kinds, note = [one.value for one in FilterType], "Also spelled"
    value = string(maxLength=VALUE_LIMIT)
    return (
        parameter("slug", "query", string(maxLength=SLUG_LIMIT), "Exactly this slug, in any case."),
        parameter("security", "query", string(enum=[one.value for one in Security]), "Who may open it."),
        parameter("visibility", "query", string(enum=[one.value for one in Visibility]), "Where it can be found."),
        parameter("filter-type", "query", string(enum=kinds), f"How it chooses builds. {note} `filterType`."),
        parameter("filterType", "query", string(enum=kinds), "The GitHub Action's spelling."),
        parameter("filter-value", "query", value, f"Exactly this branch or tag. {note} `filterValue`."),
        parameter("filterValue", "query", value, "The GitHub Action's spelling."),
    )


def _create(face: _Face) -> Operation:
    return Operation(
        id=f"{face.name}CreatePublication",
        method="post",
        path=face.path,
        tag=TAG,
        summary="Publish an app",
        credentials=face.credentials,
        permission=Permission.PUBLICATION_CREATE,
        parameters=face.parameters,
        body=_body(face, "WantedPublication"),
        answers=_shown("The publication."),
        errors=(*CHANGING, errors.SlugTaken),
    )


def _show(face: _Face) -> Operation:
    return Operation(
        id=f"{face.name}ShowPublication",
        method="get",
        path=f"{face.path}/{{publicationId}}",
        tag=TAG,
        summary="Show a publication",
        credentials=face.credentials,
        permission=Permission.PUBLICATION_LIST,
        parameters=(*face.parameters, _ID),
        answers=_shown("The publication, and the builds that it gives now."),
        errors=SCOPED,
    )


def _update(face: _Face) -> Operation:
    return Operation(
        id=f"{face.name}UpdatePublication",
        method="put",
        path=f"{face.path}/{{publicationId}}",
        tag=TAG,
        summary="Replace a publication's settings",
        description=_REPLACES,
        credentials=face.credentials,
        permission=Permission.PUBLICATION_UPDATE,
        parameters=(*face.parameters, _ID),
        body=_body(face, "PublicationReplacement", is_new=False),
        answers=_shown("The publication now."),
        errors=(*CHANGING, errors.SlugTaken),
    )


def _delete(face: _Face) -> Operation:
    return Operation(
        id=f"{face.name}DeletePublication",
        method="delete",
        path=f"{face.path}/{{publicationId}}",
        tag=TAG,
        summary="Delete a publication",
        description="Its builds stay.",
        credentials=face.credentials,
        permission=Permission.PUBLICATION_DELETE,
        parameters=(*face.parameters, _ID),
        answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )


def _body(face: _Face, title: str, *, is_new: bool = True) -> Json:
    properties, example = publication_schemas.wanted(), dict(WANTED_EXAMPLE)
    required = ["slug", "security", "visibility", "filter"]
    if face.parameters:
        properties["application"] = string("The id or slug of the app that is published; it stays.")
        if is_new:
            example["application"] = examples.APP_ID
            required.append("application")
    name = title if not face.parameters else f"Workspace{title}"
    return json_body(name, properties, example, required=required)


def _shown(description: str) -> dict[int, Json]:
    return {200: success(description, "PublicationAnswer", ref("Publication"), EXAMPLE)}
