"""The dashboard's pages as many people ask for them: sessions, something of every kind, and forms as browsers send."""

import re
import time
from typing import Any

import httpx

from seatrial.domain.ids import new_entity_id
from seatrial.web.dashboard.door import COOKIE, proof
from tests.e2e.another_organization import SLUG, foreign_account
from tests.e2e.authorization_people_pages import Things, form_of
from tests.e2e.copied_people import copied_person, copied_session, digest
from tests.server import DEMO_APK, PATIENCE_SECONDS, Json, Server

PASSWORD = "a password for tests"
ROLES = ("owner", "admin", "editor", "viewer", "unassigned", "in the app", "in another app", "other organization")
STREAMS = ("/events",)
BUCKET = {"name": "Away", "provider": "s3", "bucket": "away", "accessKey": "AK", "secretKey": "SK"}
BUCKET["endpoint"] = "http://127.0.0.1:9"
GOOD = {200, 303}
# One pixel.
SCREEN = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SAID = {"type": "bug", "message": "It breaks.", "screenshot": SCREEN}
RULE = {"provider": "github", "conditions": {"repository": "acme/app"}}
REFUSED = "The receiver answered 500; only 200 to 299 mean that it has taken the message."
MESSAGE = '{"type": "build.processed", "data": {"build": {"versionName": "2.5.0-rc2", "status": "processed"}}}'
HOOK = {"url": "https://hooks.example/", "events": ["build.processed"]}


class Doors:
    """A server with a session of each role, and things to look at and to change: its own, and those of others."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.serial = 0
        self.organization = f"/v1/organizations/{server.organization['slug']}"
        self.app = f"{self.organization}/apps/{server.app['slug']}"
        self.others = f"/v1/organizations/{SLUG}"
        self.other_secret = foreign_account(server)
        build = server.processed()
        given = {
            "organization": server.organization["slug"],
            "app": server.app["slug"],
            "build": build["id"],
            "other": server.upload(b"another one")["id"],
            "file": icon_of(build),
        }
        self.things = Things(server, given)
        self.foreign = self._elsewhere()
        self.sessions: dict[str, str] = {}
        for role in ROLES:
            self._take_in(role)
            self.sessions[role] = self.login(role)
        self.things.viewer = self.sessions["viewer"]

    def made(self, path: str, body: Json, secret: str = "") -> Json:
        """Make something by the API, as an administrator."""
        answer = self.server.client("", secret or self.server.service_token).post(path, json=body)
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data

    def name(self) -> str:
        self.serial += 1
        return f"number-{self.serial}"

    def login(self, role: str) -> str:
        payload = {"email": address_of(role), "password": PASSWORD}
        answer = self.server.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": payload})
        token: str = answer.json()["data"]["accessToken"]["token"]
        return token

    def ended(self) -> list[str]:
        """Give a session that is past its time, and one that was ended."""
        past, over = (copied_session(self.server, self.sessions["admin"]) for _ in range(2))
        self.server.write("UPDATE sessions SET access_expires_at = created_at WHERE access_digest = ?", digest(past))
        assert self.server.client("", over).post("/v1/auth/logout").status_code == 200
        return [past, over]

    def ask(self, route: str, *, over: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Ask for a page, or send its form; some of what the path names may be something else."""
        method, pattern = route.split()
        path = re.sub(r"{(\w+)}", lambda match: (over or {}).get(match[1]) or self.things[match[1]], pattern)
        with self.server.anyone.stream(method, path, **self.said(route), **more) as answer:
            if method != "GET" or not route.endswith(STREAMS) or answer.status_code != 200:
                answer.read()
        return answer

    def ask_as(self, role: str, route: str, **more: Any) -> httpx.Response:
        """Ask as somebody who is signed in, by a form of a page of theirs."""
        secret = self.sessions[role]
        if route.endswith("/logout"):
            secret = copied_session(self.server, secret)
        return self.ask(route, headers={"Cookie": f"{COOKIE}={secret}", "X-CSRF-Token": proof(secret)}, **more)

    def prepare(self, route: str) -> None:
        """Have what a route is about: what it takes away is made anew, and nobody else is at work on it."""
        inside = "/apps/{app}/" in route
        if "{webhook}" in route:
            place = self.app if inside else self.organization
            self.things["webhook"] = self.made(f"{place}/webhooks", HOOK)["id"]
        if "{store}" in route and ("store" not in self.things or route.endswith("/remove")):
            self.things["store"] = self.made(f"{self.organization}/storageProviders", BUCKET)["id"]
        if "{delivery}" in route:
            self.things["delivery"] = self.delivery(self.things["webhook"])
        if "{token}" in route:
            self.things["token"] = self.made(f"{self.app}/tokens", {})["id"]
        if "{publisher}" in route:
            self.things["publisher"] = self.made(f"{self.app}/trustedPublishers", RULE)["id"]
        if "{account}" in route:
            body = {"name": "a robot", "role": "viewer"}
            self.things["account"] = self.made(f"{self.organization}/serviceAccounts", body)["id"]
        if "{feedback}" in route:
            client = self.server.client("", self.server.app_token)
            self.things["feedback"] = client.post("/v1/feedback", json=SAID).json()["data"]["id"]
            shown = self.server.ops.get(f"/feedbacks/{self.things['feedback']}").json()["data"]
            self.things["sent"] = shown["screenshot"]["id"]
        if "{trashed}" in route or route.endswith("/{build}/trash"):
            self._spare(route)
        if "{build}" in route:
            self.server.wait_for(self.things["build"])
        if "{publication}" in route:
            self.things["publication"] = self.published(self.organization, self.things["app"])

    def _spare(self, route: str) -> None:
        """Have a build in the trash, or one that may go there."""
        made = self.server.processed()["id"]
        if "{trashed}" in route:
            assert self.server.ops.post(f"/builds/{made}/trash").status_code == 200
            self.things["trashed"] = made
        else:
            self.things["build"] = made

    def delivery(self, webhook: str) -> str:
        """Write down a message that could not be sent."""
        delivery = new_entity_id()
        self.server.write(
            "INSERT INTO webhook_deliveries (id, webhook_id, kind, payload, status, attempts, error, response_status,"
            " created_at) VALUES (?, ?, 'build.processed', ?, 'failed', 1, ?, 500, ?)",
            *(delivery, webhook, MESSAGE, REFUSED, now := time.time_ns() // 10**6),
        )
        self.server.write(
            "INSERT INTO webhook_attempts (id, delivery_id, number, url, request_headers, address, response_status,"
            " response_body, duration_ms, error, started_at) VALUES (?, ?, 1, ?, ?, '203.0.113.7', 500, 'Oops', 84, ?, ?)",
            *(new_entity_id(), delivery, HOOK["url"], '[["Content-Type", "application/json"]]', REFUSED, now),
        )
        return delivery

    def published(self, organization: str, app: str, secret: str = "") -> str:
        said = {"security": "public", "visibility": "unlisted", "filter": {"type": "last"}}
        store = organization.rsplit("/", 1)[1]
        body = said | {"slug": self.name(), "application": app}
        made: str = self.made(f"{organization}/stores/{store}/pubApps", body, secret)["id"]
        return made

    def said(self, route: str) -> dict[str, Any]:
        """Give what the browser sends along: a query, or a form that is right."""
        if not route.startswith("POST"):
            return {"params": {"with": self.things["other"]} if route.endswith("/compare") else {"q": "a"}}
        if route.endswith("/apps/{app}/people"):
            email = f"{self.name()}@pages.example"
            copied_person(self.server, self.sessions["unassigned"], email)
            return {"data": {"user": email, "role": "viewer"}}
        if "/people" in route or "/account" in route:
            return {"data": form_of(route, self.server.organization["id"])}
        if route.endswith("/attach"):
            return {"files": {"file": ("a.txt", self.name().encode())}}
        if route.endswith("/upload"):
            return {"files": {"build": ("a.txt", self.name().encode())}}
        publication = {"app": self.things["app"], "slug": self.name(), "security": "public", "visibility": "unlisted"}
        forms: dict[str, Json] = {
            "look": {"theme": "dark"},
            "apps": {"name": self.name()},
            "change": {"chosen": self.things["build"], "action": "enable"},
            "filters": {"name": "Mine", "query": "q=a"},
            "{build}": {"versionName": "2.0", "tags": "a, b", "changelog": "New"},
            "switch": {"disabled": ""},
            "pin": {"reason": "The shop shows it"},
            "{feedback}": {"status": "closed"},
            "picture": {"build": self.things["build"]},
            "sdk": {"android.ota": "true", "ios.minVersion": "1.4"},
            "retention": {"ownDays": "30"},
            "tokens": {"description": "CI", "scopes": ["upload", "sdk"], "days": "30"},
            "trustedPublishers": {"provider": "github", "project": "acme/app", "ref": "refs/heads/main, refs/tags/v*"},
            "{publisher}": {"provider": "github", "project": "acme/app", "name": "CI"},
            "quotas": {"builds": "1000"},
            "serviceAccounts": {"name": "a robot", "role": "viewer"},
            "webhooks": HOOK,
            "storage": BUCKET,
            "{store}": BUCKET,
            "{webhook}": HOOK | {"enabled": "true"},
            "publications": publication | {"filterType": "last"},
            "preview": publication | {"filterType": "last"},
            "{publication}": publication | {"filterType": "last"},
            "settings": {"name": "Renamed", "integrationsEnabled": "true", "workspaceEnabled": "true"},
        }
        return {"data": forms.get(route.rsplit("/", 1)[1], {})}

    def _take_in(self, role: str) -> None:
        body = {"email": address_of(role), "password": PASSWORD}
        if role == "other organization":
            self.made(f"{self.others}/collaborators", body | {"role": "owner"}, self.other_secret)
            return
        in_one_app = role.startswith("in ")
        made = self.made(f"{self.organization}/collaborators", body | {"role": "unassigned" if in_one_app else role})
        if in_one_app:
            path = self.app if role == "in the app" else f"{self.organization}/apps/{self.foreign['another app']}"
            self.made(f"{path}/collaborators", {"user": made["id"], "role": "editor"})

    def _elsewhere(self) -> dict[str, str]:
        """Make things of another app of the organization (`in another app`), and of another organization."""
        server, secret = self.server, self.other_secret
        near = self.made(f"{self.organization}/apps", {"name": self.name()})["id"]
        far = self.made(f"{self.others}/apps", {"name": self.name()}, secret)["id"]
        near_path, far_path = f"{self.organization}/apps/{near}", f"{self.others}/apps/{far}"
        uploaded = server.client(near_path, server.service_token).post("/builds", files={"build": ("a.txt", b"near")})
        theirs = server.client(far_path, secret)
        sent = theirs.post("/builds", files={"build": (DEMO_APK.name, DEMO_APK.read_bytes())}).json()["data"]
        far_build = processed(theirs, sent["id"])
        hook = self.made(f"{self.others}/webhooks", HOOK, secret)["id"]
        near_hook = self.made(f"{near_path}/webhooks", HOOK)["id"]
        body = {"name": "theirs", "role": "viewer"}
        return {
            "another app": near,
            "app": far,
            "file": icon_of(far_build),
            "account": self.made(f"{self.others}/serviceAccounts", body, secret)["id"],
            "publication": self.published(self.others, far, secret),
            "webhook": hook,
            "store": self.made(f"{self.others}/storageProviders", BUCKET, secret)["id"],
            "delivery": self.delivery(hook),
            "in another app: build": uploaded.json()["data"]["id"],
            "in another app: other": uploaded.json()["data"]["id"],
            "in another app: token": self.made(f"{near_path}/tokens", {})["id"],
            "in another app: publisher": self.made(f"{near_path}/trustedPublishers", RULE)["id"],
            "in another app: webhook": near_hook,
            "in another app: delivery": self.delivery(near_hook),
        }


def address_of(role: str) -> str:
    return f"{role.replace(' ', '-')}@pages.example"


def icon_of(build: Json) -> str:
    icon: str = next(file["id"] for file in build["files"] if file["type"] == "icon")
    return icon


def processed(client: httpx.Client, build_id: str) -> Json:
    """Wait until a build is processed."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        build: Json = client.get(f"/builds/{build_id}").json()["data"]
        if build["status"] == "processed":
            return build
        assert time.monotonic() < give_up, f"build {build_id} is still {build['status']}"
        time.sleep(0.02)
