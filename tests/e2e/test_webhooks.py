"""Webhooks of a real server to a real receiver: verified by the standard's library, the page's snippets and OpenAPI."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.refusals import refused
from tests.openapi import Described
from tests.receiver import Receiver, Taken, receiving, verified
from tests.server import DEMO_APK, PATIENCE_SECONDS, Json, Server, Workspace

PAGE = (Path(__file__).parents[2] / "docs/how-to/webhooks.md").read_text()
OPENED = {
    "SEATRIAL_WEBHOOKS__ALLOW_HTTP": "true",
    "SEATRIAL_WEBHOOKS__ALLOWED_NETWORKS": '["127.0.0.0/8"]',
    "SEATRIAL_WEBHOOKS__TOTAL_SECONDS": "2",
    "SEATRIAL_PUBLIC_URL": "https://builds.example.com",
}
EVENTS = ["build.uploaded", "build.processed", "build.failed", "build.downloaded"]


@pytest.fixture(scope="module")
def opened(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hooks")
    server = Server(workspace.copied_to(folder), folder / "server.log", OPENED)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def described(opened: Server) -> Described:
    return Described(opened.anyone.get("/openapi.json").json())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def made(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def hook(server: Server, receiver: Receiver, events: list[str], **more: object) -> Json:
    return made(server.ops.post("/webhooks", json={"url": receiver.url, "events": events, **more}))


def settled(server: Server, webhook: Json, delivery: str) -> Json:
    """Wait until an attempt at a message is over, and give the message."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = made(server.ops.get(f"/webhooks/{webhook['id']}/deliveries/{delivery}"))
        if found["attemptLog"] and all(one["durationMs"] is not None or one["error"] for one in found["attemptLog"]):
            return found
        assert time.monotonic() < give_up, found
        time.sleep(0.05)


def test_every_event_arrives_signed_and_as_it_is_described(
    opened: Server, described: Described, receiver: Receiver
) -> None:
    webhook = hook(opened, receiver, EVENTS, headers={"Authorization": "Bearer theirs"})
    build = opened.processed(DEMO_APK)
    broken = opened.wait_for(opened.upload(b"nothing known")["id"])
    assert opened.anyone.get(f"/v1/download/{opened.token(build['id'])}").status_code == 302
    taken = receiver.wait_for(5)
    opened.ops.delete(f"/webhooks/{webhook['id']}")
    messages = [verified(one, webhook["secret"]) for one in taken]
    found = {}
    for one, message in zip(taken, messages, strict=True):
        assert isinstance(message, dict)
        assert json.loads(one.body) == message
        assert one.headers["authorization"] == "Bearer theirs"
        request = described.document["webhooks"][message["type"]]["post"]
        schema = request["requestBody"]["content"]["application/json"]["schema"]
        assert described.complaints(schema, message) == []
        assert {item["name"] for item in request["parameters"]} <= set(one.headers)
        found[message["type"], message["data"]["build"]["id"]] = message["data"]
    assert set(found) == {
        ("build.uploaded", build["id"]),
        ("build.processed", build["id"]),
        ("build.uploaded", broken["id"]),
        ("build.failed", broken["id"]),
        ("build.downloaded", build["id"]),
    }
    shown = found["build.processed", build["id"]]["build"]
    assert shown == json.loads(json.dumps(build).replace(opened.base_url, OPENED["SEATRIAL_PUBLIC_URL"]))
    assert found["build.failed", broken["id"]]["build"]["errorCode"] == "UNRECOGNISED_FORMAT"
    assert found["build.downloaded", build["id"]]["download"]["build"] == build["id"]


def test_real_answers_of_webhooks(opened: Server, described: Described, receiver: Receiver) -> None:
    organization = opened.client(f"/v1/organizations/{opened.organization['id']}", opened.service_token)
    for place, client in (("Organization", organization), ("App", opened.ops)):
        wanted = {"url": receiver.url, "events": ["feedback.created"], "headers": {"X-Own": "1"}}
        created = client.post("/webhooks", json=wanted)
        described.check(f"create{place}Webhook", created)
        one = f"/webhooks/{created.json()['data']['id']}"
        described.check(f"list{place}Webhooks", client.get("/webhooks"))
        described.check(f"show{place}Webhook", client.get(one))
        described.check(f"update{place}Webhook", client.put(one, json={"enabled": False, "headers": None}))
        described.check(f"update{place}Webhook", client.put(one, json={"events": ["nothing"]}))
        described.check(f"rotate{place}Webhook", client.post(f"{one}/rotate"))
        tested = client.post(f"{one}/test")
        described.check(f"test{place}Webhook", tested)
        delivery = f"{one}/deliveries/{tested.json()['data']['id']}"
        give_up = time.monotonic() + PATIENCE_SECONDS
        while made(client.get(delivery))["status"] == "pending":
            assert time.monotonic() < give_up
            time.sleep(0.05)
        described.check(f"show{place}WebhookDelivery", client.get(delivery))
        described.check(f"list{place}WebhookDeliveries", client.get(f"{one}/deliveries?status=delivered"))
        described.check(f"list{place}WebhookDeliveries", client.get(f"{one}/deliveries?status=lost"))
        described.check(f"replay{place}WebhookDelivery", client.post(f"{delivery}/replay"))
        assert len({taken.headers["webhook-id"] for taken in receiver.wait_for(2)}) == 1
        schema = described.document["components"]["schemas"]["WebhookTestMessage"]
        assert described.complaints(schema, json.loads(receiver.taken[0].body)) == []
        described.check(f"remove{place}Webhook", client.delete(one))
        described.check(f"remove{place}Webhook", client.delete(one))
        receiver.taken.clear()


def test_real_answers_of_expirations(opened: Server, described: Described) -> None:
    organization = opened.client(f"/v1/organizations/{opened.organization['id']}", opened.service_token)
    opened.processed(DEMO_APK)
    wanted = {"slug": "ending", "visibility": "active", "security": "public", "filter": {"type": "last"}}
    publication = opened.ci.post("/distributions", json=wanted)
    assert publication.status_code == 200, publication.text
    answer = organization.get("/expirations")
    described.check("listExpirations", answer)
    assert [one["kind"] for one in made(answer)["items"]] == ["certificate"]
    assert made(organization.get("/expirations?within=60"))["items"] == []
    refusal = organization.get("/expirations?within=soon")
    described.check("listExpirations", refusal)
    assert "within" in refused(refusal, 400, 1000)["data"]["fields"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://10.0.0.1/", "ftp://127.0.0.1/", "", 7, None])
def test_bad_input_is_refused_by_name(opened: Server, url: object) -> None:
    answer = opened.ops.post("/webhooks", json={"url": url, "events": ["build.processed"]})
    assert "url" in refused(answer, 400, 1000)["data"]["fields"]


def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to(opened: Server, receiver: Receiver) -> None:
    opened.settings["SEATRIAL_WEBHOOKS__ALLOWED_NETWORKS"] = "[]"
    opened.restart()
    try:
        url = receiver.url.replace("127.0.0.1", "localhost")
        webhook = made(opened.ops.post("/webhooks", json={"url": url, "events": EVENTS}))
        tested = made(opened.ops.post(f"/webhooks/{webhook['id']}/test"))
        found = settled(opened, webhook, tested["id"])
        assert "inside of a network" in found["attemptLog"][0]["error"]
        assert receiver.taken == []
    finally:
        opened.settings |= OPENED
        opened.restart()


def test_a_kill_in_the_middle_is_told_and_the_message_sent_again(opened: Server, receiver: Receiver) -> None:
    receiver.held = threading.Event()
    webhook = hook(opened, receiver, EVENTS)
    tested = made(opened.ops.post(f"/webhooks/{webhook['id']}/test"))
    receiver.wait_for(1)
    opened.kill()
    receiver.held.set()
    opened.start()
    first, second = receiver.wait_for(2)
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    found = settled(opened, webhook, tested["id"])
    assert "in the middle of this attempt" in found["attemptLog"][0]["error"]
    assert found["attemptLog"][1]["response"]["status"] == 200


def test_receivers_that_never_answer_hold_up_no_build_and_are_told(opened: Server, receiver: Receiver) -> None:
    receiver.held = threading.Event()
    webhook = hook(opened, receiver, EVENTS)
    tested = [made(opened.ops.post(f"/webhooks/{webhook['id']}/test")) for _ in range(9)]
    receiver.wait_for(8)
    opened.processed(DEMO_APK)
    found = settled(opened, webhook, tested[0]["id"])
    opened.ops.delete(f"/webhooks/{webhook['id']}")
    assert found["attemptLog"][0]["error"] == "The receiver did not answer completely within 2 seconds."
    assert found["status"] == "pending"


def snippet(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE[PAGE.index("## Verify") :], re.DOTALL)
    return str(found[0])


@pytest.fixture(scope="module")
def sample(opened: Server) -> tuple[str, Taken]:
    with receiving() as receiver:
        webhook = hook(opened, receiver, EVENTS)
        opened.ops.post(f"/webhooks/{webhook['id']}/test")
        [taken] = receiver.wait_for(1)
        return webhook["secret"], taken


def test_the_pages_python_verifies(sample: tuple[str, Taken]) -> None:
    secret, taken = sample
    names: Json = {}
    exec(compile(snippet("python"), "page", "exec"), names)
    assert names["verify"](secret, taken.headers, taken.body)
    assert not names["verify"](secret, taken.headers, taken.body + b" ")
    assert not names["verify"](secret, taken.headers | {"webhook-timestamp": "1"}, taken.body)


def test_the_pages_shell_computes_the_same(sample: tuple[str, Taken], tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    secret, taken = sample
    (tmp_path / "body").write_bytes(taken.body)
    said = {"SECRET": secret, "ID": taken.headers["webhook-id"], "TIMESTAMP": taken.headers["webhook-timestamp"]}
    done = subprocess.run(
        ["sh", "-c", snippet("sh")], env=said | {"PATH": "/usr/bin:/bin"}, cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == taken.headers["webhook-signature"]


def test_the_pages_node_verifies(sample: tuple[str, Taken], tmp_path: Path) -> None:
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    secret, taken = sample
    arguments = ", ".join(json.dumps(one) for one in (secret, taken.headers, taken.body.decode()))
    (tmp_path / "page.mjs").write_text(snippet("js") + f"\nprocess.exit(verify({arguments}) ? 0 : 1);\n")
    assert subprocess.run([node, tmp_path / "page.mjs"], check=False).returncode == 0
