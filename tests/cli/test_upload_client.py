import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seatrial.cli.api_exchange import open_http
from seatrial.cli.multipart_body import FilePart, MultipartBody
from seatrial.cli.upload_client import Retries, UploadClient
from seatrial.cli.upload_errors import Json, Refused, Uncertain, Unreachable, UploadFailed, WaitTimedOut
from tests.cli.scripted_server import ScriptedServer, Step, hangs_up, ok, says, scripted

CONTENT = b"PK\x03\x04 \r\n--not a boundary\r\n" * 999
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()
PENDING: Json = {"id": "b1", "status": "pending"}
BUSY = {"status": False, "error": {"code": 1503, "message": "Service Unavailable"}}
POST, LIST = "POST /v1/integrations/builds", "GET /v1/integrations/builds?sort=createdAt%3Adesc&limit=20&page=1"


class Run:
    """A client of a scripted server that does not really wait."""

    def __init__(self, server: ScriptedServer, file: Path, retries: int) -> None:
        self.server = server
        self.file = file
        self.waits: list[float] = []
        self.told: list[str] = []
        self._http = open_http("sta_secret", ca_bundle=None, insecure=False)
        said = Retries(retries, self.waits.append, lambda: 1.0, self.told.append)
        self.client = UploadClient(self._http, f"{server.url}/v1/integrations/builds", said)

    def form(self) -> MultipartBody:
        return MultipartBody([("versionName", "RC-1")], [FilePart("build", self.file)])

    def upload(self) -> Json:
        try:
            return self.client.upload(self.form)
        finally:
            self._http.close()

    def attach(self) -> Json:
        try:
            return self.client.attach("b1", lambda: MultipartBody([], [FilePart("file", self.file)]))
        finally:
            self._http.close()


Play = Callable[[Run], Json]


def play(folder: Path, steps: Sequence[Step], retries: int = 5, what: Play = Run.upload) -> tuple[Run, Json]:
    file = folder / "app.apk"
    file.write_bytes(CONTENT)
    with scripted(steps) as server:
        run = Run(server, file, retries)
        return run, what(run)


def fails(folder: Path, steps: Sequence[Step], retries: int = 5, what: Play = Run.upload) -> tuple[Run, UploadFailed]:
    file = folder / "app.apk"
    file.write_bytes(CONTENT)
    with scripted(steps) as server:
        run = Run(server, file, retries)
        with pytest.raises(UploadFailed) as caught:
            what(run)
    return run, caught.value


def stored(created: datetime, checksum: str = CHECKSUM, kind: str = "original", name: str = "b7") -> Json:
    at = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": name,
        "status": "pending",
        "createdAt": at,
        "files": [{"type": kind, "createdAt": at, "file": {"checksum": checksum}}],
    }


def listed(*builds: Json) -> Json:
    return {"items": list(builds), "hasNextPage": False}


def test_a_form_arrives_as_it_was_sent(tmp_path: Path) -> None:
    run, build = play(tmp_path, [ok(PENDING)])
    assert build == PENDING
    (asked,) = run.server.asked
    assert asked.line == f"{POST} HTTP/1.1"
    assert asked.parts() == [("versionName", None, b"RC-1"), ("build", "app.apk", CONTENT)]
    assert asked.headers["authorization"] == "Bearer sta_secret"
    assert asked.headers["content-length"] == str(len(asked.body))
    assert not {"transfer-encoding", "expect"} & set(asked.headers)


def test_a_busy_server_is_asked_again_with_growing_pauses(tmp_path: Path) -> None:
    busy = says(503, BUSY)
    run, build = play(tmp_path, [busy, busy, busy, ok(PENDING)])
    assert build == PENDING
    assert run.server.lines() == [POST] * 4
    assert run.waits == [1.0, 2.0, 4.0]
    assert {asked.parts()[-1][2] for asked in run.server.asked} == {CONTENT}


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_names_a_time_gets_it(tmp_path: Path, status: int) -> None:
    run, _ = play(tmp_path, [says(status, BUSY, {"Retry-After": "17"}), ok(PENDING)])
    assert run.waits == [17]


def test_the_last_refusal_of_a_busy_server_is_told(tmp_path: Path) -> None:
    run, error = fails(tmp_path, [says(503, BUSY)] * 3, retries=2)
    assert isinstance(error, Refused)
    assert (error.exit_code, error.code, run.server.lines()) == (4, 1503, [POST] * 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415])
def test_a_refusal_is_final(tmp_path: Path, status: int) -> None:
    no = {"status": False, "error": {"code": 1000, "message": "Invalid Request", "data": {"fields": {"a": "wrong"}}}}
    run, error = fails(tmp_path, [says(status, no)])
    assert str(error) == "The server refused: Invalid Request (1000); a: wrong."
    assert (error.exit_code, run.server.lines()) == (4, [POST])


def test_a_gateways_own_refusal_is_one_too(tmp_path: Path) -> None:
    _, error = fails(tmp_path, [says(413, b"<html>413 Request Entity Too Large</html>")])
    assert str(error) == "The server refused: HTTP 413 (413)."


def test_what_the_server_kept_without_saying_so_is_not_sent_twice(tmp_path: Path) -> None:
    ours = stored(datetime.now(UTC))
    other = stored(datetime.now(UTC), "0" * 64, name="b8")
    run, build = play(tmp_path, [hangs_up, ok(listed(other, ours))])
    assert build == ours
    assert run.server.lines() == [POST, LIST]


def test_what_the_server_did_not_keep_is_sent_again(tmp_path: Path) -> None:
    older = stored(datetime.now(UTC) - timedelta(minutes=5))
    run, build = play(tmp_path, [hangs_up, ok(listed(older)), ok(listed(older)), ok(PENDING)])
    assert build == PENDING
    assert run.server.lines() == [POST, LIST, LIST, POST]


def test_the_servers_clock_may_go_differently(tmp_path: Path) -> None:
    there = datetime.now(UTC) - timedelta(hours=3)

    def list_(data: Json) -> Step:
        return says(200, {"status": True, "data": data}, {"Date": there.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    ours = stored(there)
    _, build = play(tmp_path, [hangs_up, list_(listed(ours))])
    assert build == ours
    older = stored(there - timedelta(minutes=5))
    _, build = play(tmp_path, [hangs_up, list_(listed(older)), list_(listed(older)), ok(PENDING)])
    assert build == PENDING


def test_the_look_goes_on_over_pages_as_far_as_needed(tmp_path: Path) -> None:
    other = [stored(datetime.now(UTC), "0" * 64, name=f"c{number}") for number in range(20)]
    ours = stored(datetime.now(UTC))
    run, build = play(tmp_path, [hangs_up, ok({"items": other, "hasNextPage": True}), ok(listed(ours))])
    assert build == ours
    assert run.server.lines()[-1].endswith("page=2")


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateways_answer_is_no_answer(tmp_path: Path, status: int) -> None:
    ours = stored(datetime.now(UTC))
    run, build = play(tmp_path, [says(status, b"<html>Bad Gateway</html>"), ok(listed(ours))])
    assert build == ours
    assert run.server.lines() == [POST, LIST]


def test_a_look_follows_the_last_attempt_too(tmp_path: Path) -> None:
    ours = stored(datetime.now(UTC))
    assert play(tmp_path, [hangs_up, ok(listed(ours))], retries=0)[1] == ours
    _, error = fails(tmp_path, [hangs_up, ok(listed()), ok(listed())], retries=0)
    assert isinstance(error, Unreachable)
    assert not isinstance(error, Uncertain)


def test_where_nobody_can_look_the_doubt_is_told(tmp_path: Path) -> None:
    forbidden = {"status": False, "error": {"code": 4003, "message": "Forbidden"}}
    run, error = fails(tmp_path, [hangs_up, says(403, forbidden)])
    assert isinstance(error, Uncertain)
    assert error.exit_code == 1
    assert "may or may not have it" in error.sentence
    assert run.server.lines() == [POST, LIST], "it is not sent again"


def test_an_attachment_is_looked_for_in_its_build(tmp_path: Path) -> None:
    there = stored(datetime.now(UTC), kind="attachment")
    run, build = play(tmp_path, [hangs_up, ok(there)], what=Run.attach)
    assert build == there
    assert run.server.lines() == ["POST /v1/integrations/builds/b1/files", "GET /v1/integrations/builds/b1"]
    original = stored(datetime.now(UTC), kind="original")
    earlier = stored(datetime.now(UTC) - timedelta(minutes=5), kind="attachment")
    run, build = play(tmp_path, [hangs_up, ok(original), ok(earlier), ok(there)], what=Run.attach)
    assert run.server.lines()[-1] == "POST /v1/integrations/builds/b1/files"


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "app.apk"
    file.write_bytes(CONTENT)
    run = Run(ScriptedServer("http://127.0.0.1:9"), file, 2)
    with pytest.raises(Unreachable, match="Cannot connect"):
        run.upload()
    assert run.waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (says(200, b"<html>Welcome</html>"), "no Builds API"),
        (says(200, {"status": True, "data": []}), "no Builds API"),
        (says(200, {"status": True, "data": "x" * (33 << 20)}), "longer than"),
        (says(200, b"[" * 100_000), "no Builds API"),
        (says(301, b"", {"Location": "https://builds.example.com/"}), "https://builds.example.com/"),
    ],
    ids=["html", "list", "endless", "deep", "redirect"],
)
def test_an_answer_that_is_none_is_not_repeated(tmp_path: Path, step: Step, sentence: str) -> None:
    run, error = fails(tmp_path, [step])
    assert sentence in error.sentence
    assert (error.exit_code, run.server.lines()) == (1, [POST])


def test_a_file_that_shrinks_meanwhile_is_told_and_never_whole(tmp_path: Path) -> None:
    def shrinking(run: Run) -> Json:
        def form() -> MultipartBody:
            body = run.form()
            run.file.write_bytes(CONTENT[:100])
            return body

        with run._http:
            return run.client.upload(form)

    run, error = fails(tmp_path, [], what=shrinking)
    assert "app.apk became shorter" in error.sentence
    (asked,) = run.server.asked
    assert len(asked.body) < int(asked.headers["content-length"])


def test_waiting_asks_less_and_less_often_and_ends(tmp_path: Path) -> None:
    busy, done = {"id": "b1", "status": "in_progress"}, {"id": "b1", "status": "processed"}

    def wait(run: Run) -> Json:
        with run._http:
            return run.client.wait(PENDING, 600)

    run, build = play(tmp_path, [ok(busy)] * 9 + [says(503, BUSY), ok(done)], what=wait)
    assert build == done
    pauses = run.waits[:9]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.3, 3.0)


def test_waiting_too_long_gives_the_build_as_it_was(tmp_path: Path) -> None:
    def wait(run: Run) -> Json:
        with run._http:
            return run.client.wait(PENDING, 0)

    _, error = fails(tmp_path, [], what=wait)
    assert isinstance(error, WaitTimedOut)
    assert (error.build, error.exit_code) == (PENDING, 5)


def test_names_and_texts_of_any_kind_arrive(tmp_path: Path) -> None:
    file = tmp_path / 'Über "x"\n.apk'
    file.write_bytes(b"")
    with scripted([ok(PENDING)]) as server:
        run = Run(server, file, 0)
        with run._http:
            run.client.upload(lambda: MultipartBody([("changelog", "ü 🚀\r\n<b>")], [FilePart("build", file)]))
    text, empty = server.asked[0].parts()
    assert text == ("changelog", None, "ü 🚀\r\n<b>".encode())
    assert empty[2] == b""
    assert empty[1] is not None
    assert empty[1].startswith("Über ")
