"""Each system's variables as its documentation gives them, for the kinds of runs that differ."""

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seatrial.cli.ci_environment import deployer
from seatrial.cli.git_work_tree import GitWorkTree
from seatrial.cli.urls import without_credentials
from seatrial.domain.build import DEPLOYER_INFO_KEYS, Deployer, Submission
from seatrial.wire.upload_form import form_fields
from seatrial.wire.uploads import submission

NOW = datetime(2024, 11, 11, 11, 27, 35, 446000, UTC)
NOW_MS = "1731324455446"
SHA = "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d"
MERGE = "0123456789abcdef0123456789abcdef01234567"


def said(environment: Mapping[str, str], folder: Path = Path("/nonexistent")) -> Deployer:
    return deployer(environment, GitWorkTree(folder), NOW)


GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": SHA,
    "GITHUB_REF": "refs/heads/release/2.4",
    "GITHUB_REF_NAME": "release/2.4",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_HEAD_REF": "",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "octo/app",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_RUN_NUMBER": "173",
}
GITHUB_SAYS = {
    "commit": SHA,
    "branch": "release/2.4",
    "buildNumber": "173",
    "buildUrl": "https://github.com/octo/app/actions/runs/1658821493",
    "ciUrl": "https://github.com/octo/app/actions",
    "repositoryUrl": "https://github.com/octo/app",
    "triggerTimestamp": NOW_MS,
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_MESSAGE": "Fix crash\n\non login\n",
    "CI_COMMIT_BRANCH": "main",
    "CI_COMMIT_REF_NAME": "main",
    "CI_PIPELINE_ID": "90210",
    "CI_PIPELINE_IID": "17",
    "CI_JOB_URL": "https://gitlab.example.com/g/app/-/jobs/5",
    "CI_PIPELINE_URL": "https://gitlab.example.com/g/app/-/pipelines/90210",
    "CI_PROJECT_URL": "https://gitlab.example.com/g/app",
    "CI_REPOSITORY_URL": "https://gitlab-ci-token:s3cret@gitlab.example.com/g/app.git",
    "CI_PIPELINE_CREATED_AT": "2022-01-31T16:47:55Z",
}
GITLAB_SAYS = {
    "commit": SHA,
    "commitMessage": "Fix crash\n\non login",
    "branch": "main",
    "buildNumber": "17",
    "buildUrl": "https://gitlab.example.com/g/app/-/jobs/5",
    "ciUrl": "https://gitlab.example.com/g/app/-/pipelines/90210",
    "repositoryUrl": "https://gitlab.example.com/g/app",
    "triggerTimestamp": "1643647675000",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "BUILD_NUMBER": "153",
    "BUILD_URL": "https://ci.example.com/job/app/153/",
    "JOB_URL": "https://ci.example.com/job/app/",
    "GIT_COMMIT": SHA,
    "GIT_BRANCH": "origin/main",
    "GIT_URL": "https://bot:s3cret@git.example.com/app.git",
}
JENKINS_SAYS = {
    "commit": SHA,
    "branch": "main",
    "buildNumber": "153",
    "buildUrl": "https://ci.example.com/job/app/153/",
    "ciUrl": "https://ci.example.com/job/app/",
    "repositoryUrl": "https://git.example.com/app.git",
    "triggerTimestamp": NOW_MS,
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEVERSION": SHA,
    "BUILD_SOURCEVERSIONMESSAGE": "Fix crash",
    "BUILD_SOURCEBRANCH": "refs/heads/feature/tools",
    "BUILD_SOURCEBRANCHNAME": "tools",
    "BUILD_BUILDNUMBER": "20241111.3",
    "BUILD_BUILDID": "430",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/fabrikamfiber/",
    "SYSTEM_TEAMPROJECT": "My App",
    "BUILD_REPOSITORY_URI": "https://fabrikamfiber@dev.azure.com/fabrikamfiber/My%20App/_git/app",
    "SYSTEM_PIPELINESTARTTIME": "2024-11-11 11:00:00+00:00",
}
AZURE_SAYS = {
    "commit": SHA,
    "commitMessage": "Fix crash",
    "branch": "feature/tools",
    "buildNumber": "20241111.3",
    "buildUrl": "https://dev.azure.com/fabrikamfiber/My%20App/_build/results?buildId=430",
    "ciUrl": "https://dev.azure.com/fabrikamfiber/My%20App/_build",
    "repositoryUrl": "https://dev.azure.com/fabrikamfiber/My%20App/_git/app",
    "triggerTimestamp": "1731322800000",
}
BITRISE = {
    "BITRISE_IO": "true",
    "BITRISE_GIT_COMMIT": SHA,
    "BITRISE_GIT_MESSAGE": "Fix crash",
    "BITRISE_GIT_BRANCH": "feature",
    "BITRISE_GIT_TAG": "",
    "BITRISE_BUILD_NUMBER": "12",
    "BITRISE_BUILD_URL": "https://app.bitrise.io/build/abc",
    "BITRISE_APP_URL": "https://app.bitrise.io/app/def",
    "GIT_REPOSITORY_URL": "git@github.com:octo/app.git",
    "BITRISE_BUILD_TRIGGER_TIMESTAMP": "1731322800",
}
BITRISE_SAYS = {
    "commit": SHA,
    "commitMessage": "Fix crash",
    "branch": "feature",
    "buildNumber": "12",
    "buildUrl": "https://app.bitrise.io/build/abc",
    "ciUrl": "https://app.bitrise.io/app/def",
    "repositoryUrl": "git@github.com:octo/app.git",
    "triggerTimestamp": "1731322800000",
}
CIRCLE = {
    "CIRCLECI": "true",
    "CIRCLE_SHA1": SHA,
    "CIRCLE_BRANCH": "main",
    "CIRCLE_BUILD_NUM": "42",
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/octo/app/42",
    "CIRCLE_WORKFLOW_ID": "11111111-2222-3333-4444-555555555555",
    "CIRCLE_REPOSITORY_URL": "git@github.com:octo/app.git",
}
CIRCLE_SAYS = {
    "commit": SHA,
    "branch": "main",
    "buildNumber": "42",
    "buildUrl": "https://circleci.com/gh/octo/app/42",
    "ciUrl": "https://app.circleci.com/pipelines/workflows/11111111-2222-3333-4444-555555555555",
    "repositoryUrl": "git@github.com:octo/app.git",
    "triggerTimestamp": NOW_MS,
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": SHA,
    "BUILDKITE_MESSAGE": "Added a great new feature",
    "BUILDKITE_BRANCH": "master",
    "BUILDKITE_TAG": "",
    "BUILDKITE_BUILD_NUMBER": "1514",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme-inc/my-project/builds/1514",
    "BUILDKITE_REPO": "git@github.com:acme-inc/my-project.git",
}
BUILDKITE_SAYS = {
    "commit": SHA,
    "commitMessage": "Added a great new feature",
    "branch": "master",
    "buildNumber": "1514",
    "buildUrl": "https://buildkite.com/acme-inc/my-project/builds/1514",
    "ciUrl": "https://buildkite.com/acme-inc/my-project",
    "repositoryUrl": "git@github.com:acme-inc/my-project.git",
    "triggerTimestamp": NOW_MS,
}
TRAVIS = {
    "TRAVIS": "true",
    "TRAVIS_COMMIT": SHA,
    "TRAVIS_COMMIT_MESSAGE": "Fix crash",
    "TRAVIS_BRANCH": "main",
    "TRAVIS_PULL_REQUEST": "false",
    "TRAVIS_PULL_REQUEST_BRANCH": "",
    "TRAVIS_PULL_REQUEST_SHA": "",
    "TRAVIS_TAG": "",
    "TRAVIS_BUILD_NUMBER": "4",
    "TRAVIS_BUILD_WEB_URL": "https://app.travis-ci.com/github/octo/app/builds/12345",
}
TRAVIS_SAYS = {
    "commit": SHA,
    "commitMessage": "Fix crash",
    "branch": "main",
    "buildNumber": "4",
    "buildUrl": "https://app.travis-ci.com/github/octo/app/builds/12345",
    "ciUrl": "https://app.travis-ci.com/github/octo/app",
    "triggerTimestamp": NOW_MS,
}
PUSHES = [
    ("GitHub Actions", GITHUB, GITHUB_SAYS),
    ("GitLab CI", GITLAB, GITLAB_SAYS),
    ("Jenkins", JENKINS, JENKINS_SAYS),
    ("Azure DevOps", AZURE, AZURE_SAYS),
    ("Bitrise", BITRISE, BITRISE_SAYS),
    ("CircleCI", CIRCLE, CIRCLE_SAYS),
    ("Buildkite", BUILDKITE, BUILDKITE_SAYS),
    ("Travis CI", TRAVIS, TRAVIS_SAYS),
]
TAGS = [
    (GITHUB, {"GITHUB_REF": "refs/tags/v2", "GITHUB_REF_NAME": "v2", "GITHUB_REF_TYPE": "tag"}),
    (GITLAB, {"CI_COMMIT_BRANCH": "", "CI_COMMIT_REF_NAME": "v2", "CI_COMMIT_TAG": "v2"}),
    (JENKINS, {"GIT_BRANCH": "v2", "BRANCH_NAME": "v2", "TAG_NAME": "v2"}),
    (AZURE, {"BUILD_SOURCEBRANCH": "refs/tags/v2", "BUILD_SOURCEBRANCHNAME": "v2"}),
    (BITRISE, {"BITRISE_GIT_BRANCH": "", "BITRISE_GIT_TAG": "v2"}),
    (CIRCLE, {"CIRCLE_BRANCH": "", "CIRCLE_TAG": "v2"}),
    (BUILDKITE, {"BUILDKITE_BRANCH": "v2", "BUILDKITE_TAG": "v2"}),
    (TRAVIS, {"TRAVIS_BRANCH": "v2", "TRAVIS_TAG": "v2"}),
]
REQUESTS = [
    (GITHUB, {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REF_NAME": "7/merge", "GITHUB_HEAD_REF": "fix/login"}, None),
    (
        GITLAB,
        {
            "CI_COMMIT_BRANCH": "",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix/login",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": SHA,
            "CI_COMMIT_SHA": MERGE,
        },
        SHA,
    ),
    (JENKINS, {"GIT_BRANCH": "PR-24", "BRANCH_NAME": "PR-24", "CHANGE_ID": "24", "CHANGE_BRANCH": "fix/login"}, None),
    (
        AZURE,
        {
            "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
            "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/fix/login",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": SHA,
            "BUILD_SOURCEVERSION": MERGE,
        },
        SHA,
    ),
    (BITRISE, {"BITRISE_GIT_BRANCH": "fix/login", "BITRISEIO_GIT_BRANCH_DEST": "main"}, None),
    (CIRCLE, {"CIRCLE_BRANCH": "fix/login"}, None),
    (BUILDKITE, {"BUILDKITE_BRANCH": "fix/login", "BUILDKITE_PULL_REQUEST": "7"}, None),
    (
        TRAVIS,
        {"TRAVIS_PULL_REQUEST_BRANCH": "fix/login", "TRAVIS_PULL_REQUEST_SHA": SHA, "TRAVIS_COMMIT": MERGE},
        SHA,
    ),
]


@pytest.mark.parametrize(("name", "environment", "info"), PUSHES, ids=[name for name, _, _ in PUSHES])
def test_a_push(name: str, environment: dict[str, str], info: dict[str, str]) -> None:
    assert said(environment) == Deployer(name, info)
    assert set(info) <= set(DEPLOYER_INFO_KEYS)


@pytest.mark.parametrize(("environment", "tag"), TAGS, ids=[name for name, _, _ in PUSHES])
def test_a_tag_has_no_branch(environment: dict[str, str], tag: dict[str, str]) -> None:
    info = said(environment | tag).info
    assert (info.get("tag"), info.get("branch")) == ("v2", None)


@pytest.mark.parametrize(("environment", "request_", "commit"), REQUESTS, ids=[name for name, _, _ in PUSHES])
def test_a_pull_request_is_about_what_was_pushed(
    environment: dict[str, str], request_: dict[str, str], commit: str | None
) -> None:
    info = said(environment | request_).info
    assert info["branch"] == "fix/login"
    assert info["commit"] == (commit or SHA)
    if commit:
        assert "commitMessage" not in info, "the merge's message is nobody's"


def test_github_tells_the_pushed_commit_in_its_event(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    request = GITHUB | {"GITHUB_SHA": MERGE, "GITHUB_HEAD_REF": "fix", "GITHUB_EVENT_PATH": str(event)}
    event.write_text(json.dumps({"pull_request": {"head": {"sha": SHA}}}))
    assert said(request).info["commit"] == SHA
    event.write_text(json.dumps({"head_commit": {"message": "Fix crash\n\nat last"}}))
    assert said(GITHUB | {"GITHUB_EVENT_PATH": str(event)}).info["commitMessage"] == "Fix crash\n\nat last"
    for broken in ("", "[", "[]", '{"pull_request": 1}', "[" * 100_000):
        event.write_text(broken)
        assert said(request).info["commit"] == MERGE


def test_nothing_is_said_outside_of_ci() -> None:
    assert said({"GIT_COMMIT": SHA, "TRAVIS": "false"}, Path.cwd()) == Deployer()


def test_a_system_that_started_from_jenkins_is_itself() -> None:
    assert said({"JENKINS_URL": "https://ci.example.com/"} | BUILDKITE).name == "Buildkite"


def test_git_fills_what_the_variables_leave_out(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("remote", "add", "origin", "https://bot:s3cret@git.example.com/app.git")
    git("commit", "--quiet", "--allow-empty", "-m", "First\n\nwith a body")
    first = git("rev-parse", "HEAD")
    git("commit", "--quiet", "--allow-empty", "-m", "Second")
    assert said(CIRCLE | {"CIRCLE_SHA1": first}, tmp_path).info["commitMessage"] == "First\n\nwith a body"
    assert said({"CIRCLECI": "true"}, tmp_path).info["commitMessage"] == "Second"
    assert said(TRAVIS, tmp_path).info["repositoryUrl"] == "https://git.example.com/app.git"
    assert "commitMessage" not in said(CIRCLE, tmp_path).info, "a commit that the clone does not have"
    assert said(CIRCLE | {"CIRCLE_SHA1": "--output=x"}, tmp_path).info["commitMessage"] == "Second"
    assert not (tmp_path / "x").exists()


def test_whatever_the_environment_holds_the_server_takes() -> None:
    strange = {
        "BUILDKITE_MESSAGE": "x" * 100_000,
        "BUILDKITE_BRANCH": "b" * 10_000,
        "BUILDKITE_TAG": "latin-\udce9",
        "BUILDKITE_BUILD_URL": "http://[half",
    }
    found = said(BUILDKITE | strange)
    assert submission(form_fields(Submission(deployer=found))).deployer == found
    assert len(found.info["commitMessage"]) == 64 * 1024
    assert "buildUrl" not in found.info


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host.example/a/b", "https://host.example/a/b"),
        ("https://token@host.example:8443/a@b?c=d#e", "https://host.example:8443/a@b?c=d#e"),
        ("https://user:p%40ss@host.example/a", "https://host.example/a"),
        ("https://user:p@ss@host.example/a", "https://host.example/a"),
        ("https://user:pa/ss@host.example/a", ""),
        ("ssh://git@host.example:22/a.git", "ssh://git@host.example:22/a.git"),
        ("ssh://git:secret@host.example/a.git", "ssh://git@host.example/a.git"),
        ("git@host.example:a/b.git", "git@host.example:a/b.git"),
        ("user:secret@host.example:a/b.git", ""),
        ("https://[half", ""),
        ("/srv/git/app.git", "/srv/git/app.git"),
        ("", ""),
    ],
)
def test_credentials_stay_out_of_urls(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
