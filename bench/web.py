"""Pages as their visitors meet them: the store's under load, and what a page of the dashboard weighs and takes."""

import http.client
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Error, Page, sync_playwright

from bench.builds_page import EMAIL, PASSWORD, sign_up
from bench.client import post_form
from bench.lists import load
from bench.server import Server, seatrial
from bench.table import Row, Unavailable
from bench.upload import UPLOAD
from seatrial.db.engine import Database

SAMPLE = Path(__file__).parents[1] / "tests/fixtures/ipa/demo.ipa"
CONNECTIONS, SECONDS, LOOKS = 20, 6, 7
BUILDS = 30
_PARTS = re.compile(r'(?:src|href)="(/static/[^"#]+)')
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure() -> list[Row]:
    """Measure a server with one publication and a page full of builds."""
    if shutil.which("wrk") is None:
        raise Unavailable("the load generator `wrk` is not installed")
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name, seatrial(Path(name, "data")) as server:
        _fill(server)
        database = Database(f"sqlite:///{Path(name, 'data', 'seatrial.db')}")
        sign_up(database)
        database.close()
        rows = _store(server)
        server.pin({0, 1})
        return [*rows, *_dashboard(server)]


def _fill(server: Server) -> None:
    ids = [json.loads(post_form(server.port, UPLOAD, server.token, SAMPLE).body)["data"]["id"] for _ in range(BUILDS)]
    while server.call("GET", f"{UPLOAD}/{ids[-1]}")["status"] != "processed":
        time.sleep(0.05)
    said = {"slug": "bench", "security": "public", "visibility": "active", "filter": {"type": "last"}}
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/integrations/distributions", json.dumps(said), headers)
    assert connection.getresponse().status == 200
    connection.close()


def _store(server: Server) -> list[Row]:
    server.pin({0})
    found = load(server, "/bench", SECONDS, CONNECTIONS)
    return [
        Row(
            what=f"a publication's page, {CONNECTIONS} connections: one core's time for a request",
            goal="at most 2 ms (500 requests/s)",
            unit="ms",
            ours=[1000 / found.per_second],
            most=2,
        ),
        Row(
            what=f"a publication's page, {CONNECTIONS} connections: p99",
            goal="below 50 ms",
            unit="ms",
            ours=[found.p99],
            most=50,
        ),
    ]


def _dashboard(server: Server) -> list[Row]:
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base, timeout=60, headers={"Accept-Encoding": "gzip"}) as client:
        client.post("/dashboard/login", data={"email": EMAIL, "password": PASSWORD})
        first = client.get("/dashboard", follow_redirects=True)
        found = re.search(r'href="(/dashboard/[\w-]+/apps/[\w-]+)/builds/', first.text)
        assert found, "the first page shows no build"
        page = found[1]
        weight = _weight(client, page)
    with _browser() as window:
        window.goto(f"{base}/dashboard/login")
        window.get_by_label("E-mail").fill(EMAIL)
        window.get_by_label("Password").fill(PASSWORD)
        window.keyboard.press("Enter")
        # Past the sign-in and all its redirects: a page that is asked for in between ends the one that comes.
        window.wait_for_url(re.compile(r"/dashboard/(?!login)[^/]+$"))
        paints = []
        for _ in range(LOOKS):
            window.goto(base + page)
            window.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
            paints.append(window.evaluate(_PAINT))
    return [
        Row(
            what=f"page of an app with {BUILDS} builds and all that it loads, compressed",
            goal="below 150 kB",
            unit="kB",
            ours=[weight / 1000],
            most=150,
        ),
        Row(
            what="the same page in Chromium on this machine: first contentful paint",
            goal="below 500 ms",
            unit="ms",
            ours=[statistics.median(paints)],
            most=500,
        ),
    ]


def _weight(client: httpx.Client, page: str) -> int:
    with client.stream("GET", page) as answer:
        octets = sum(len(piece) for piece in answer.iter_raw())
    text = client.get(page).text
    for path in sorted(set(_PARTS.findall(text))):
        with client.stream("GET", path) as answer:
            octets += sum(len(piece) for piece in answer.iter_raw())
    return octets


@contextmanager
def _browser() -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise Unavailable("Chromium is not installed")
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        except Error as error:
            raise Unavailable(str(error)) from error
        yield started.new_page()
        started.close()
