"""Signing keys of apps: show, make, bring one's own."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.signing_key import KeyOrigin
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    boolean,
    entity_id,
    json_body,
    moment,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.signing_keys import KEYSTORE_BYTES

TAG = "Signing keys"

_PATH = f"{WORKSPACE.prefix}/signingKey"
_EXAMPLE = {
    "application": examples.APP_ID,
    "origin": "generated",
    "subject": f"CN=Seatrial app {examples.APP_ID}",
    "sha1": "0F:3C:5B:61:8E:6E:3D:55:0A:3F:0E:0C:6B:52:9A:1B:4A:D9:4F:20",
    "sha256": ":".join(["A1"] * 32),
    "expiresAt": "2056-11-14T10:00:00.000Z",
    "createdAt": examples.MOMENT,
}


def schemas() -> dict[str, Json]:
    """Give the schema of a signing key."""
    keys = {
        "application": entity_id(),
        "origin": string("`generated` by this server, or `imported`.", enum=[origin.value for origin in KeyOrigin]),
        "subject": string("The name in its certificate."),
        "sha1": string("Fingerprint, as consoles of API providers ask for it."),
        "sha256": string("Fingerprint."),
        "expiresAt": moment(),
        "createdAt": moment(),
    }
    return {"SigningKey": record(keys)}


def operations() -> list[Operation]:
    """Describe the routes of signing keys."""
    return [_show(), _ensure(), _bring()]


def _answer(description: str) -> dict[int, Json]:
    return {200: success(description, "SigningKeyAnswer", ref("SigningKey"), _EXAMPLE)}


def _show() -> Operation:
    return Operation(
        id="showSigningKey",
        method="get",
        path=_PATH,
        tag=TAG,
        summary="Show an app's signing key by its fingerprints",
        description="The key that signs the APKs made of the app's bundles. 404 while there is none.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_GET,
        parameters=WORKSPACE.parameters,
        answers=_answer("The key."),
        errors=SCOPED,
    )


def _ensure() -> Operation:
    return Operation(
        id="makeSigningKey",
        method="post",
        path=_PATH,
        tag=TAG,
        summary="Make an app's signing key unless there is one",
        description="The first bundle would make it, too; this is for registering the fingerprint ahead of it.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_UPDATE,
        parameters=WORKSPACE.parameters,
        answers=_answer("The key, new or old."),
        errors=SCOPED,
    )


def _bring() -> Operation:
    wanted = {
        "keystore": string(f"PKCS #12 with one key, at most {KEYSTORE_BYTES} bytes, in base64."),
        "password": string("Of the keystore."),
        "replace": boolean("Take it although the app has another key, which devices will not update from."),
    }
    return Operation(
        id="bringSigningKey",
        method="put",
        path=_PATH,
        tag=TAG,
        summary="Sign an app's bundles with the team's own key",
        description="The key is kept encrypted and never given out again.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_UPDATE,
        parameters=(*WORKSPACE.parameters, shared("idempotencyKey")),
        body=json_body(
            "BroughtSigningKey",
            wanted,
            {"keystore": "MIIJ...", "password": "a secret", "replace": False},
            required=["keystore", "password"],
        ),
        answers=_answer("The key."),
        errors=(*CHANGING, errors.Conflict),
    )
