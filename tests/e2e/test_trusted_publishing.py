"""Trusted publishing over the wire: identity tokens of a real issuer, traded in for upload tokens."""

import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from seatrial.tools.oidc import REFRESH_SECONDS, Issuers, TokenRefused
from tests.issuer import Issuer, new_key, serving
from tests.server import DEMO_APK, Json, Server, Workspace, seatrial

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the provider is made of

RUN = {
    "sub": "repo:acme/app:ref:refs/heads/main",
    "repository": "acme/app",
    "ref": "refs/heads/main",
    "sha": "a" * 40,
    "run_id": "77",
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("publishing")
    settings = {"SEATRIAL_OIDC__ALLOW_LOOPBACK": "true", "SEATRIAL_LOGIN__FAILURES_PER_ADDRESS": "50"}
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def rule(server: Server, issuer: Issuer) -> Iterator[Json]:
    said = {
        "provider": "github",
        "issuer": issuer.url,
        "conditions": {"repository": "acme/app", "ref": ["refs/heads/main", "refs/tags/v*"]},
    }
    made = data(server.ops.post("/trustedPublishers", json=said))
    yield made
    server.ops.delete(f"/trustedPublishers/{made['id']}")


def data(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def identity(server: Server, issuer: Issuer, key: ECKey | None = None, **claims: Any) -> str:
    now = int(time.time())
    said = {"iss": issuer.url, "aud": server.base_url, "iat": now, "nbf": now, "exp": now + 300}
    said |= RUN | {"jti": f"{time.time_ns()}"} | claims
    key = key or issuer.key
    return jwt.encode({"alg": "ES256", "kid": str(key.kid)}, {k: v for k, v in said.items() if v is not None}, key)


def trade_in(server: Server, token: str, **said: str) -> httpx.Response:
    return server.anyone.post("/v1/oidc/token", json={"token": token} | said)


def why(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 4004), answer.text
    reason: str = answer.json()["error"]["data"]["reason"]
    return reason


def test_a_run_uploads_without_a_secret(server: Server, issuer: Issuer, rule: Json) -> None:
    assert (rule["audience"], rule["provider"], rule["name"]) == (server.base_url, "github", "GitHub Actions")
    made = data(trade_in(server, identity(server, issuer)))
    assert (made["application"], made["scopes"], made["tokenType"]) == (server.app["id"], ["publish"], "Bearer")
    assert 890 <= made["expiresIn"] <= 900
    ci = server.client("/v1/integrations", made["bearer"])
    said = {"deployer.info.branch": "forged", "deployer.info.tag": "v9", "deployer.info.buildNumber": "12"}
    build = data(ci.post("/builds", data=said, files={"build": ("a.apk", DEMO_APK.read_bytes())}))
    assert build["uploadedBy"]["firstName"] == f"GitHub Actions: {RUN['sub']}"
    info = build["deployer"]["info"]
    assert (info["branch"], info["commit"], info["buildNumber"]) == ("main", "a" * 40, "12")
    assert not info.get("tag")
    assert build["deployer"]["name"] == "GitHub Actions"
    refused = ci.delete(f"/builds/{build['id']}")
    assert (refused.status_code, refused.json()["error"]["data"]["permission"]) == (403, "mad.build.management.delete")
    log = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    entry = data(log.get("/auditLog", params={"action": "trustedPublisher.exchange"}))["items"][0]
    assert entry["principal"] == {"type": "trusted_publisher", "id": rule["id"], "name": "GitHub Actions"}
    assert entry["detail"]["claims"] == RUN
    created = data(log.get("/auditLog", params={"target": build["id"], "action": "build.create"}))["items"][0]
    assert created["principal"]["id"] == entry["detail"]["token"]
    assert data(server.ops.get("/trustedPublishers"))["items"][0]["lastUsedAt"]
    assert entry["detail"]["token"] in {one["id"] for one in data(server.ops.get("/tokens"))["items"]}
    gone = server.ops.delete(f"/trustedPublishers/{rule['id']}")
    assert gone.status_code == 200
    assert ci.get("/builds").status_code == 401  # what a rule has given out ends with it


def test_the_form_of_rfc_8693_is_taken(server: Server, issuer: Issuer, rule: Json) -> None:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": identity(server, issuer),
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    }
    made = data(server.anyone.post("/v1/oidc/token", data=form))
    assert made["trustedPublisher"] == rule["id"]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"ref": "refs/heads/dev"}, "no rule of the app fits this run: ref is refs/heads/dev"),
        ({"ref": None}, "no rule of the app fits this run: ref is not said"),
        ({"repository": "evil/app"}, "no app here trusts the runs that this identity token is of"),
        ({"repository": "acme/app2"}, "no app here trusts the runs that this identity token is of"),
        ({"aud": "https://elsewhere.example"}, "the identity token is for another audience"),
        ({"aud": None}, "the identity token is for another audience"),
        ({"exp": 1_000_000_000}, "the ID token has expired"),
        ({"exp": None}, "the ID token has expired"),
        ({"exp": "tomorrow"}, "the ID token has expired"),
        ({"exp": 9e18}, "the identity token lives for longer than a day"),
        ({"iat": 4_000_000_000}, "the ID token is of the future"),
        ({"nbf": 4_000_000_000}, "the ID token is of the future"),
        ({"iat": None}, "the ID token is of the future"),
        ({"iss": "https://nobody.example"}, "no app here trusts"),
        ({"iss": 7}, "the token is no identity token"),
    ],
)
def test_what_is_wrong_is_told_and_no_more(
    server: Server, issuer: Issuer, rule: Json, claims: Json, reason: str
) -> None:
    said = why(trade_in(server, identity(server, issuer, **claims)))
    assert said.startswith(reason)
    assert "refs/heads/main" not in said  # what the rule asks for
    assert rule["id"] not in said


def test_only_the_issuers_own_signature_counts(server: Server, issuer: Issuer, rule: Json) -> None:
    assert rule["issuer"] == issuer.url
    now = int(time.time())
    said = {"iss": issuer.url, "aud": server.base_url, "iat": now, "exp": now + 300} | RUN
    public = json.dumps(issuer.key.as_dict(private=False)).encode()
    forged = [
        identity(server, issuer, key=new_key("one")),
        jwt.encode({"alg": "HS256", "kid": "one"}, said, OctKey.import_key(public), algorithms=["HS256"]),
        ".".join(
            base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({"alg": "none"}, said)
        )
        + ".",
        identity(server, issuer)[:-4] + "AAAA",
        "eyJhbGciOiJub25lIn0.e30.",
        "no token at all",
    ]
    for token in forged:
        assert why(trade_in(server, token))


def test_keys_that_rotate_are_fetched_again(server: Server, issuer: Issuer) -> None:
    seconds = 0.0
    with httpx.Client() as http:
        issuers = Issuers(http, allows_loopback=True, clock=lambda: seconds)
        assert issuers.identify(issuer.url, identity(server, issuer), time.time())["repository"] == "acme/app"
        before, issuer.key = issuer.key, new_key("two")
        asked = issuer.asked.count("/jwks")
        fresh = identity(server, issuer)
        for _ in range(3):  # whoever names odd keys does not make us ask each time
            with pytest.raises(TokenRefused):
                issuers.identify(issuer.url, fresh, time.time())
        assert issuer.asked.count("/jwks") == asked
        seconds = REFRESH_SECONDS
        assert issuers.identify(issuer.url, fresh, time.time())
        with pytest.raises(TokenRefused):
            issuers.identify(issuer.url, identity(server, issuer, key=before), time.time())
        assert issuer.asked.count("/jwks") == asked + 1
        issuer.key = before  # what the server knows


def test_a_token_is_good_once(server: Server, issuer: Issuer, rule: Json) -> None:
    token = identity(server, issuer)
    with ThreadPoolExecutor(8) as pool:
        answers = [one.status_code for one in pool.map(lambda _: trade_in(server, token), range(8))]
    assert sorted(answers) == [200] + [401] * 7
    assert "traded in already" in why(trade_in(server, token))
    unnumbered = identity(server, issuer, jti=None)
    assert [trade_in(server, unnumbered).status_code for _ in range(2)] == [200, 401]
    assert token not in server.log.read_text()
    assert rule["id"]


def test_of_several_apps_one_has_to_be_named(server: Server, issuer: Issuer, rule: Json) -> None:
    organization = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    other = data(organization.post("/apps", json={"name": "Second app"}))
    path = f"/apps/{other['id']}/trustedPublishers"
    said = {"issuer": issuer.url, "conditions": rule["conditions"], "provider": "github"}
    second = data(organization.post(path, json=said))
    token = identity(server, issuer)
    answer = trade_in(server, token)
    assert answer.status_code == 400
    assert other["id"] in answer.json()["error"]["data"]["fields"]["application"]
    made = data(trade_in(server, token, application=other["slug"]))
    assert made["application"] == other["id"]
    assert data(trade_in(server, token, application=server.app["id"]))["application"] == server.app["id"]
    assert server.client("/v1/integrations", made["bearer"]).get("/builds").json()["data"]["totalDocs"] == 0
    assert why(trade_in(server, identity(server, issuer), application="a-third"))
    assert organization.delete(f"{path}/{second['id']}").status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"conditions": {"ref": "x"}}, "conditions"),
        ({"conditions": {"repository": "**"}}, "conditions"),
        ({"conditions": {}}, "conditions"),
        ({"conditions": {"repository": ["a/b"] * 21}}, "conditions"),
        ({"conditions": {"repository": ["a/b"], "ref_protected": [False]}}, "conditions"),
        ({"provider": "circleci", "conditions": {"oidc.circleci.com/project-id": "x"}}, "issuer"),
        ({"issuer": "http://10.0.0.1/", "conditions": {"repository": "a/b"}}, "issuer"),
        ({"issuer": "https://user:pw@id.example/", "conditions": {"repository": "a/b"}}, "issuer"),
        ({"provider": "jenkins", "conditions": {"repository": "a/b"}}, "provider"),
    ],
)
def test_a_rule_that_would_let_strangers_in_is_refused(server: Server, said: Json, field: str) -> None:
    answer = server.ops.post("/trustedPublishers", json={"provider": "github"} | said)
    assert (answer.status_code, list(answer.json()["error"]["data"]["fields"])) == (400, [field])


def test_an_issuer_that_is_gone_is_no_fault_of_the_token(server: Server, issuer: Issuer) -> None:
    said = {"issuer": "http://localhost:1", "provider": "github", "conditions": {"repository": "acme/app"}}
    made = data(server.ops.post("/trustedPublishers", json=said))
    answer = trade_in(server, identity(server, issuer, iss="http://localhost:1"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    changed = server.ops.put(f"/trustedPublishers/{made['id']}", json={"name": "Nightly", "issuer": issuer.url})
    assert (data(changed)["name"], changed.json()["data"]["audience"]) == ("Nightly", server.base_url)
    assert data(trade_in(server, identity(server, issuer)))["trustedPublisher"] == made["id"]
    server.ops.delete(f"/trustedPublishers/{made['id']}")


class GitHub(BaseHTTPRequestHandler):
    """Where a job of GitHub Actions asks for its identity token."""

    token = ""
    asked: dict[str, str]

    def do_GET(self) -> None:
        type(self).asked = {"path": self.path, "authorization": self.headers["authorization"]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"value": self.token}).encode())

    def log_message(self, *_: object) -> None:
        pass


def test_the_upload_command_proves_who_it_is(server: Server, issuer: Issuer, rule: Json) -> None:
    github = HTTPServer(("127.0.0.1", 0), GitHub)
    thread = Thread(target=github.handle_request)
    thread.start()
    GitHub.token = identity(server, issuer)
    job = {
        "SEATRIAL_SERVER": server.base_url,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{github.server_port}/token?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a job's own",
    }
    done = seatrial("upload", DEMO_APK, "--json", settings=job)
    thread.join()
    github.server_close()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["deployer"]["info"]["branch"] == "main"
    assert GitHub.asked["authorization"] == "Bearer a job's own"
    assert (
        GitHub.asked["path"]
        == f"/token?api-version=2&audience={server.base_url.replace(':', '%3A').replace('/', '%2F')}"
    )
    gitlab = {"SEATRIAL_SERVER": server.base_url, "SEATRIAL_ID_TOKEN": identity(server, issuer, ref="refs/heads/dev")}
    refused = seatrial("upload", DEMO_APK, settings=gitlab)
    assert (refused.returncode, rule["id"] in refused.stderr) == (4, False)
    assert "ref is refs/heads/dev" in refused.stderr
    nothing = seatrial("upload", DEMO_APK, settings={"SEATRIAL_SERVER": server.base_url})
    assert (nothing.returncode, "--token" in nothing.stderr) == (2, True)


def test_rules_are_made_at_the_command_line(server: Server) -> None:
    where = ("--data-dir", server.data_dir, "--json", "--app", server.app["slug"])
    made = seatrial(
        *("admin", "trusted-publisher", "create", *where, "--provider", "gitlab", "--project", "acme/app"),
        *("--ref", "main", "--condition", "ref_protected=true", "--audience", "https://builds.example.com"),
        settings=server.settings,
    )
    assert made.returncode == 0, made.stderr
    shown = json.loads(made.stdout)
    assert (shown["issuer"], shown["audience"]) == ("https://gitlab.com", "https://builds.example.com")
    assert shown["conditions"] == {"project_path": ["acme/app"], "ref": ["main"], "ref_protected": ["true"]}
    listed = seatrial("admin", "trusted-publisher", "list", *where, settings=server.settings)
    assert [one["id"] for one in json.loads(listed.stdout)] == [shown["id"]]
    gone = seatrial("admin", "trusted-publisher", "delete", shown["id"], *where, settings=server.settings)
    assert json.loads(gone.stdout) == {"id": shown["id"], "deleted": True}
    wide = seatrial("admin", "trusted-publisher", "create", *where, "--project", "*/app", settings=server.settings)
    assert (wide.returncode, "asterisk" in wide.stderr or "audience" in wide.stderr) == (1, True)


def test_guessing_is_bounded(server: Server, issuer: Issuer) -> None:
    """Last, as it shuts this address out."""
    token = identity(server, issuer, iss="https://nobody.example")
    answers = {trade_in(server, token).status_code for _ in range(51)}
    assert answers == {401, 429}
