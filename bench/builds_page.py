"""The page of an app's builds with a million of them: what the server takes for it, whatever is looked for."""

import json
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.client import post_form
from bench.filling import fill
from bench.server import seatrial, serving
from bench.table import Row
from bench.upload import UPLOAD
from seatrial.db import build_search
from seatrial.db.engine import Database
from seatrial.domain.access import MemberRole
from seatrial.domain.clock import utc_now
from seatrial.domain.member import NewMember
from seatrial.domain.search import facet
from seatrial.services.users import Users
from seatrial.services.workspaces import Workspaces
from seatrial.web.dashboard.door import COOKIE
from tests import postgres

SAMPLE = Path(__file__).parents[1] / "tests/fixtures/ipa/demo.ipa"
MANY = 1_000_000
LOOKS = 40
EMAIL, PASSWORD = "bench@example.com", "a password for measuring"
QUESTIONS = {
    "everything": "",
    "the oldest": "?sort=createdAt",
    "the largest": "?sort=-size",
    "one of a few states": "?status=error&os=ios",
    "a word that all builds have": "?q=common",
    "the beginning of that word": "?q=co",
    "a word and a state": "?q=common+v3&status=processed",
    "a word that one build has": "?q=only777777",
    "a word that none has": "?q=nowhere",
    "a common word, by size": "?q=common&sort=-size",
}


def measure() -> list[Row]:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        rows = _measure(Path(name), "SQLite", f"sqlite:///{name}/data/seatrial.db")
    with postgres.running() as server, tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        rows += _measure(Path(name), "PostgreSQL", server.fresh_database())
    return rows


def _measure(folder: Path, kind: str, url: str, count: int = MANY) -> list[Row]:
    data = folder / "data"
    with seatrial(data, database_url=url) as server:
        build = json.loads(post_form(server.port, UPLOAD, server.token, SAMPLE).body)["data"]["id"]
        while server.call("GET", f"{UPLOAD}/{build}")["status"] != "processed":
            time.sleep(0.05)
    database = Database(url)
    try:
        fill(database, build, count, whole=False)
        _make_findable(database, build)
        sign_up(database)
        with database.read() as tx:
            home = tx.execute(
                text("SELECT o.slug, a.slug FROM apps a JOIN organizations o ON o.id = a.organization_id")
            ).one()
    finally:
        database.close()
    with (
        serving(data, server.token, database_url=url) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as browser,
    ):
        browser.post("/dashboard/login", data={"email": EMAIL, "password": PASSWORD})
        assert COOKIE in browser.cookies
        page = f"/dashboard/{home[0]}/apps/{home[1]}"
        rows = [_look(browser, f"{kind}, {what}", page + query) for what, query in QUESTIONS.items()]
        later = browser.get(page).text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        rows.append(_look(browser, f"{kind}, the page after", later))
    return rows


def sign_up(database: Database) -> None:
    """Give the organization an administrator who can sign in."""
    scope = Workspaces(database, utc_now).operator()
    Users(database, utc_now).create(scope, NewMember(email=EMAIL, role=MemberRole.ADMIN, password=PASSWORD))


def _look(browser: httpx.Client, what: str, path: str) -> Row:
    samples = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        answer = browser.get(path)
        samples.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text
    return Row(
        what=f"page of builds, {MANY:,} in the app, {what}: p95 of a request",
        goal="below 100 ms",
        unit="ms",
        ours=[statistics.quantiles(samples, n=20)[18]],
        most=100,
    )


def _make_findable(database: Database, template: str) -> None:
    """Write the words of the copies down in the database itself: those of the template, and some of their own."""
    with database.transaction() as tx:
        build_search.refresh(tx, template)
        row = tx.execute(
            text("SELECT app_id, document FROM build_search WHERE build_id = :template"), {"template": template}
        ).one()
        exact = {"s": ("processed", "error", "pending"), "o": ("ios", "android")}
        own = {facet(row.app_id, kind, value) for kind, values in exact.items() for value in values}
        shared = " ".join(word for word in row.document.split() if word not in own)
        cases = [
            f"CASE {column} "
            + " ".join(f"WHEN '{one}' THEN '{facet(row.app_id, kind, one)}'" for one in exact[kind])
            + " END"
            for kind, column in (("s", "status"), ("o", "os"))
        ]
        if tx.dialect.name != "sqlite":
            tx.execute(text("SET LOCAL statement_timeout = 0"))
        words = f":shared || ' common ' || {cases[0]} || ' ' || {cases[1]} || ' only' || version_code || ' ' ||"
        tx.execute(
            text(
                "INSERT INTO build_search (build_id, app_id, branch, document)"
                f" SELECT id, app_id, 'main', {words} replace(version_name, '.', '_') FROM builds"
                " WHERE id <> :template ORDER BY created_at, id"
            ),
            {"shared": shared, "template": template},
        )
    with database.transaction() as tx:
        tx.execute(text("ANALYZE"))
