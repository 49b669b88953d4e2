"""What real clients put on the wire, read from the recorded requests."""

import re

import pytest

from seatrial.domain.build import Deployer, Notification, Submission
from seatrial.wire.uploads import submission
from tests.wire.shapes import CAPTURES

_PART = re.compile(r'Content-Disposition: form-data; name="([^"]+)"\r\n\r\n(.*?)\r\n--', re.DOTALL)


def recorded(client: str) -> list[Submission]:
    if not CAPTURES.is_dir():
        pytest.skip("the recorded requests (../shared/spec/captures) are not here")
    text = (CAPTURES / f"{client}.http").read_bytes().decode("latin-1")
    uploads = [request for request in text.split("=== ") if request.startswith("POST /v1/integrations/builds")]
    assert uploads
    return [submission(_PART.findall(request)) for request in uploads]


def test_bitrise() -> None:
    android, ios = recorded("bitrise")
    notification = Notification(collaborators=True, employees=False)
    assert android == Submission(
        changelog="fix it",
        tags=("a", "b"),
        deployer=Deployer("bitrise", {"buildNumber": "3"}),
        notification=notification,
    )
    assert ios == Submission(changelog="fix it", deployer=Deployer("bitrise"), notification=notification)


def test_fastlane() -> None:
    without_groups, with_groups = recorded("fastlane-2.4.0")
    assert with_groups == Submission(
        version_name="RC 1.0",
        tags=("RC1", "QA"),
        changelog="Bug fixing",
        deployer=Deployer(
            "fastlane", {"commitMessage": "first commit", "branch": "main", "triggerTimestamp": "1795231611"}
        ),
        notification=Notification(
            collaborators=True, employees=False, message="msg", groups=(("group1", "group2"), ("group3",))
        ),
    )
    assert without_groups.notification.groups == ()


def test_github_action() -> None:
    [said] = recorded("github-action")
    assert (said.version_name, said.build_platform, said.tags) == ("feature/x", "ios", ())
    assert said.notification.language == "en"
    assert said.deployer.info["triggerTimestamp"] == "2026-11-21T03:24:16.784Z"
