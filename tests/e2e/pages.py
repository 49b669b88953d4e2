"""A browser without scripts: it opens pages of the dashboard, and fills and sends the forms that it sees on them."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx

from seatrial.web.dashboard.door import COOKIE
from tests.server import Json, Server, Workspace

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
INLINE = {"a", "b", "code", "em", "span", "strong"}
UNSEEN = {"script", "style", "title", "datalist", "template"}


@dataclass
class Form:
    """A form as a page holds it: where it goes, what stands in its fields, and its buttons."""

    action: str
    enctype: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """What each says, its name and its value."""

    def filled(self, said: Mapping[str, str | list[str]], button: str) -> dict[str, list[str]]:
        """Give what a browser sends after somebody has filled the form and pressed a button."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        sent |= {name: value if isinstance(value, list) else [value] for name, value in said.items()}
        pressed = [one for one in self.buttons if one[0] == button]
        assert pressed, f"no button {button!r} among {self.buttons}"
        if pressed[0][1]:
            sent.setdefault(pressed[0][1], []).append(pressed[0][2])
        return sent


class Reader(HTMLParser):
    """Reads what a page shows, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.tags: list[str] = []
        self._open: Form | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, list[str]] | None = None
        self._button: tuple[list[str], str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.tags.append(tag)
        if tag not in INLINE:
            self.words.append(" ")
        if tag == "form":
            self._open = Form(said.get("action", ""), said.get("enctype", ""))
            self.forms.append(self._open)
        elif tag == "a":
            self.links.append(said.get("href", ""))
        elif tag == "input":
            self._input(said)
        elif tag == "select":
            self._select = (said.get("name", ""), [])
        elif tag == "option" and self._select:
            self._select[1].append((said.get("value", ""), "selected" in said))
        elif tag == "textarea":
            self._area = (said.get("name", ""), [])
        elif tag == "button" and said.get("type", "submit") == "submit":
            self._button = ([], said.get("name", ""), said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self.tags and self.tags.pop() != tag:
            pass
        if tag not in INLINE:
            self.words.append(" ")
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select and self._open:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            self._open.fields += [(name, value) for value in chosen[-1:]]
            self._select = None
        elif tag == "textarea" and self._area and self._open:
            self._open.fields.append((self._area[0], "".join(self._area[1]).removeprefix("\n")))
            self._area = None
        elif tag == "button" and self._button and self._open:
            words, name, value = self._button
            self._open.buttons.append((" ".join("".join(words).split()), name, value))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)
        if self._button:
            self._button[0].append(data)
        if not UNSEEN & set(self.tags):
            self.words.append(data)

    def _input(self, said: dict[str, str]) -> None:
        kind, name = said.get("type", "text"), said.get("name", "")
        if not name or not self._open or kind == "file":
            return
        if kind not in {"checkbox", "radio"} or "checked" in said:
            self._open.fields.append((name, said.get("value", "on" if kind == "checkbox" else "")))


@dataclass
class Seen:
    """A page as somebody sees it."""

    status: int
    url: str
    raw: str
    text: str
    forms: list[Form]
    links: list[str]

    def form(self, button: str, inside: str = "") -> Form:
        """Find the one form with a button that says this, whose address has this in it (a regular expression)."""
        found = [
            form
            for form in self.forms
            if re.search(inside, form.action) and any(said == button for said, _, _ in form.buttons)
        ]
        assert len(found) == 1, f"{len(found)} forms with a button {button!r} on {self.url}"
        return found[0]


@dataclass
class Browser:
    """Somebody's browser with its own cookies, signed in at a server; `secret` is the session's."""

    server: Server
    secret: str
    language: str = "en"

    def __post_init__(self) -> None:
        self.client = self.server.client()
        self.client.cookies.set(COOKIE, self.secret)

    def open(self, path: str) -> Seen:
        """Open a page, and follow where it leads."""
        return self._seen(self.client.get(path, headers=self._headers()))

    def send(
        self,
        seen: Seen,
        button: str,
        said: Mapping[str, str | list[str]] | None = None,
        *,
        inside: str = "",
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Seen:
        """Fill the form that has a button, press the button, and look at what comes."""
        form = seen.form(button, inside)
        sent = form.filled(said or {}, button)
        target = urljoin(seen.url, form.action)
        headers = self._headers() | {"Origin": self.server.base_url}
        if form.enctype == "multipart/form-data":
            parts: list[tuple[str, tuple[str | None, bytes]]] = [
                (name, (None, value.encode())) for name, values in sent.items() for value in values
            ]
            parts += [(name, content) for name, content in (files or {}).items()]
            answer = self.client.post(target, files=parts, headers=headers)
        else:
            answer = self.client.post(target, data=sent, headers=headers)
        return self._seen(answer)

    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}

    def _seen(self, answer: httpx.Response) -> Seen:
        for _ in range(5):
            if answer.status_code != 303:
                break
            answer = self.client.get(urljoin(str(answer.url), answer.headers["location"]), headers=self._headers())
        reader = Reader()
        reader.feed(answer.text)
        text = " ".join("".join(reader.words).split())
        return Seen(answer.status_code, str(answer.url), answer.text, text, reader.forms, reader.links)


PASSWORD = "a password for tests"


def signed_in(server: Server, role: str, name: str, language: str = "en") -> Browser:
    """Make a member with a role, and sign in as them."""
    path = f"/v1/organizations/{server.organization['id']}/collaborators"
    body = {"email": f"{name}@people.example", "role": role, "password": PASSWORD}
    made = server.client("", server.service_token).post(path, json=body)
    assert made.status_code == 200, made.text
    return Browser(server, sign_in(server, body["email"]), language)


def sign_in(server: Server, email: str, password: str = PASSWORD, code: str = "") -> str:
    """Open a session; gives its secret."""
    payload = {"email": email, "password": password, "twoFactorCode": code}
    body = {"provider": "traditional", "payload": payload}
    answer = server.anyone.post("/v1/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["data"]["accessToken"]["token"]
    return token


@contextmanager
def opened(workspace: Workspace, folder: Path) -> Iterator[Server]:
    """Serve a copy of a workspace for the tests of one file."""
    server = Server(workspace.copied_to(folder), folder / "server.log")
    try:
        yield server
    finally:
        server.close()


def api(server: Server, method: str, path: str, body: object = None) -> Json:
    """Ask the Workspace API about the organization."""
    client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    answer = client.request(method, path, json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def named(start: str = "p") -> str:
    """Make up a name that nobody has."""
    return f"{start}-{uuid.uuid4().hex[:10]}"
