"""A server with a credential of every kind, and something of every kind: for `test_authorization.py`."""

import re
import time
from dataclasses import dataclass, field

import httpx
import pyotp

from seatrial.domain.ids import new_entity_id
from tests.apple_devices import make_known
from tests.e2e.another_organization import foreign_account
from tests.e2e.authorization_bodies import BODIES, BUCKET, NO_ID, PASSWORD, PROVIDER, PUBLISHER, nothing, publication
from tests.e2e.authorization_table import APP, ORGANIZATION, STORE
from tests.e2e.copied_people import copied_person, copied_session, digest
from tests.issuer import serving
from tests.server import Json, Server


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
        "INSERT INTO webhook_deliveries (id, webhook_id, kind, payload, status, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        *(
            world.things["delivery"],
            world.things["webhook"],
            "build.processed",
            "{}",
            "failed",
            time.time_ns() // 10**6,
        ),
    )


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
