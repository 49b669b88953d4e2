"""What a request to each route says, so that it is right: for `test_authorization.py`."""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.e2e.authorization_table import APP, ORGANIZATION, STORE
from tests.e2e.copied_people import copied_person
from tests.server import FIXTURES, Json

if TYPE_CHECKING:
    from tests.e2e.authorization_world import World

PASSWORD = "a password for tests"
NO_ID = "0" * 24
BUCKET = {"name": "Away", "provider": "s3", "bucket": "away", "accessKey": "AK", "secretKey": "SK"}
BUCKET["endpoint"] = "http://127.0.0.1:9"
PROVIDER = {"name": "ID", "issuer": "https://id.example.com", "clientId": "seatrial"}
PUBLISHER = {"provider": "other", "issuer": "https://ci.example.com", "conditions": {"sub": "run:*"}}
RELEASE_KEY = FIXTURES / "apk" / "keys" / "release.p12"


def nothing(_world: "World") -> Json:
    return {}


def build_form(world: "World") -> Json:
    return {"files": {"build": ("a.txt", world.name().encode())}}


def file_form(world: "World") -> Json:
    return {"files": {"file": ("a.txt", world.name().encode())}}


def announced(place: str, said: dict[str, str]) -> Callable[["World"], Json]:
    """Speak of an upload of the one who asks: nobody meets another one's, whatever they may."""

    def make(world: "World") -> Json:
        headers = {"Authorization": f"Bearer {world.asking}".rstrip(), "Tus-Resumable": "1.0.0"}
        answer = world.server.anyone.post(world.path(f"{place}/uploads"), headers=headers | {"Upload-Length": "9"})
        world.things["upload"] = answer.headers.get("location", NO_ID).rpartition("/")[2]
        return {"headers": {"Tus-Resumable": "1.0.0"} | said}

    return make


def saying(**body: object) -> Callable[["World"], Json]:
    return lambda _: {"json": body}


def with_code(world: "World") -> Json:
    return {"json": {"password": PASSWORD, "code": world.things["code"]}}


def with_signing_key(world: "World") -> Json:
    world.server.ops.post("/signingKey")
    return {}


def publication(world: "World") -> Json:
    said = {"security": "public", "visibility": "unlisted", "filter": {"type": "last"}}
    return said | {"slug": world.name(), "application": world.things["app"]}


def with_pin(world: "World") -> Json:
    in_place(world)
    world.server.ops.put(f"/builds/{world.things['build']}/pin", json={"reason": "golden"})
    return {}


def in_trash(world: "World") -> Json:
    world.server.ops.delete(f"/builds/{world.things['build']}/pin")
    world.server.ops.post(f"/builds/{world.things['build']}/trash")
    return {}


def in_place(world: "World") -> Json:
    """Undo what a credential with the right to it has done."""
    world.server.ops.post(f"/trash/{world.things['build']}/restore")
    world.server.ops.delete(f"/builds/{world.things['build']}/pin")
    return {}


def own_signing_key(world: "World") -> Json:
    keystore = base64.b64encode(RELEASE_KEY.read_bytes()).decode()
    return {"json": {"keystore": keystore, "password": "seatrial", "replace": True}}


def with_dead_mail(world: "World") -> Json:
    world.server.write("UPDATE mails SET state = 'dead' WHERE id = ?", world.things["mail"])
    return {}


def own_preference(world: "World") -> Json:
    return {"json": {"organization": world.things["own organization"], "delivery": "all"}}


BODIES: dict[str, Callable[["World"], Json]] = {
    f"PUT {ORGANIZATION}/quotas": lambda _world: {"json": {"storage": None}},
    f"PUT {APP}/quotas": lambda _world: {"json": {"storage": None}},
    **{
        f"{route} {place}/uploads{one}": announced(place, more)
        for place in ("/v1/integrations", APP)
        for route, one, more in (
            ("POST", "", {"Upload-Length": "9"}),
            ("GET", "/{upload}", {}),
            ("HEAD", "/{upload}", {}),
            ("PATCH", "/{upload}", {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}),
            ("DELETE", "/{upload}", {}),
            ("POST", "/{upload}", {"X-Http-Method-Override": "HEAD"}),
        )
    },
    **{
        f"POST {place}/directUploads{one}": body
        for place in ("/v1/integrations", APP)
        for one, body in (("", saying(length=9)), ("/{upload}/complete", saying(parts=[])))
    },
    "POST /v1/integrations/builds": build_form,
    "PUT /v1/integrations/builds/{build}": saying(changelog="new"),
    "POST /v1/integrations/builds/{build}/files": file_form,
    f"POST {APP}/builds": build_form,
    f"PUT {APP}/builds/{{build}}": saying(changelog="new"),
    f"POST {APP}/builds/{{build}}/files": file_form,
    f"PUT {ORGANIZATION}": saying(name="My organization"),
    f"POST {ORGANIZATION}/apps": lambda world: {"json": {"name": world.name()}},
    f"PUT {APP}": saying(description="new"),
    f"PUT {APP}/sdk": saying(android={"ota": True}),
    "POST /v1/feedback": saying(type="bug", message="It breaks."),
    f"PUT {APP}/feedbacks/{{feedback}}": saying(status="closed"),
    f"POST {ORGANIZATION}/erasures": saying(email="nobody@example.com"),
    f"PUT {APP}/picture": lambda world: {"json": {"buildId": world.things["build"]}},
    f"POST {APP}/tokens": saying(description="new"),
    f"POST {APP}/tokens/{{app_token}}/rotate": saying(overlapSeconds=60),
    f"POST {APP}/trustedPublishers": lambda _: {"json": PUBLISHER},
    f"PUT {APP}/trustedPublishers/{{publisher}}": saying(name="Nightly"),
    f"GET {APP}/builds/{{build}}/pin": with_pin,
    f"PUT {APP}/builds/{{build}}/pin": saying(reason="golden"),
    f"DELETE {APP}/builds/{{build}}/pin": with_pin,
    f"POST {APP}/builds/{{build}}/trash": in_place,
    f"POST {APP}/trash/{{build}}/restore": in_trash,
    f"DELETE {APP}/trash/{{build}}": in_trash,
    f"GET {APP}/signingKey": with_signing_key,
    f"PUT {APP}/signingKey": own_signing_key,
    f"POST {ORGANIZATION}/serviceAccounts": saying(name="new", role="viewer"),
    f"PUT {ORGANIZATION}/serviceAccounts/{{account}}": saying(name="newer"),
    f"POST {ORGANIZATION}/serviceAccounts/{{account}}/rotate": saying(overlapSeconds=60),
    f"POST {ORGANIZATION}/collaborators": lambda world: {
        "json": {"email": f"{world.name()}@example.com", "password": PASSWORD}
    },
    f"PUT {ORGANIZATION}/collaborators/{{user}}": saying(tags=["new"]),
    f"POST {APP}/collaborators": lambda world: {
        "json": {
            "user": copied_person(
                world.server, world.credentials["session, unassigned"] or "", f"{world.name()}@example.com"
            ),
            "role": "viewer",
        }
    },
    f"PUT {APP}/collaborators/{{user}}": saying(role="editor"),
    f"POST {ORGANIZATION}/employees": lambda world: {"json": {"email": f"{world.name()}@example.com"}},
    f"POST {ORGANIZATION}/employees/import": lambda world: {"content": f"email\n{world.name()}@example.com\n".encode()},
    f"PUT {ORGANIZATION}/employees/{{employee}}": saying(tags=["new"]),
    f"POST {ORGANIZATION}/invitations": lambda world: {"json": {"email": f"{world.name()}@example.com"}},
    f"POST {ORGANIZATION}/groups": lambda world: {"json": {"name": world.name()}},
    f"PUT {ORGANIZATION}/groups/{{group}}": saying(description="new"),
    f"POST {ORGANIZATION}/groups/{{group}}/members": lambda world: {"json": {"employees": [world.things["employee"]]}},
    f"POST {ORGANIZATION}/groups/{{group}}/members/remove": lambda world: {"json": {"users": [world.things["user"]]}},
    f"POST {ORGANIZATION}/audiences": lambda world: {"json": {"name": world.name()}},
    f"PUT {ORGANIZATION}/audiences/{{audience}}": saying(description="new"),
    "POST /v1/integrations/distributions": lambda world: {"json": publication(world)},
    "PUT /v1/integrations/distributions/{publication}": lambda world: {"json": publication(world)},
    f"POST {STORE}/pubApps": lambda world: {"json": publication(world)},
    f"PUT {STORE}/pubApps/{{publication}}": lambda world: {"json": publication(world)},
    f"POST {APP}/notifications/preview": saying(notifyEmployees=True),
    f"POST {APP}/builds/{{build}}/notifications": saying(notifyEmployees=True),
    f"POST {ORGANIZATION}/mails/{{mail}}/retry": with_dead_mail,
    "PUT /v1/auth/preferences": own_preference,
    f"POST {ORGANIZATION}/identityProviders": lambda _: {"json": PROVIDER},
    f"PUT {ORGANIZATION}/identityProviders/{{provider}}": saying(allowSignUp=True),
    f"POST {ORGANIZATION}/storageProviders": lambda _: {"json": BUCKET},
    f"PUT {ORGANIZATION}/storageProviders/{{storage}}": saying(proxy=True),
    "PUT /v1/auth/profile": saying(firstName="New"),
    "PUT /v1/auth/password": saying(password=PASSWORD, newPassword=PASSWORD),
    "POST /v1/auth/twoFactor": saying(password=PASSWORD),
    "POST /v1/auth/twoFactor/confirm": with_code,
    "POST /v1/auth/twoFactor/disable": with_code,
    "POST /v1/auth/twoFactor/recoveryCodes": with_code,
    "POST /v1/auth/customLogin": lambda world: {"json": {"email": f"{world.name()}@custom.example"}},
    **{
        f"{verb} {place}/webhooks{one}": body
        for place in (ORGANIZATION, APP)
        for verb, one, body in (
            ("POST", "", saying(url="https://hooks.example/", events=["build.processed"])),
            ("PUT", "/{webhook}", lambda world: {"json": {"description": world.name()}}),
            ("POST", "/{webhook}/rotate", saying(overlapSeconds=60)),
        )
    },
}
"""A body that is right for each route that takes one, so that the answer is about the credential."""
