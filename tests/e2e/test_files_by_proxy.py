"""Files that the proxy sends: the same answers as from the server itself, and no way to them but through it."""

import json
import re
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import StartServer
from tests.e2e.refusals import refused
from tests.e2e.test_behind_proxy import DOWNLOADS, Proxied, proxied
from tests.server import DEMO_APK, DEMO_IPA, Json

__all__ = ["proxied"]

NAME = 'ünï "cödé" 100% ;,+&#?.apk'
KEPT = ("status", "etag", "last-modified", "content-type", "content-disposition", "content-length", "content-range",
        "cache-control", "accept-ranges", "x-content-type-options")  # fmt: skip
LONG_AGO, LATER = formatdate(1_000_000_000, usegmt=True), formatdate(4_000_000_000, usegmt=True)


@pytest.fixture(scope="module")
def files(proxied: Proxied) -> dict[str, str]:
    """Give the paths of an original, an icon and an attachment."""
    server = proxied.server
    build = server.processed(DEMO_APK, name=NAME)
    changed = server.ci.post(f"/builds/{build['id']}/files", files={"file": ("rèport.bin", bytes(range(256)) * 40)})
    found = {one["type"]: urlsplit(one["file"]["location"]).path for one in changed.json()["data"]["files"]}
    return {kind: found[kind] for kind in ("original", "icon", "attachment")}


@pytest.fixture(scope="module")
def versions(proxied: Proxied, files: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Give tag and date of each."""
    client = proxied.server.client("", proxied.server.service_token)
    heads = {kind: client.head(path).headers for kind, path in files.items()}
    return {kind: (head["etag"], head["last-modified"]) for kind, head in heads.items()}


def asked(proxied: Proxied, url: str, folder: Path, *headers: str, method: str = "GET") -> tuple[Json, bytes]:
    """Ask through the proxy; gives the headers that count, and the body."""
    head, body = folder / "head", folder / "body"
    body.write_bytes(b"")
    arguments = [item for each in headers for item in ("-H", each)]
    ask = ["--head"] if method == "HEAD" else []
    proxied.curl("--http1.1", *ask, *arguments, "-D", head, "-o", body, url)
    return parsed(head.read_text()), b"" if ask else body.read_bytes()


def parsed(head: str) -> Json:
    lines = head.splitlines()
    pairs = [line.split(": ", 1) for line in lines[1:] if ": " in line]
    found = {name.lower(): value for name, value in pairs} | {"status": lines[0].split()[1]}
    assert found.get("x-request-id"), head
    assert not {"x-accel-redirect", "x-sendfile"} & found.keys()
    return told(found)


def told(found: Json) -> Json:
    """Keep what means something: that parts exist need not be said with a part."""
    if found["status"] == "206":
        found.pop("accept-ranges", None)
    return {name: value for name, value in found.items() if name in KEPT}


CASES = {
    "whole": (),
    "middle": ("Range: bytes=10-99",),
    "end": ("Range: bytes=-7",),
    "rest": ("Range: bytes=1000-",),
    "too long": ("Range: bytes=5-99999999999",),
    "beyond": ("Range: bytes=99999999999-",),
    "nonsense": ("Range: bytes=9-3",),
    "other unit": ("Range: items=0-1",),
    "this version": ("Range: bytes=10-99", "If-Range: {etag}"),
    "another version": ("Range: bytes=10-99", 'If-Range: "other"'),
    "of this date": ("Range: bytes=10-99", "If-Range: {date}"),
    "of another date": ("Range: bytes=10-99", f"If-Range: {LONG_AGO}"),
    "known": ("If-None-Match: {etag}",),
    "known weakly": ('If-None-Match: "other", W/{etag}',),
    "any": ("If-None-Match: *",),
    "unknown": ('If-None-Match: "other"', f"If-Modified-Since: {LATER}"),
    "not since": ("If-Modified-Since: {date}",),
    "not since later": (f"If-Modified-Since: {LATER}",),
    "since": (f"If-Modified-Since: {LONG_AGO}",),
    "no date": ("If-Modified-Since: yesterday",),
    "match": ("If-Match: {etag}",),
    "no match": ('If-Match: "other"',),
    "unchanged": ("If-Unmodified-Since: {date}",),
    "changed": (f"If-Unmodified-Since: {LONG_AGO}",),
}
STATUS = {"beyond": "416", "no match": "412", "changed": "412"} | dict.fromkeys(
    ("middle", "end", "rest", "too long", "this version", "of this date"), "206"
) | dict.fromkeys(("known", "known weakly", "any", "not since", "not since later"), "304")  # fmt: skip


@pytest.mark.parametrize("kind", ["original", "icon", "attachment"])
def test_every_answer_is_the_same_with_and_without(
    proxied: Proxied, files: dict[str, str], versions: dict[str, tuple[str, str]], tmp_path: Path, kind: str
) -> None:
    client = proxied.server.client("", proxied.server.service_token)
    etag, date = versions[kind]
    bearer = f"Authorization: Bearer {proxied.server.service_token}"
    cases = CASES if kind == "original" else {case: CASES[case] for case in ("whole", "middle", "known")}
    for case, headers in cases.items():
        said = [each.format(etag=etag, date=date) for each in headers]
        theirs, body = asked(proxied, DOWNLOADS + files[kind], tmp_path, bearer, *said)
        own = client.get(files[kind], headers=dict(each.split(": ", 1) for each in said))
        ours = told(dict(own.headers) | {"status": str(own.status_code)})
        if case in {"beyond", "no match", "changed"}:
            assert json.loads(body)["status"] is False
        assert (theirs, body) == (ours, own.content), case
        assert theirs["status"] == STATUS.get(case, "200"), case


def test_the_proxy_did_send_them(proxied: Proxied, files: dict[str, str]) -> None:
    """What goes through the proxy carries the place; what comes directly carries the bytes."""
    client = proxied.server.client("", proxied.server.service_token)
    there = client.get(files["original"], headers={"X-Forwarded-For": "203.0.113.7"})
    assert there.headers["x-accel-redirect"].startswith("/_blobs/builds/")
    assert there.content == b""
    assert client.get(files["original"]).content == DEMO_APK.read_bytes()


def test_a_head_and_many_parts(proxied: Proxied, files: dict[str, str], tmp_path: Path) -> None:
    bearer = f"Authorization: Bearer {proxied.server.service_token}"
    head, _ = asked(proxied, DOWNLOADS + files["original"], tmp_path, bearer, "Range: bytes=0-1", method="HEAD")
    assert (head["status"], int(head["content-length"])) == ("200", DEMO_APK.stat().st_size)
    many, body = asked(proxied, DOWNLOADS + files["original"], tmp_path, bearer, "Range: bytes=0-9, 20-29")
    assert many["status"] == "206"
    boundary = many["content-type"].removeprefix("multipart/byteranges; boundary=")
    pieces = re.split(rf"--{boundary}(?:--)?\r?\n?".encode(), body)
    content = DEMO_APK.read_bytes()
    assert [piece.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for piece in pieces if b"Content-Range" in piece] == [
        content[0:10],
        content[20:30],
    ]


def test_the_place_of_the_files_is_out_of_reach(proxied: Proxied, files: dict[str, str], tmp_path: Path) -> None:
    client = proxied.server.client("", proxied.server.service_token)
    place = client.get(files["original"], headers={"X-Forwarded-For": "203.0.113.7"}).headers["x-accel-redirect"]
    for path in (place, "/_blobs/", f"/v1/..{place}", place.replace("/_blobs/", "/%5fblobs/"), f"//{place}"):
        for forged in ((), ("-H", f"X-Accel-Redirect: {place}")):
            said = proxied.curl(
                "--path-as-is", *forged, "-o", tmp_path / "none", "-w", "%{http_code}", DOWNLOADS + path
            )
            assert said == "404", path
            assert json.loads((tmp_path / "none").read_text())["error"]["code"] == 3001


def test_whole_paths_for_those_who_want_them(start_server: StartServer) -> None:
    own = start_server({"SEATRIAL_DOWNLOADS__SENDFILE": "x-sendfile"}, on_disk=True)
    build = own.processed(DEMO_IPA)
    location = urlsplit(build["files"][0]["file"]["location"]).path
    answer = own.client("", own.app_token).get(location, headers={"X-Forwarded-Proto": "https"})
    path = Path(answer.headers["x-sendfile"])
    assert path.is_relative_to(own.data_dir.resolve() / "blobs")
    assert path.read_bytes() == DEMO_IPA.read_bytes()
    wrong = own.anyone.get(location, headers={"X-Forwarded-Proto": "https"})
    assert "x-sendfile" not in wrong.headers
    refused(wrong, 401, 4002)
