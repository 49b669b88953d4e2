"""Notifications as their users meet them: an upload as in the documents, mails over TLS with a password, the way out."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import smtp
from tests.e2e.refusals import refused
from tests.openapi import Described
from tests.server import DEMO_APK, PATIENCE_SECONDS, Server, Workspace


@pytest.fixture
def post() -> smtp.Post:
    return smtp.Post()


@pytest.fixture
def server(workspace: Workspace, tmp_path: Path, post: smtp.Post) -> Iterator[Server]:
    context, trusted = smtp.certificate(tmp_path)
    with smtp.serving(post, tls_context=context, authenticator=smtp.with_password, auth_required=True) as port:
        settings = {
            "SEATRIAL_MAIL__HOST": "127.0.0.1",
            "SEATRIAL_MAIL__PORT": str(port),
            "SEATRIAL_MAIL__USER": smtp.USER,
            "SEATRIAL_MAIL__PASSWORD": smtp.PASSWORD,
            "SEATRIAL_MAIL__CA_FILE": str(trusted),
            "SEATRIAL_MAIL__SENDER": "builds@example.com",
        }
        server = Server(workspace.copied_to(tmp_path), tmp_path / "server.log", settings)
        try:
            yield server
        finally:
            server.close()


def test_an_upload_as_in_the_documents_reaches_people(server: Server, post: smtp.Post) -> None:
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    _employ(server, "eva@example.com", "es", "group1", "group2")
    _employ(server, "hans@example.com", "de", "group3")
    _employ(server, "gone@example.com", "", "group3")
    _employ(server, "nobody@example.com", "", "group1")
    groups = {"filter[0][0]": "group1", "filter[0][1]": "group2", "filter[1][0]": "group3"}
    described = Described(server.anyone.get("/openapi.json").json())
    previewed = server.ops.post(
        "/notifications/preview", json={"notifyEmployees": True, "filter": "group1,group2|group3"}
    )
    assert [(one["email"], one["detail"], one["outcome"]) for one in previewed.json()["data"]["items"]] == [
        ("eva@example.com", "group1, group2", "mail"),
        ("gone@example.com", "group3", "mail"),
        ("hans@example.com", "group3", "mail"),
    ]
    described.check("previewNotification", previewed)
    said = {"notifyEmployees": "true", "notifyMessage": "¡Hola!", "changelog": "* Fixed", **groups}
    build = server.processed(DEMO_APK, None, **said)
    spanish, german = sorted(post.wait_for(2), key=lambda mail: str(mail["To"]))
    assert str(spanish["Subject"]).endswith("está lista")
    assert str(german["Subject"]).endswith("ist bereit")
    link = re.search(r"http://127\.0\.0\.1:\d+/builds/\w+/install", str(german.get_body(("plain",))))
    assert link is not None
    refused_mail = _until(organization, build["id"], "gone@example.com", "refused")
    assert refused_mail["answer"].startswith("550")
    again = organization.post(f"/mails/{refused_mail['id']}/retry")
    described.check("retryMail", again)
    assert again.json()["data"]["status"] == "queued"
    _until(organization, build["id"], "gone@example.com", "refused")
    described.check("showMail", organization.get(f"/mails/{refused_mail['id']}"))
    described.check("listMails", organization.get("/mails"))
    described.check("listNotifications", server.ops.get("/notifications"))
    described.check("listNotificationsOfBuild", server.ops.get(f"/builds/{build['id']}/notifications"))
    told = server.ops.get(f"/builds/{build['id']}/notifications").json()["data"]["items"]
    assert [(one["recipients"], one["mails"]["sent"], one["status"]) for one in told] == [(3, 2, "told")]
    people = server.ops.get(f"/notifications/{told[0]['id']}/mails", params={"status": "sent"})
    described.check("listMailsOfNotification", people)
    assert {one["email"] for one in people.json()["data"]["items"]} == {"eva@example.com", "hans@example.com"}
    refused(organization.get("/mails", params={"status": "lost"}), 400, 1000)
    refused(server.ops.post(f"/builds/{build['id']}/notifications", json={"notifyEmployees": "perhaps"}), 400, 1000)

    way_out = str(german["List-Unsubscribe"])[1:-1]
    page = server.anyone.get(way_out)
    described.check("showUnsubscribe", page)
    assert "hans@example.com" in page.text
    assert 'lang="de"' in page.text
    told_again = server.ops.post(f"/builds/{build['id']}/notifications", json={"notifyEmployees": True})
    described.check("notifyOfBuild", told_again)
    assert told_again.status_code == 200, told_again.text
    post.wait_for(3)  # nobody@, and nobody else: the GET has changed nothing, and the others know
    clicked = server.anyone.post(way_out, data={"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    described.check("unsubscribe", clicked)
    preview = server.ops.post("/notifications/preview", json={"notifyEmployees": True}).json()["data"]
    assert {one["email"]: one["outcome"] for one in preview["items"]}["hans@example.com"] == "unsubscribed"
    assert server.anyone.post(way_out, data={"delivery": "digest", "scope": "all"}).status_code == 200
    refused(server.anyone.post(way_out, data={"delivery": "sometimes"}), 400, 1000)
    assert server.anyone.get("/unsubscribe/stl_nothing").status_code == 404
    assert len(post.taken) == 3
    token = way_out.rpartition("/")[2]
    assert token not in server.log.read_text()


def test_one_s_own_wishes(server: Server) -> None:
    made = server.admin("user", "create", "ada@example.com")
    payload = {"email": "ada@example.com", "password": made["password"]}
    opened = server.anyone.post("/v1/auth/login", json={"provider": "traditional", "payload": payload}).json()
    me = server.client("/v1/auth", opened["data"]["accessToken"]["token"])
    slug = server.organization["slug"]
    described = Described(server.anyone.get("/openapi.json").json())
    described.check("listMailPreferences", me.get("/preferences"))
    assert [one["delivery"] for one in me.get("/preferences").json()["data"]["items"]] == ["all"]
    said = {"organization": slug, "app": server.app["slug"], "delivery": "digest"}
    assert me.put("/preferences", json=said).json()["data"]["delivery"] == "digest"
    assert len(me.get("/preferences").json()["data"]["items"]) == 2
    described.check("setMailPreference", me.put("/preferences", json={"organization": slug, "delivery": "none"}))
    assert [one["delivery"] for one in me.get("/preferences").json()["data"]["items"]] == ["none"]
    refused(me.put("/preferences", json={"organization": slug, "delivery": "often"}), 400, 1000)
    refused(me.put("/preferences", json={"organization": "others", "delivery": "all"}), 404, 3001)
    shown = server.admin("notification", "preview", "--app", server.app["slug"], "--collaborators")
    assert {one["email"]: one["outcome"] for one in shown}["ada@example.com"] == "unsubscribed"


def _employ(server: Server, email: str, language: str, *groups: str) -> None:
    from seatrial.domain.ids import new_entity_id

    organization, person = server.organization["id"], new_entity_id()
    server.write(
        "INSERT INTO employees (id, organization_id, email, origin, type, language, disabled, created_at, updated_at)"
        " VALUES (?, ?, ?, 'dashboard', 'traditional', ?, ?, 0, 0)",
        person,
        organization,
        email,
        language,
        False,
    )
    for name in groups:
        server.write(
            "INSERT INTO groups (id, organization_id, name, key, created_at, updated_at) SELECT ?, ?, ?, ?, 0, 0"
            " WHERE NOT EXISTS (SELECT 1 FROM groups WHERE organization_id = ? AND key = ?)",
            *(new_entity_id(), organization, name, name, organization, name),
        )
        server.write(
            "INSERT INTO employee_groups (employee_id, group_id, source)"
            " SELECT ?, id, 'manual' FROM groups WHERE organization_id = ? AND key = ?",
            *(person, organization, name),
        )


def _until(organization: httpx.Client, build_id: str, email: str, status: str) -> dict[str, str]:
    """Wait until a mail is in a state."""
    import time

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = organization.get("/mails", params={"build": build_id, "email": email}).json()["data"]["items"]
        if found and found[0]["status"] == status:
            mail: dict[str, str] = found[0]
            return mail
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
