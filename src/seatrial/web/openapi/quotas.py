"""Quotas of organizations and apps."""

from seatrial.domain.access import Permission
from seatrial.domain.quota import Item
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    json_body,
    nullable,
    number,
    record,
    ref,
    shared,
    string,
    success,
)

TAG = "Quotas"

_MEANINGS = {
    Item.STORAGE: "Bytes of everything stored: builds and what was made of them, attachments, feedback, the trash.",
    Item.BUILDS: "Builds, those in the trash among them.",
    Item.UPLOAD_SIZE: "Bytes of one file.",
    Item.DOWNLOADS: "Downloads in this month, in UTC.",
}
_EXAMPLE = {
    item.value: {
        "itemName": f"{item.value}.202611" if item is Item.DOWNLOADS else item.value,
        "used": None if item is Item.UPLOAD_SIZE else used,
        "limit": limit,
        "granted": limit,
        "chosen": None,
    }
    for item, used, limit in (
        (Item.STORAGE, 7_340_032, 53_687_091_200),
        (Item.BUILDS, 12, None),
        (Item.UPLOAD_SIZE, 0, 2_147_483_648),
        (Item.DOWNLOADS, 118, 10_000),
    )
}


def schemas() -> dict[str, Json]:
    """Give the schemas of quotas."""
    one = {
        "itemName": string("What is counted, as `error.data.itemName` of a refusal names it."),
        "used": nullable(number("How much there is; null for what is looked at one by one.")),
        "limit": nullable(number("What counts: the tighter of the next two; null for no limit.")),
        "granted": nullable(number("What the operator allows; null for no limit.")),
        "chosen": nullable(number("What people of the organization chose; null where they chose nothing.")),
    }
    return {
        "Quota": record(one),
        "Quotas": record({item.value: ref("Quota", description=text) for item, text in _MEANINGS.items()}),
    }


def operations() -> list[Operation]:
    """Describe the routes of quotas."""
    return [
        *_pair("Organization", f"{ORGANIZATION}/quotas", Permission.ORGANIZATION_UPDATE, (shared("organizationId"),)),
        *_pair("App", f"{WORKSPACE.prefix}/quotas", Permission.APP_GET, WORKSPACE.parameters),
    ]


def _pair(noun: str, path: str, seeing: Permission, parameters: tuple[Json, ...]) -> tuple[Operation, Operation]:
    answers = {200: success("The quotas now.", "QuotasAnswer", ref("Quotas"), _EXAMPLE)}
    show = Operation(
        id=f"show{noun}Quotas",
        method="get",
        path=path,
        tag=TAG,
        summary=f"Show what an {noun.lower()} takes up, and how much it may",
        credentials=WORKSPACE_TOKEN,
        permission=seeing,
        parameters=parameters,
        answers=answers,
        errors=SCOPED,
    )
    properties = {item.value: nullable(number(text)) for item, text in _MEANINGS.items()}
    choose = Operation(
        id=f"choose{noun}Quotas",
        method="put",
        path=path,
        tag=TAG,
        summary=f"Choose how much an {noun.lower()} may take up",
        description="Only the keys that are sent change; null goes back to what was granted. More than was granted "
        "changes nothing: the tighter of the two counts. What is there already stays, also where it is more.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.ORGANIZATION_UPDATE,
        parameters=parameters,
        body=json_body("QuotasChosen", properties, {"storage": 10_737_418_240}),
        answers=answers,
        errors=CHANGING,
    )
    return show, choose
