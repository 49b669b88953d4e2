"""A server with something of everything, as a team would have it, and the addresses of all its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from seatrial.web.dashboard.sign_in import STEP_COOKIE
from tests.apple_devices import make_known
from tests.e2e.authorization_pages import PAGE_ROUTES
from tests.e2e.authorization_table import table
from tests.e2e.doors import Doors
from tests.server import DEMO_APK, DEMO_IPA, FIXTURES, Server, Workspace

NO_PAGES = ("/events", "/download", ".csv", ".txt", "/{file}", "/{sent}", "/compare")
OUTSIDE = ("/dashboard/login", "/dashboard/login/code", "/dashboard/forgot")
BEGUN = {STEP_COOKIE: "somebody"}
"""What a browser has of somebody whose password was right: the page that asks for the code opens by it."""
STORE = ("/harbour", "/harbour/device", "/sealed", "/long-name", "/nowhere")
NOTES = "## New\n\n- *Tides* in the list of harbours\n- Charts load **twice** as fast\n\n`make sail` works again.\n"
TOLD = {
    "deployer.name": "GitHub Actions",
    "deployer.info.branch": "release/2.4",
    "deployer.info.commit": "f52ace01b7b94d0f8a3f1a7a2f0d5c7e4b1f9a63",
    "deployer.info.commitMessage": "Load charts once",
}
LONG = "The Harbour Master's Companion for Inland Waterways, Beta of the Northern District"
EVERYBODY = {"security": "public", "visibility": "active", "filter": {"type": "last"}, "showHistory": True}


def routes() -> list[str]:
    """Name the routes of everything that opens as a page of the dashboard."""
    rows = table(PAGE_ROUTES)
    pages = [row["route"] for row in rows if row["route"].startswith("GET ") and row["gate"] != "script"]
    return [route for route in pages if not route.endswith(NO_PAGES)]


def address(doors: Doors, route: str) -> str:
    """Give where a page is, and have what it is about."""
    doors.prepare(route)
    if route.endswith("/{webhook}"):
        doors.delivery(doors.things["webhook"])
    return re.sub(r"{(\w+)}", lambda match: doors.things[match[1]], route.split()[1])


@contextmanager
def harbour(workspace: Workspace) -> Iterator[Doors]:
    """Run such a server."""
    server = Server(workspace, workspace.data_dir.parent / "server.log")
    try:
        doors = Doors(server)
        fill(doors)
        yield doors
    finally:
        server.close()


def fill(doors: Doors) -> None:
    """Add what a few weeks of work leave behind: builds of all kinds, people in groups, pages of the store."""
    server, place = doors.server, doors.organization
    server.write("UPDATE organizations SET name = 'Harbour Mobile' WHERE id = ?", server.organization["id"])
    server.write("UPDATE apps SET name = 'Tides' WHERE id = ?", server.app["id"])
    server.write("UPDATE users SET first_name = 'Ada', last_name = 'Byron' WHERE email = 'owner@example.com'")
    said = {"repository": "harbour/tides", "ref": ["refs/heads/main", "refs/tags/v*"], "environment": "production"}
    doors.made(f"{doors.app}/trustedPublishers", {"name": "Releases", "provider": "github", "conditions": said})
    for number in range(4):
        server.upload(DEMO_APK, versionName=f"2.4.{number}", tags=f"staging,sprint-{40 + number}", **TOLD)
    for file in ("exe/demo.exe", "dmg/hfs-zlib.dmg"):
        server.upload(FIXTURES / file, **TOLD)
    server.upload(b"no build at all", "broken.apk", versionName="2.5.0-nightly.20260214+build.1182-" + "x" * 60)
    doors.things["build"] = server.processed(
        DEMO_IPA, versionName="2.5.0-rc2", changelog=NOTES, tags="rc,staging,a-tag-of-some-length-to-look-at", **TOLD
    )["id"]
    picture = server.client(doors.app, server.service_token).put("/picture", json={"buildId": doors.things["build"]})
    assert picture.status_code == 200, picture.text
    for number in range(2):
        assert server.anyone.get(f"/v1/download/{server.token(doors.things['build'])}").status_code == 302, number
    long = doors.made(f"{place}/apps", {"name": LONG})
    doors.made(f"{place}/apps", {"name": "Buoys"})
    for first, last, groups in (("Ada", "Byron", ["Crew", "Anchors"]), ("Grace", "Hopper", ["Crew"]), ("", "", [])):
        email = f"{(first or 'somebody.with.a.very.long.address.indeed').lower()}@harbour.example"
        doors.made(f"{place}/employees", {"email": email, "firstName": first, "lastName": last, "tags": groups})
    for first, days in (("grace", 200), ("ada", 0)):
        server.write(
            "UPDATE known_devices SET created_at = created_at - ?, name = ?,"
            " employee_id = (SELECT id FROM employees WHERE email = ?) WHERE id = ?",
            *(days * 86_400_000, f"iPhone of {first}", f"{first}@harbour.example", make_known(server)),
        )
    doors.made(f"{place}/audiences", {"name": "Everybody on board", "conditions": [["Crew"]]})
    doors.made(f"{place}/invitations", {"email": "ida@harbour.example", "kind": "employee"})
    store = place.rsplit("/", 1)[1]
    for slug, app, more in (
        ("harbour", doors.things["app"], {}),
        ("sealed", doors.things["app"], {"security": "password", "password": "open sesame"}),
        ("long-name", long["id"], {}),
    ):
        doors.made(f"{place}/stores/{store}/pubApps", EVERYBODY | more | {"slug": slug, "application": app})
