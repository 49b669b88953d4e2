"""The OpenAPI document against a live server: what schemathesis makes of it."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_openapi import PASSWORD, SAID, made, organization
from tests.openapi import Described
from tests.server import DEMO_IPA, PATIENCE_SECONDS, Json, Server, Workspace, environment

HERE = Path(__file__).parent
NEVER_BY_CHANCE = {
    # Their bodies name an app, a free slug, or somebody: tests/e2e/test_publications.py, tests/e2e/test_sign_in.py.
    "customLogin",
    *("workspaceCreatePublication", "workspaceUpdatePublication", "integrationsUpdatePublication"),
    # A download token is made by one operation and good for one request of another: see test_real_answers.
    *("redeemDownloadToken", "peekDownloadToken", "showInstallManifest"),
    # The right to create the owner of an empty server, and a refresh token, are not to be guessed.
    *("showSetup", "createOwner", "refreshSession"),
    # It takes a build with an icon; it is switched off in schemathesis.toml; it leaves no line in the log.
    *("setAppPicture", "updateOrganization", "showHealth"),
    # Switched off in schemathesis.toml: it would ask any endpoint; and what can be made is more than a schema says.
    *("testStorageProvider", "createStorageProvider", "updateStorageProvider"),
    # Switched off in schemathesis.toml: bytes by offsets, and answers that go on.
    *(
        f"{face}{name}"
        for face in ("integrations", "workspace")
        for name in ("DescribeUploads", "CreateUpload", "ShowUpload", "FindUploadOffset", "ContinueUpload")
    ),
    *("integrationsOverrideUploadMethod", "workspaceOverrideUploadMethod"),
    *(f"{face}{verb}DirectUpload" for face in ("integrations", "workspace") for verb in ("Create", "Show", "Complete")),
    *("integrationsFollowBuild", "workspaceFollowBuild"),
    # Switched off there too: they would bound what the others upload.
    *("chooseAppQuotas", "chooseOrganizationQuotas"),
    # Questions that the doctor has signed, a token of an identity provider, and what leaves no line in the log.
    *("answerDoctor", "answerDoctorsUpload", "tradeInIdentityToken", "showReadiness", "showMetrics"),
    # A device has to have said who it is: tests/e2e/test_device_pages.py.
    "showKnownDevice",
    # Switched off in schemathesis.toml: those of apps have the same handlers.
    *(f"{verb}OrganizationWebhook" for verb in ("create", "show", "update", "rotate", "test")),
    *("listOrganizationWebhooks", "listOrganizationWebhookDeliveries"),
    *("showOrganizationWebhookDelivery", "replayOrganizationWebhookDelivery"),
    # Its link is signed, and good once.
    "sendFeedbackVideo",
    # They take a password, a code, or a secret of a mail or of a cookie: tests/e2e/test_sign_in.py.
    *("changePassword", "beginTwoFactor", "confirmTwoFactor", "disableTwoFactor", "regenerateRecoveryCodes"),
    *("resetPassword", "showPasswordReset", "submitPasswordReset", "submitLogin", "startOidc", "finishOidc"),
    # The session that they take is the one that logs out: tests/e2e/test_authorization.py.
    *("showProfile", "updateProfile", "showTwoFactor", "listOwnSessions", "listMailPreferences", "setMailPreference"),
    # They take an address, people who are there, or the secret of a mail.
    *(
        "createEmployee",
        "importEmployees",
        "createInvitation",
        "createAppCollaborator",
        "addToGroup",
        "removeFromGroup",
    ),
    *("showOpenInvitation", "acceptInvitation", "showInvitationPage", "acceptInvitationByForm"),
    # It takes a keystore.
    "bringSigningKey",
    # They take the secret of a mail: tests/e2e/test_notifications.py.
    *("showUnsubscribe", "unsubscribe"),
    # What a device signed; and the build that all look at is not to be processed again: nobody processes.
    *("takeDeviceAnswer", "integrationsReprocessBuild", "workspaceReprocessBuild"),
    # They take a build that nobody else looks at, and one that is in the trash, or pinned: tests/e2e/test_retention.py.
    *("trashBuild", "restoreBuild", "showPin"),
}


@pytest.fixture(scope="module")
def described(server: Server) -> Described:
    return Described(server.anyone.get("/openapi.json").json())


class Trial:
    """A server with one of everything, and schemathesis let loose on it."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.build = server.processed(DEMO_IPA)
        org = organization(server)
        employee = made(org.post("/employees", json={"email": "ada@example.com"}))["id"]
        notification, mail = self._told()
        server.stop()
        server.write("UPDATE mails SET state = 'dead' WHERE id = ?", mail)
        server.arguments = ("--no-worker",)  # a thousand uploads of nothing known: not to be processed as well
        server.start()
        # Several of each, so that what is removed by chance is not what the trial itself lives on.
        people = [
            made(org.post("/collaborators", json={"email": f"{n}@example.com", "password": PASSWORD, "role": "owner"}))
            for n in range(3)
        ]
        accounts = [made(org.post("/serviceAccounts", json={"name": "robot", "role": "viewer"})) for _ in range(2)]
        tokens = [made(server.ops.post("/tokens", json={})) for _ in range(2)]
        wanted = {"url": "https://hooks.example/", "events": ["certificate.expiring"]}
        webhook = made(server.ops.post("/webhooks", json=wanted))["id"]
        published = {"security": "public", "visibility": "active", "filter": {"type": "last"}}
        publications = [
            made(server.ci.post("/distributions", json=published | {"slug": f"published-{n}"})) for n in range(2)
        ]
        bucket = {"name": "Away", "provider": "s3", "bucket": "away", "endpoint": "http://127.0.0.1:9"}
        bucket |= {"accessKey": "AK", "secretKey": "SK"}
        provider = {"name": "ID", "issuer": "https://id.example.com", "clientId": "seatrial"}
        made(server.ops.post("/collaborators", json={"user": people[1]["id"], "role": "viewer"}))
        self.known = {
            "EMPLOYEE": employee,
            "NOTIFICATION": notification,
            "MAIL": mail,
            "GROUP": made(org.post("/groups", json={"name": "Testers"}))["id"],
            "AUDIENCE": made(org.post("/audiences", json={"name": "Everybody near"}))["id"],
            "INVITATION": made(org.post("/invitations", json={"email": "eve@example.com"}))["id"],
            "STORAGE_PROVIDER": made(org.post("/storageProviders", json=bucket))["id"],
            "IDENTITY_PROVIDER": made(org.post("/identityProviders", json=provider))["id"],
            "ORGANIZATION": server.organization["id"],
            "APP": server.app["id"],
            "APP_TOKEN": server.app_token,
            "BUILD": self.build["id"],
            "FILE": self.build["files"][0]["id"],
            "APP_TOKEN_ID": tokens[0]["id"],
            "SERVICE_ACCOUNT": accounts[0]["id"],
            "COLLABORATOR": people[1]["id"],
            "FEEDBACK": made(server.client("", server.app_token).post("/v1/feedback", json=SAID))["id"],
            "WEBHOOK": webhook,
            "DELIVERY": made(server.ops.post(f"/webhooks/{webhook}/test"))["id"],
            "PUBLICATION": publications[0]["id"],
            "SLUG": publications[1]["slug"],
        }

    def _told(self) -> tuple[str, str]:
        """Tell the employee of the build; the mail waits, for this server has nobody who takes mails."""
        path = f"/builds/{self.build['id']}/notifications"
        told = made(self.server.ops.post(path, json={"notifyEmployees": True}))["id"]
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not (found := made(self.server.ops.get(f"/notifications/{told}/mails"))["items"]):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        return told, found[0]["id"]

    def session(self, email: str = "0@example.com") -> str:
        said = {"payload": {"email": email, "password": PASSWORD}}
        token: str = made(self.server.anyone.post("/v1/auth/login", json=said))["accessToken"]["token"]
        return token

    def run(self, phases: str, workspace_token: str, *config: str) -> None:
        """Let it try all operations; fails with its own report."""
        written = self.folder / f"{phases}.toml"
        written.write_text("".join((HERE / name).read_text() for name in config))
        known = self.known | {"WORKSPACE_TOKEN": workspace_token, "SPARE_SESSION": self.session("2@example.com")}
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(written), "run", "--no-color"]
        seed = ("--seed", "11") if phases == "stateful" else ()
        done = subprocess.run(
            [*command, *seed, "--phases", phases, f"{self.server.base_url}/openapi.json"],
            env=environment(known | {"SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=1500,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def logged(self, event: str) -> list[Json]:
        whole, _, _ = self.server.log.read_text().rpartition("\n")  # the server may be writing the next line
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]


@pytest.fixture(scope="module")
def trial(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("trial")
    server = Server(workspace.copied_to(folder), folder / "server.log", {"SEATRIAL_LIMITS__REFUSED_SECONDS": "1"})
    try:
        yield Trial(server, folder)
    finally:
        server.close()


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_schemathesis_finds_nothing_in_any_operation(trial: Trial, described: Described) -> None:
    trial.run("coverage,fuzzing", trial.server.service_token, "schemathesis.toml", "schemathesis_ids.toml")
    reached = {(line["method"], line["path"]) for line in trial.logged("request") if line["status"] < 400}
    unreached = {
        name
        for name, operation in described.operations().items()
        if not any(
            method == operation["method"] and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation["path"]), path)
            for method, path in reached
        )
    }
    deleting = {name for name, operation in described.operations().items() if operation["method"] == "DELETE"}
    assert sorted(unreached - NEVER_BY_CHANCE - deleting) == []


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_schemathesis_finds_nothing_in_operations_one_after_another(trial: Trial) -> None:
    trial.run("stateful", trial.session(), "schemathesis.toml")
    statuses = {line["status"] for line in trial.logged("request") if line["method"] == "DELETE"}
    assert 200 in statuses
    assert trial.server.ci.get(f"/builds/{trial.build['id']}").status_code == 200
    assert not trial.logged("request_failed")
