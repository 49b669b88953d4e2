"""The life of a server process: its first start, its end in the middle of work, and what its log never says."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from seatrial import __version__
from tests.conftest import StartServer
from tests.server import DEMO_APK, DEMO_IPA, PATIENCE_SECONDS, SEATRIAL, Server, environment


def test_the_first_start_of_an_empty_folder(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [SEATRIAL, "serve", "--data-dir", tmp_path / "data", "--port", "0"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        link = first.split()[-1]
        ready = re.fullmatch(rf"Seatrial {re.escape(__version__)} ready on (http://127\.0\.0\.1:\d+)\n", second)
        assert ready, (first, second)
        assert link.startswith(f"{ready[1]}/setup/")
        assert httpx.get(link, trust_env=False).status_code == 200
        refusal = httpx.get(f"{ready[1]}/v1/integrations/builds", trust_env=False)
        assert refusal.json()["error"]["code"] == 4002
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, rest) == (0, "")
    assert link.rsplit("/", 1)[1] not in log.read_text()


def upload_under_way(server: Server, content: bytes) -> tuple[socket.socket, bytes]:
    """Send the first half of an upload, wait until the server has begun to store it; gives the rest."""
    body = b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.apk"\r\n\r\n' + content + b"\r\n--b--\r\n"
    head = (
        "POST /v1/integrations/builds HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {server.app_token}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    half = len(body) // 2
    connection.sendall(head.encode() + body[:half])
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not server.rows("SELECT id FROM loose_blobs"):  # written down before the first byte
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return connection, body[half:]


def test_an_upload_under_way_is_finished_before_the_end(start_server: StartServer) -> None:
    own = start_server()
    content = DEMO_APK.read_bytes()
    connection, rest = upload_under_way(own, content)
    with connection:
        assert own.process is not None
        own.process.terminate()
        # From here on nobody new is let in ...
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", own.port), timeout=5).close()
            except ConnectionRefusedError:
                break
            assert time.monotonic() < give_up
            time.sleep(0.02)
        # ... and who is in gets an answer.
        connection.sendall(rest)
        with connection.makefile("rb") as stream:
            assert stream.readline().split()[1] == b"200"
            answer = json.loads(stream.read().split(b"\r\n\r\n", 1)[1])
    assert own.process.wait(PATIENCE_SECONDS) == 0
    own.stop()
    own.start()
    build = own.wait_for(answer["data"]["id"])
    assert (build["status"], build["size"]) == ("processed", len(content))


def test_builds_wait_for_the_next_start(start_server: StartServer) -> None:
    own = start_server()
    builds = [own.upload(file) for file in (DEMO_APK, DEMO_IPA) * 5]
    own.restart()
    for build in builds:
        assert own.wait_for(build["id"])["status"] == "processed"


def test_no_secret_is_in_the_log(start_server: StartServer) -> None:
    own = start_server({"SEATRIAL_LOG_LEVEL": "DEBUG"})
    build = own.processed(DEMO_IPA, **{"deployer.info.certificatePassphrase": "pass-phrase-1"})
    tokens = [own.token(build["id"], type=kind) for kind in ("auto", "file")]
    secrets = [own.app_token, own.service_token, "pass-phrase-1", *tokens]
    for token in tokens:
        own.anyone.head(f"/v1/download/{token}")
        url = own.anyone.get(f"/v1/download/{token}").headers["location"]
        manifest = own.anyone.get(f"/v1/download/{token}/manifest.plist")
        own.anyone.get(url)
        own.anyone.get(url + "x")
        own.anyone.get(f"/v1/download/{token}")
        if "signature" in url:
            secrets += parse_qs(urlsplit(url).query)["signature"]
        secrets += re.findall(r"signature=([^&<]+)", manifest.text)
    assert len(secrets) > 7
    for guess in ("Bearer sta_" + "Z" * 32, "Basic b3duZXI6c2VjcmV0"):
        own.anyone.get("/v1/integrations/builds", headers={"Authorization": guess})
        secrets.append(guess.split()[1])
    own.anyone.get(f"/v1/nowhere/{own.app_token}")
    own.anyone.get(f"/v1/integrations/builds?token={own.app_token}")
    own.anyone.get("/setup/sto_" + "s" * 32)
    secrets.append("s" * 32)
    own.write("UPDATE app_tokens SET scopes = '5'")
    assert own.ci.get("/builds").status_code == 500
    own.stop()
    log = own.log.read_text()
    assert "/v1/integrations/builds" in log
    assert [secret for secret in secrets if secret in log] == []
    for line in log.splitlines():
        assert json.loads(line)["level"]
