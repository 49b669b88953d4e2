"""A real browser on a real server: one of each for all tests, a fresh profile for each test.

Whatever a page complains about fails its test: an error in the console, a violation of the Content-Security-Policy, an
answer of 4xx or 5xx that nobody announced, a request that would leave the server.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.databases import ask_on
from tests.server import Server, Workspace

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
PATIENCE_MS = 60_000
"""For what must happen; nothing is measured by it."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Watched:
    """A page with what it complained about."""

    page: Page
    base: str
    home: str = ""
    app: str = ""
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    """Statuses that a test asks for."""

    @classmethod
    def of(cls, page: Page, base: str, *, home: str = "", app: str = "") -> "Watched":
        """Watch a page from now on."""
        watched = cls(page, base, home, app)
        watched.listen()
        return watched

    def listen(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # What failed to load is told by its status below.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"left the server: {request.url}")

    def _response(self, response: Response) -> None:
        known = response.status < 400 or response.status in self.expected or response.url.endswith("/favicon.ico")
        if not known:
            self.complaints.append(f"{response.status}: {response.url}")

    @property
    def builds(self) -> str:
        return f"{self.home}/apps/{self.app}"

    def open(self, path: str = "") -> Page:
        self.page.goto(self.base + (path or self.builds))
        return self.page

    def check_accessibility(self) -> None:
        """Hold the page as it is now against axe's rules."""
        assert self.barriers() == []

    def barriers(self) -> list[str]:
        """Name what axe finds in the page as it is now."""
        if not self.page.evaluate("() => typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text("utf-8") + "; undefined")
        found: list[str] = self.page.evaluate(
            "async (tags) => (await axe.run(document, {runOnly: tags})).violations"
            ".map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 4).join(', ')}`)",
            RULES,
        )
        return found

    def drop(self, *files: Path) -> None:
        """Drop files on the page as a hand does."""
        drop(self.page, *files)


def drop(page: Page, *files: Path) -> None:
    """Drop files on a page as a hand does."""
    content = [{"name": file.name, "bytes": list(file.read_bytes())} for file in files]
    transfer = page.evaluate_handle(
        "files => { const all = new DataTransfer(); for (const one of files)"
        " all.items.add(new File([new Uint8Array(one.bytes)], one.name)); return all; }",
        content,
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", event, {"dataTransfer": transfer})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on another kind of database where that was chosen."""
    ask_on(metafunc)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for a file's tests: as long as it runs, so does an event loop that no other test may meet."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium: scripts/test-tools.sh installs it where it may")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def site(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server of the browser's own."""
    folder = tmp_path_factory.mktemp("browser")
    server = Server(workspace.copied_to(folder), folder / "server.log")
    yield server
    server.close()


@pytest.fixture(scope="module")
def owner(browser: Browser, site: Server, workspace: Workspace) -> str:
    """Sign in once; gives the cookies of it."""
    user = workspace.printed["user"]
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.base_url}/dashboard/login?next=/dashboard/{site.organization['slug']}/apps")
    page.get_by_label("E-mail").fill(user["email"])
    page.get_by_label("Password").fill(user["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Apps")).to_be_visible()
    state = json.dumps(context.storage_state())
    context.close()
    return state


@pytest.fixture
def visit(browser: Browser, site: Server, owner: str) -> Iterator[Callable[..., Watched]]:
    """Give a way to open pages as the owner, in any kind of window."""
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def start(**options: object) -> Watched:
        context = browser.new_context(storage_state=json.loads(owner), reduced_motion="reduce", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        home = f"/dashboard/{site.organization['slug']}"
        one = Watched.of(page, site.base_url, home=home, app=site.app["slug"])
        watched.append(one)
        return one

    yield start
    complaints = [complaint for one in watched for complaint in one.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
