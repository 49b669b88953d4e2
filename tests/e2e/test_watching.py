"""What a server tells those who watch it: readiness, figures, logs; and what it must not tell them."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from seatrial.db import schema
from tests.conftest import StartServer
from tests.server import PATIENCE_SECONDS, SEATRIAL, Json, Server, Workspace, environment
from tests.worker.watching import wait_for

Figures = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture(scope="module")
def own(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose log nobody else writes into."""
    folder = tmp_path_factory.mktemp("watched")
    server = Server(workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_METRICS__TOKEN": "from-afar"})
    yield server
    server.close()


def figures(text: str) -> Figures:
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def lines(server: Server) -> list[Json]:
    whole, _, _ = server.log.read_text().rpartition("\n")  # the last one may be on its way
    return [json.loads(line) for line in whole.splitlines()]


def line_about(server: Server, **facts: object) -> Json:
    """Wait for a line of the log: it is written behind the answer."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        for line in lines(server):
            if facts.items() <= line.items():
                return line
        assert time.monotonic() < give_up, f"no line has {facts}"
        time.sleep(0.02)


def test_a_sane_request_id_is_kept_and_another_is_not(own: Server) -> None:
    for given in ("from-the-proxy_1.2", "a"):
        assert own.anyone.get("/healthz", headers={"X-Request-Id": given}).headers["x-request-id"] == given
    for odd in ("", "a b", "x" * 65, "<script>", 'a"b'):
        answered = own.anyone.get("/healthz", headers={"X-Request-Id": odd}).headers["x-request-id"]
        assert answered != odd
        assert re.fullmatch(r"[0-9a-f]{24}", answered)
    own.anyone.get("/v1/nothing", headers={"X-Request-Id": "look-for-me"})
    assert line_about(own, request_id="look-for-me")["path"] == "/v1/nothing"


def test_a_job_is_logged_with_its_id_and_its_build(own: Server) -> None:
    build = own.processed()
    line = line_about(own, event="job_done", build_id=build["id"])
    assert line["job"] == "process_build"
    assert line["job_id"].startswith(build["id"])


def test_figures_count_requests_by_route_and_nothing_by_what_was_asked_for(own: Server) -> None:
    build = own.processed()
    own.build(build["id"])
    before = figures(own.anyone.get("/metrics").text)
    for number in range(30):
        own.anyone.get(f"/v1/made/up/{number}")
        own.anyone.request(("PROPFIND", "TRACE", "LOCK")[number % 3], "/healthz")
        own.ci.get(f"/builds/{number:024x}")
    after = figures(own.anyone.get("/metrics").text)
    requests = "seatrial_http_requests_total"
    route = "/v1/integrations/builds/{build}"
    assert after[requests]["GET", route, "404"] - before[requests].get(("GET", route, "404"), 0) == 30
    assert [many for (method, _, _), many in after[requests].items() if method == "other"] == [30]
    assert after[requests]["GET", "none", "404"] - before[requests].get(("GET", "none", "404"), 0) >= 30
    assert len(after[requests]) <= len(before[requests]) + 4
    text = own.anyone.get("/metrics").text
    assert not re.search(r"made|[0-9a-f]{24}", text)


def test_figures_tell_of_bytes_builds_jobs_queues_mails_and_the_process(own: Server) -> None:
    own.processed()
    wait_for(lambda: 'job="process_build",outcome="done"' in own.anyone.get("/metrics").text)
    found = figures(own.anyone.get("/metrics").text)
    upload = "/v1/integrations/builds"
    assert found["seatrial_http_received_bytes_total"][(upload,)] > 10_000
    assert found["seatrial_http_sent_bytes_total"][(upload,)] > 100
    assert found["seatrial_http_request_seconds_count"][(upload,)] >= 1
    assert found["seatrial_jobs_total"]["process_build", "done"] >= 1
    assert set(found["seatrial_queue_waiting"]) >= {("builds",), ("mails",), ("webhooks",)}
    assert set(found["seatrial_queue_oldest_seconds"]) == set(found["seatrial_queue_waiting"])
    assert found["seatrial_builds"]
    assert found["seatrial_processes"][("api",)] >= 1
    assert found["seatrial_database_up"] == {(): 1}
    pool, most = ("all", 12) if "SEATRIAL_DATABASE_URL" in own.settings else ("writer", 1)
    assert found["seatrial_database_connections_most"][(pool,)] == most
    assert found["seatrial_storage_up"] == {(): 1}
    if "SEATRIAL_STORAGE__BUCKET" not in own.settings:  # a bucket does not say how much room it has
        assert found["seatrial_storage_free_bytes"][()] > 0
    assert found["process_resident_memory_bytes"][()] > 1 << 20
    assert found["process_open_fds"][()] > 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": "Bearer from-afar", "X-Forwarded-For": "203.0.113.9"}, 200),
        ({"Authorization": "Bearer from-far"}, 401),
        ({"X-Forwarded-For": "203.0.113.9"}, 401),
        ({"Via": "1.1 proxy"}, 401),
        ({"Host": "builds.example.com"}, 401),
    ],
)
def test_figures_are_for_this_machine_or_the_token(own: Server, headers: dict[str, str], status: int) -> None:
    assert own.anyone.get("/metrics", headers=headers).status_code == status


def test_without_a_token_figures_do_not_exist_for_others(server: Server) -> None:
    assert server.anyone.get("/metrics").status_code == 200
    for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Host": "builds.example.com"}):
        assert server.anyone.get("/metrics", headers=headers).status_code == 404


def test_no_secret_reaches_the_log(own: Server) -> None:
    """Every shape of address that lets somebody in, asked for in earnest."""
    secret = "Zq7-wHr3_yT9kL2mN5pX8vB1cD4fG6jK"
    build = own.processed()
    token = own.token(build["id"])
    signed = own.anyone.get(f"/v1/download/{token}").headers["location"]
    own.anyone.get(signed)
    paths = [
        f"/v1/download/{secret}", f"/v1/download/{secret}/manifest.plist", f"/v1/download/{secret}/",
        f"/setup/{secret}", f"/password/{secret}", f"/invitation/{secret}", f"/v1/invitations/{secret}",
        f"/unsubscribe/{secret}", f"/unsubscribe/{secret}/more", f"/v1/files/a/b?signature={secret}&expires=1",
        f"/some-store?token={secret}&password={secret}", f"/v1/auth/oidc/x/callback?code={secret}&state={secret}",
        f"/v1/nothing/sta_{secret}", f"/store?session={secret}",
    ]  # fmt: skip
    for path in paths:
        for method in ("GET", "POST", "DELETE"):
            own.anyone.request(method, path, headers={"Authorization": f"Bearer sts_{secret}", "Cookie": f"a={secret}"})
    own.anyone.put(f"/v1/feedback/x/video?signature={secret}", content=b"x")
    own.anyone.get("/v1/app", headers={"x-sdk-token": secret, "Authorization": f"Basic {secret}"})
    own.anyone.get("/v1/app", headers={"User-Agent": f"curl Bearer {secret}", "X-Request-Id": f"sta_{secret}"})
    own.anyone.get("/v1/nothing", headers={"X-Request-Id": "the-last"})
    line_about(own, request_id="the-last")
    text = own.log.read_text()
    [signature] = re.findall(r"signature=([^&]+)", signed)
    for each in (secret, token, signature, own.app_token, own.service_token):
        assert each not in text


def test_every_route_with_a_secret_in_its_path_is_logged_without_it(own: Server) -> None:
    """Whoever adds a route of that kind calls the part `token`; that is what the log goes by."""
    described = own.anyone.get("/openapi.json").json()["paths"]
    templates = [path for path in described if "{token}" in path]
    assert len(templates) >= 5
    for number, path in enumerate(templates):
        own.anyone.get(path.replace("{token}", "very-secret"), headers={"X-Request-Id": f"template-{number}"})
        assert "very-secret" not in line_about(own, request_id=f"template-{number}")["path"]


def test_ready_says_what_is_wrong_and_that_it_is_about_to_stop_while_it_goes_on(start_server: StartServer) -> None:
    own = start_server({"SEATRIAL_SHUTDOWN_DELAY": "3"}, on_disk=True)  # its folder is taken away
    assert own.anyone.get("/readyz").json()["data"]["checks"] == {
        "process": "ok", "database": "ok", "migrations": "ok", "storage": "ok",
    }  # fmt: skip
    blobs = own.data_dir / "blobs"
    blobs.rename(own.data_dir / "elsewhere")
    answer = own.anyone.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["error"]["data"]["checks"]["storage"] == "cannot be reached"
    assert own.anyone.get("/healthz").status_code == 200
    (own.data_dir / "elsewhere").rename(blobs)
    own.write("UPDATE schema_version SET version_num = '0001'")
    assert own.anyone.get("/readyz").json()["error"]["data"]["checks"]["migrations"].startswith("at 0001")
    own.write("UPDATE schema_version SET version_num = ?", schema.head())
    assert own.anyone.get("/readyz").status_code == 200
    assert own.process is not None
    own.process.terminate()
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (answer := own.anyone.get("/readyz")).status_code == 200:
        assert time.monotonic() < give_up
    assert answer.json()["error"]["data"]["checks"]["process"] == "is about to stop"
    with httpx.Client(trust_env=False) as another:
        assert another.get(f"{own.base_url}/healthz").status_code == 200
    assert own._ended() == 0


def test_a_worker_is_watched_at_a_door_of_its_own(start_server: StartServer, tmp_path: Path) -> None:
    own = start_server(arguments=["--no-worker"])
    settings = own.settings | {"SEATRIAL_METRICS__WORKER_LISTEN": "127.0.0.1:0", "SEATRIAL_LOG_FORMAT": "text"}
    with (tmp_path / "worker.log").open("w") as log:
        worker = subprocess.Popen(
            [SEATRIAL, "worker", "--data-dir", own.data_dir],
            env=environment(settings), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert worker.stdout is not None
    try:
        line = worker.stdout.readline()
        [base] = re.findall(r"watched on (http://\S+)", line)
        build = own.processed()

        def done() -> float:
            found = figures(httpx.get(f"{base}/metrics", trust_env=False).text)
            return found["seatrial_jobs_total"].get(("process_build", "done"), 0)

        wait_for(done)  # a build is processed before its job is over
        assert done() == 1
        assert httpx.get(f"{base}/readyz", trust_env=False).status_code == 200
        assert httpx.get(f"{base}/other", trust_env=False).status_code == 404
    finally:
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0
        worker.stdout.close()
    told = (tmp_path / "worker.log").read_text()
    assert build["id"] in told
    assert not told.lstrip().startswith("{")
