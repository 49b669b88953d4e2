"""Every route with every kind of credential, against one table (`authorization_table.py`)."""

import base64
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import httpx
import pyotp
import pytest
from fastapi.routing import APIRoute

from seatrial.domain.ids import new_entity_id
from seatrial.meter import Meter
from seatrial.web.app import create_app
from seatrial.web.context import BodyLimits, Context
from tests.apple_devices import make_known
from tests.e2e.another_organization import foreign_account
from tests.e2e.authorization_pages import PAGE_ROUTES
from tests.e2e.authorization_table import ANSWERS, PERMISSIONS, ROUTES, is_allowed, table
from tests.e2e.copied_people import copied_person, copied_session, digest
from tests.e2e.refusals import refused
from tests.issuer import serving
from tests.server import FIXTURES, Json, Server, Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the identity provider is made of

ROUTE_ROWS = table(ROUTES)
PAGE_ROWS = table(PAGE_ROUTES)
ANSWER_ROWS = {row["credential"]: row for row in table(ANSWERS)}
PERMISSION_ROWS = {row["permission"]: row for row in table(PERMISSIONS)}
PASSWORD = "a password for tests"
NO_ID = "0" * 24
BUCKET = {"name": "Away", "provider": "s3", "bucket": "away", "accessKey": "AK", "secretKey": "SK"}
BUCKET["endpoint"] = "http://127.0.0.1:9"
PROVIDER = {"name": "ID", "issuer": "https://id.example.com", "clientId": "seatrial"}
PUBLISHER = {"provider": "other", "issuer": "https://ci.example.com", "conditions": {"sub": "run:*"}}
RELEASE_KEY = FIXTURES / "apk" / "keys" / "release.p12"


def served() -> set[str]:
    """Ask the application itself which routes it has; every GET is also a HEAD."""
    limits = BodyLimits(json=1, idle_read=1, refused=1, refused_seconds=1)
    app = create_app(cast("Context", SimpleNamespace(body_limits=limits, meter=Meter())))
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if method != "HEAD" or route.path == "/v1/download/{token}" or route.path.endswith("/uploads/{upload}")
    }


def test_the_table_has_every_route_and_no_other() -> None:
    listed = [row["route"] for row in (*ROUTE_ROWS, *PAGE_ROWS)]
    assert set(listed) == served()
    assert len(set(listed)) == len(listed)


def test_the_table_has_every_permission_of_its_routes() -> None:
    asked = {row["permission"] for row in (*ROUTE_ROWS, *PAGE_ROWS)}
    assert asked - {"-"} == set(PERMISSION_ROWS)


@dataclass
class World:
    """One server with a credential of every kind, and something of every kind to ask for."""

    server: Server
    credentials: dict[str, str | None] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    serial: int = 0
    asking: str = ""
    """The credential of the request that is being made."""

    def made(self, path: str, body: Json, secret: str | None = None) -> Json:
        """Make something as the administrator, or with another credential."""
        answer = self.server.client("", secret or self.server.service_token).post(self.path(path), json=body)
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data

    def path(self, pattern: str) -> str:
        return re.sub(r"{(\w+)(?::path)?}", lambda match: self.things[match[1]], pattern)

    def name(self) -> str:
        self.serial += 1
        return f"number-{self.serial}"

    def login(self, email: str) -> Json:
        payload = {"email": email, "password": PASSWORD}
        answer = self.server.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": payload})
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data

    def ask(self, route: str, credential: str | None) -> httpx.Response:
        method, path = route.split()
        if "webhook}" in path:
            settle(self, APP if path.startswith(APP) else ORGANIZATION)
        headers = {} if credential is None else {"Authorization": f"Bearer {credential}".rstrip()}
        self.asking = credential or ""
        extra = BODIES.get(route, nothing)(self)
        headers |= extra.pop("headers", {})
        answer = self.server.anyone.request(method, self.path(path), headers=headers, **extra)
        if path.endswith("/reprocess") and answer.status_code == 200:
            self.server.wait_for(self.things["build"])
        return answer


def settle(world: World, place: str) -> None:
    """Have a webhook of this place, and a message in its log that nobody is sending at this moment."""
    if world.things.get("place") != place:
        wanted = {"url": "https://hooks.invalid/", "events": ["build.processed"]}
        world.things |= {"place": place, "webhook": world.made(f"{place}/webhooks", wanted)["id"]}
    world.serial += 1
    world.things["delivery"] = f"{world.serial:024x}"
    world.server.write(
        "INSERT INTO webhook_deliveries (id, webhook_id, kind, payload, status, created_at) VALUES (?, ?, ?, ?, ?, 0)",
        *(world.things["delivery"], world.things["webhook"], "build.processed", "{}", "failed"),
    )


def nothing(_world: World) -> Json:
    return {}


def build_form(world: World) -> Json:
    return {"files": {"build": ("a.txt", world.name().encode())}}


def file_form(world: World) -> Json:
    return {"files": {"file": ("a.txt", world.name().encode())}}


def announced(place: str, said: dict[str, str]) -> Callable[[World], Json]:
    """Speak of an upload of the one who asks: nobody meets another one's, whatever they may."""

    def make(world: World) -> Json:
        headers = {"Authorization": f"Bearer {world.asking}".rstrip(), "Tus-Resumable": "1.0.0"}
        answer = world.server.anyone.post(world.path(f"{place}/uploads"), headers=headers | {"Upload-Length": "9"})
        world.things["upload"] = answer.headers.get("location", NO_ID).rpartition("/")[2]
        return {"headers": {"Tus-Resumable": "1.0.0"} | said}

    return make


def saying(**body: object) -> Callable[[World], Json]:
    return lambda _: {"json": body}


def with_code(world: World) -> Json:
    return {"json": {"password": PASSWORD, "code": world.things["code"]}}


def with_signing_key(world: World) -> Json:
    world.server.ops.post("/signingKey")
    return {}


def publication(world: World) -> Json:
    said = {"security": "public", "visibility": "unlisted", "filter": {"type": "last"}}
    return said | {"slug": world.name(), "application": world.things["app"]}


def with_pin(world: World) -> Json:
    in_place(world)
    world.server.ops.put(f"/builds/{world.things['build']}/pin", json={"reason": "golden"})
    return {}


def in_trash(world: World) -> Json:
    world.server.ops.delete(f"/builds/{world.things['build']}/pin")
    world.server.ops.post(f"/builds/{world.things['build']}/trash")
    return {}


def in_place(world: World) -> Json:
    """Undo what a credential with the right to it has done."""
    world.server.ops.post(f"/trash/{world.things['build']}/restore")
    world.server.ops.delete(f"/builds/{world.things['build']}/pin")
    return {}


def own_signing_key(world: World) -> Json:
    keystore = base64.b64encode(RELEASE_KEY.read_bytes()).decode()
    return {"json": {"keystore": keystore, "password": "seatrial", "replace": True}}


def with_dead_mail(world: World) -> Json:
    world.server.write("UPDATE mails SET state = 'dead' WHERE id = ?", world.things["mail"])
    return {}


def own_preference(world: World) -> Json:
    return {"json": {"organization": world.things["own organization"], "delivery": "all"}}


ORGANIZATION, APP = "/v1/organizations/{organization}", "/v1/organizations/{organization}/apps/{app}"
STORE = "/v1/organizations/{organization}/stores/{store}"
BODIES: dict[str, Callable[[World], Json]] = {
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


def renew(world: World, thing: str) -> None:
    """Make another thing in the place of the one that was deleted."""
    match thing:
        case "build":
            build = world.server.processed()
            world.things |= {"build": build["id"], "file": build["files"][0]["id"]}
        case "feedback":
            client = world.server.client("", world.server.app_token)
            sent = client.post("/v1/feedback", json={"type": "bug", "message": "It breaks."})
            world.things["feedback"] = sent.json()["data"]["id"]
        case "app_token":
            world.things["app_token"] = world.made(f"{APP}/tokens", {})["id"]
        case "publisher":
            world.things["publisher"] = world.made(f"{APP}/trustedPublishers", PUBLISHER)["id"]
        case "account":
            body = {"name": "a robot", "role": "viewer"}
            world.things["account"] = world.made(f"{ORGANIZATION}/serviceAccounts", body)["id"]
        case "webhook":
            del world.things["place"]
        case "provider":
            world.things["provider"] = world.made(f"{ORGANIZATION}/identityProviders", PROVIDER)["id"]
        case "storage":
            world.things["storage"] = world.made(f"{ORGANIZATION}/storageProviders", BUCKET)["id"]
        case "user":
            viewer = world.credentials["session, viewer"] or ""
            world.things["user"] = copied_person(world.server, viewer, f"{world.name()}@example.com")
            world.made(f"{APP}/collaborators", {"user": world.things["user"], "role": "viewer"})
        case "employee":
            body = {"email": f"{world.name()}@example.com"}
            world.things["employee"] = world.made(f"{ORGANIZATION}/employees", body)["id"]
        case "device":
            world.things["device"] = make_known(world.server)
        case "invitation":
            body = {"email": f"{world.name()}@example.com"}
            world.things["invitation"] = world.made(f"{ORGANIZATION}/invitations", body)["id"]
        case "group" | "audience":
            world.things[thing] = world.made(f"{ORGANIZATION}/{thing}s", {"name": world.name()})["id"]
        case "publication":
            world.things["publication"] = world.made(f"{STORE}/pubApps", publication(world))["id"]


@pytest.fixture(scope="module")
def world(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a server of our own: a second organization is more than the command line of others expects."""
    folder = tmp_path_factory.mktemp("world")
    settings = {"SEATRIAL_OIDC__ALLOW_LOOPBACK": "true"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    try:
        yield populated(server)
    finally:
        server.close()


def populated(server: Server) -> World:
    world = World(server)
    world.things |= {
        "organization": server.organization["id"],
        "app": server.app["id"],
        "name": "any",
        "upload": NO_ID,
        "session": NO_ID,
        "code": "000000",
        "own organization": server.organization["id"],
        "store": server.organization["id"],
        "slug": "nothing-is-here",
        "probe": "nobody-asked",
    }
    now = time.time_ns() // 1_000_000  # not long ago: what is old is swept once a minute
    ids = {name: new_entity_id() for name in ("mail", "notification")}
    server.write(
        "INSERT INTO mails (id, organization_id, kind, email, state, history, created_at, updated_at)"
        " VALUES (?, ?, 'digest', 'ada@example.com', 'dead', '[]', ?, ?)",
        ids["mail"],
        server.organization["id"],
        *(now, now),
    )
    server.write(
        "INSERT INTO build_notifications (id, organization_id, app_id, build_id, turn, requested_by, collaborators,"
        " employees, message, language, groups, state, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, 0, '{}', ?, ?, '', '', '[]', 'told', 0, 0)",
        ids["notification"],
        server.organization["id"],
        server.app["id"],
        NO_ID,
        True,
        True,
    )
    world.things |= ids
    people = ("employee", "group", "audience", "provider", "storage", "invitation", "device")
    for thing in ("build", "feedback", "app_token", "publisher", "account", "publication", *people):
        renew(world, thing)
    other = world.made(f"{ORGANIZATION}/apps", {"name": world.name()})
    world.credentials |= {
        "none": None,
        "empty": "",
        "unknown": "nobody",
        "unknown session": "stu_nobody",
        "app token": server.app_token,
        "app token, sdk": world.made(f"{APP}/tokens", {"scopes": ["sdk"]})["bearer"],
        "app token, publish": world.made(f"{APP}/tokens", {"scopes": ["publish"]})["bearer"],
        "trusted publishing": traded_in(world),
        "app token, other app": world.made(f"{ORGANIZATION}/apps/{other['id']}/tokens", {})["bearer"],
        "admin": server.service_token,
        "admin, other organization": foreign_account(server),
    }
    add_ended_tokens(world)
    add_sessions(world, other["id"])
    renew(world, "user")
    return world


def traded_in(world: World) -> str:
    """Be a run of a CI system whose identity token fits a rule."""
    now = int(time.time())
    with serving() as issuer:
        world.made(f"{APP}/trustedPublishers", PUBLISHER | {"issuer": issuer.url})
        run = {"iss": issuer.url, "aud": world.server.base_url, "iat": now, "exp": now + 300, "sub": "run:1"}
        answer = world.server.anyone.post("/v1/oidc/token", json={"token": issuer.sign(run)})
    assert answer.status_code == 200, answer.text
    bearer: str = answer.json()["data"]["bearer"]
    return bearer


def add_ended_tokens(world: World) -> None:
    server = world.server
    for role in ("developer", "viewer"):
        body = {"name": role, "role": role}
        world.credentials[role] = world.made(f"{ORGANIZATION}/serviceAccounts", body)["bearer"]
    expired = (
        world.made(f"{APP}/tokens", {}),
        world.made(f"{ORGANIZATION}/serviceAccounts", {"name": "x", "role": "admin"}),
    )
    for table_name, made in zip(("app_tokens", "service_accounts"), expired, strict=True):
        server.write(f"UPDATE {table_name} SET expires_at = created_at WHERE id = ?", made["id"])
    revoked = (
        world.made(f"{APP}/tokens", {}),
        world.made(f"{ORGANIZATION}/serviceAccounts", {"name": "x", "role": "admin"}),
    )
    for path, made in zip((f"{APP}/tokens", f"{ORGANIZATION}/serviceAccounts"), revoked, strict=True):
        gone = server.client("", server.service_token).delete(f"{world.path(path)}/{made['id']}")
        assert gone.status_code == 200
    for state, (token, account) in (("expired", expired), ("revoked", revoked)):
        world.credentials[f"app token, {state}"] = token["bearer"]
        world.credentials[f"admin, {state}"] = account["bearer"]


def add_sessions(world: World, other_app: str) -> None:
    for role in ("owner", "admin", "editor", "viewer", "unassigned"):
        body = {"email": f"{role}@roles.example", "role": role, "password": PASSWORD}
        world.made(f"{ORGANIZATION}/collaborators", body)
        world.credentials[f"session, {role}"] = world.login(body["email"])["accessToken"]["token"]
    for name, path in (("in the app", APP), ("in another app", f"{ORGANIZATION}/apps/{other_app}")):
        body = {
            "email": f"{name.replace('in ', 'in-').replace(' app', '-app')}@roles.example",
            "role": "unassigned",
            "password": PASSWORD,
        }
        user = world.made(f"{ORGANIZATION}/collaborators", body)["id"]
        world.made(f"{path}/collaborators", {"user": user, "role": "editor"})
        world.credentials[f"session, {name}"] = world.login(body["email"])["accessToken"]["token"]
    foreign = {"email": "owner@others.example", "role": "owner", "password": PASSWORD}
    world.made("/v1/organizations/others/collaborators", foreign, world.credentials["admin, other organization"])
    opened = {
        name: world.login(foreign["email"] if "other" in name else "admin@roles.example")
        for name in ("session, other organization", "session, expired", "session, revoked", "refresh token")
    }
    world.credentials |= {name: session["accessToken"]["token"] for name, session in opened.items()}
    world.credentials["refresh token"] = opened["refresh token"]["refreshToken"]["token"]
    expired, revoked = opened["session, expired"], opened["session, revoked"]
    world.server.write(
        "UPDATE sessions SET access_expires_at = created_at WHERE access_digest = ?",
        digest(expired["accessToken"]["token"]),
    )
    assert world.server.client("", revoked["accessToken"]["token"]).post("/v1/auth/logout").status_code == 200


def expectation(row: dict[str, str], credential: str, *, has_object_store: bool) -> str:
    """Say what the tables say: `200`, or a status and a code, with the permission where one is missing."""
    answer, permission = ANSWER_ROWS[credential][row["gate"]], row["permission"]
    if answer != "may":
        return answer
    allowed = permission == "-" or is_allowed(credential, row["route"], permission, PERMISSION_ROWS)
    if allowed and "/directUploads" in row["route"]:
        # Nobody has announced one here; and where files go to a disk, whoever may could not.
        if "{upload}" in row["route"]:
            return "404/3001"
        return "200" if has_object_store else "409/1009"
    return "200" if allowed else f"403/4003 {permission}"


def outcome(answer: httpx.Response) -> str:
    if answer.is_success:
        return "200"
    if not answer.content:  # of a HEAD
        return str(answer.status_code)
    error = answer.json()["error"]
    refused(answer, answer.status_code, error["code"])
    missing = error["data"]["permission"] if "permission" in error.get("data", {}) else ""
    return f"{answer.status_code}/{error['code']} {missing}".strip()


@pytest.mark.parametrize("row", [row for row in ROUTE_ROWS if row["gate"] != "open"], ids=lambda row: row["route"])
def test_each_credential_gets_the_answer_of_the_table(world: World, row: dict[str, str]) -> None:
    route, found, expected = row["route"], dict[str, str](), dict[str, str]()
    has_object_store = "SEATRIAL_STORAGE__BUCKET" in world.server.settings
    for credential in ANSWER_ROWS:
        secret = world.credentials[credential]
        if row["gate"] == "session" and ANSWER_ROWS[credential]["session"] == "may":
            secret = fresh_session(world, credential, route)
        expected[credential] = expectation(row, credential, has_object_store=has_object_store)
        if route.startswith("HEAD"):
            expected[credential] = expected[credential].partition("/")[0]
        found[credential] = outcome(world.ask(route, secret))
        if route.startswith("DELETE") and not route.endswith(("/pin", "/{upload}")) and found[credential] == "200":
            renew(world, (re.findall(r"{(\w+)}", route) or [""])[-1])
    if "/pin" in route or "/trash" in route:
        in_place(world)
    assert found == expected


# On a token, HEAD is a route of its own: tests/e2e/test_downloads.py.
LOOKS = [row["route"] for row in ROUTE_ROWS if row["route"].startswith("GET ") and "{token}" not in row["route"]]


@pytest.mark.parametrize("route", LOOKS)
def test_head_lets_in_whom_get_lets_in(world: World, route: str) -> None:
    for credential in ("none", "app token", "admin", "session, unassigned"):
        secret = world.credentials[credential]
        seen, asked = world.ask(route, secret), world.ask(route.replace("GET", "HEAD"), secret)
        assert (asked.status_code, asked.content) == (seen.status_code, b"")


def fresh_session(world: World, credential: str, route: str) -> str:
    """Be somebody new: what is asked ends sessions, and changes who asks."""
    secret = world.credentials[credential] or ""
    token = copied_session(world.server, secret, copied_person(world.server, secret, f"{world.name()}@fresh.example"))
    me = world.server.client("/v1/auth", token)
    is_elsewhere = credential == "session, other organization"
    world.things["own organization"] = "others" if is_elsewhere else world.things["organization"]
    if "{session}" in route:
        world.things["session"] = me.get("/sessions").json()["data"]["items"][0]["id"]
    if "/twoFactor/" in route:
        begun = me.post("/twoFactor", json={"password": PASSWORD}).json()["data"]
        code = pyotp.TOTP(begun["secret"]).now()
        if not route.endswith("/confirm"):
            code = me.post("/twoFactor/confirm", json={"code": code}).json()["data"]["recoveryCodes"][0]
        world.things["code"] = code
    return token
