"""Invitations through the real API and the page: what people and programs meet."""

import re

from tests.server import Server

PASSWORD = "a password for tests"
SCRIPT = "<script>"


def invite(server: Server, email: str, **said: object) -> str:
    org = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    answer = org.post("/invitations", json={"email": email, **said})
    assert answer.status_code == 200, answer.text
    link: str = answer.json()["data"]["link"]
    assert link.startswith(f"{server.base_url}/invitation/sti_")
    return link.removeprefix(f"{server.base_url}/invitation/")


def test_the_page_lets_somebody_in(server: Server) -> None:
    token = invite(server, "page@invited.example", role="editor", firstName=SCRIPT)
    page = server.anyone.get(f"/invitation/{token}")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "page@invited.example" in page.text
    assert SCRIPT not in page.text
    short = server.anyone.post(f"/invitation/{token}", data={"firstName": "Ada", "password": "short"})
    assert short.status_code == 400
    assert 'value="Ada"' in short.text
    assert "must be 12 to 128 characters" in re.sub(r"\s+", " ", short.text)
    done = server.anyone.post(f"/invitation/{token}", data={"firstName": "Ada", "password": PASSWORD})
    assert done.status_code == 200
    said = {"payload": {"email": "page@invited.example", "password": PASSWORD}}
    assert server.anyone.post("/v1/auth/login", json=said).status_code == 200
    for again in (server.anyone.get(f"/invitation/{token}"), server.anyone.post(f"/invitation/{token}")):
        assert again.status_code == 410
        assert "accepted already" in again.text
    assert server.anyone.get("/invitation/sti_nobody").status_code == 404
    assert token not in server.log.read_text()


def test_a_program_accepts(server: Server) -> None:
    token = invite(server, "api@invited.example", kind="employee", tags="QA", language="de")
    seen = server.anyone.get(f"/v1/invitations/{token}").json()["data"]
    assert (seen["kind"], seen["hasAccount"], seen["status"], seen["role"]) == ("employee", False, "pending", None)
    assert server.anyone.post(f"/v1/invitations/{token}", json={}).json()["error"]["code"] == 1000
    done = server.anyone.post(f"/v1/invitations/{token}", json={"password": PASSWORD, "firstName": "Eve"})
    assert done.json()["data"]["status"] == "accepted"
    org = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    [employee] = org.get("/employees", params={"email": "API@invited.example"}).json()["data"]["items"]
    assert (employee["from"], employee["tags"], employee["language"]) == ("invitation", ["QA"], "de")
    again = server.anyone.post(f"/v1/invitations/{token}", json={"password": PASSWORD})
    assert (again.status_code, again.json()["error"]["code"]) == (409, 1009)
