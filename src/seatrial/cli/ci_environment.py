"""What a CI system says about the run that it started us in, as a build's deployer (contract 1.1, `deployer.*`).

One reader per system, from its documented variables: GitHub Actions, GitLab CI, Jenkins, Azure DevOps, Bitrise,
CircleCI, Buildkite, Travis CI. For a pull request the branch and commit are those that people pushed, not the merge
that the system made to test it. What the variables leave out comes from the git work tree, where there is one.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from seatrial.cli.git_work_tree import GitWorkTree
from seatrial.cli.urls import without_credentials
from seatrial.domain.build import Deployer

Environment = Mapping[str, str]
Info = dict[str, str]

VALUE_LIMIT, MESSAGE_LIMIT = 4096, 64 * 1024
"""Characters that a server takes; a longer value is cut, as a pipeline should not fail for it."""
EVENT_LIMIT = 32 * 1024 * 1024
"""GitHub's event payload is at most 25 MB (its documentation of webhooks)."""

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_URLS = ("buildUrl", "ciUrl", "repositoryUrl")


def deployer(environment: Environment, git: GitWorkTree, now: datetime) -> Deployer:
    """Recognise the CI system and say what it knows; outside of any nothing is said.

    `now` stands for the time of the trigger where the system does not tell it.
    """
    for mark, name, read in _SYSTEMS:
        if environment.get(mark, "").strip().lower() not in {"", "false"}:
            info = read({key: value.strip() for key, value in environment.items()})
            return Deployer(name, _finished(info, git, now))
    return Deployer()


def _finished(info: Info, git: GitWorkTree, now: datetime) -> Info:
    if not info.get("commitMessage"):
        commit = info.get("commit", "")
        info["commitMessage"] = git.message(commit if _COMMIT.fullmatch(commit) else "HEAD")
    info["repositoryUrl"] = info.get("repositoryUrl") or git.origin()
    info["triggerTimestamp"] = info.get("triggerTimestamp") or str(int(now.timestamp() * 1000))
    for key in _URLS:
        info[key] = without_credentials(info.get(key, ""))
    cut = {
        key: _unicode(value)[: MESSAGE_LIMIT if key == "commitMessage" else VALUE_LIMIT].strip()
        for key, value in info.items()
    }
    return {key: value for key, value in cut.items() if value}


def _unicode(value: str) -> str:
    """Make text of what the system may have passed as bytes of another encoding."""
    return value.encode("utf-8", "replace").decode().replace("\0", "")


def _first(environment: Environment, *names: str) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _branch(ref: str) -> str:
    """Take `refs/heads/` off; other references name no branch."""
    return ref.removeprefix("refs/heads/") if not ref.startswith("refs/") or ref.startswith("refs/heads/") else ""


def _milliseconds(text: str) -> str:
    """Read Unix seconds or an ISO 8601 time as Unix milliseconds; anything else is not said."""
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return f"{int(text) * 1000}"
    try:
        moment = datetime.fromisoformat(text)
        return str(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000))
    except (ValueError, OverflowError):
        return ""


def _github_actions(said: Environment) -> Info:
    repository = f"{said.get('GITHUB_SERVER_URL', 'https://github.com')}/{said.get('GITHUB_REPOSITORY', '')}"
    is_tag = said.get("GITHUB_REF_TYPE") == "tag"
    head = said.get("GITHUB_HEAD_REF", "")
    pushed, message = _github_event(said.get("GITHUB_EVENT_PATH", "")) if said.get("GITHUB_EVENT_PATH") else ("", "")
    return {
        "commit": pushed or said.get("GITHUB_SHA", ""),
        "commitMessage": message,
        "branch": head or ("" if is_tag else _branch(said.get("GITHUB_REF", ""))),
        "tag": said.get("GITHUB_REF_NAME", "") if is_tag else "",
        "buildNumber": said.get("GITHUB_RUN_NUMBER", ""),
        "buildUrl": f"{repository}/actions/runs/{said.get('GITHUB_RUN_ID', '')}",
        "ciUrl": f"{repository}/actions",
        "repositoryUrl": repository,
    }


def _github_event(path: str) -> tuple[str, str]:
    """Give the head commit of a pull request, and the message of a pushed commit, from the run's event payload."""
    try:
        with Path(path).open("rb") as file:
            event = json.loads(file.read(EVENT_LIMIT))
    except (OSError, ValueError, RecursionError):
        return "", ""
    return _text(event, "pull_request", "head", "sha"), _text(event, "head_commit", "message")


def _text(value: object, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _gitlab(said: Environment) -> Info:
    commit = said.get("CI_COMMIT_SHA", "")
    # Set only in pipelines of merged results, where CI_COMMIT_* is about the merge that GitLab made.
    pushed = said.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")
    return {
        "commit": pushed or commit,
        "commitMessage": said.get("CI_COMMIT_MESSAGE", "") if pushed in {"", commit} else "",
        "branch": _first(said, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"),
        "tag": said.get("CI_COMMIT_TAG", ""),
        "buildNumber": _first(said, "CI_PIPELINE_IID", "CI_PIPELINE_ID"),
        "buildUrl": said.get("CI_JOB_URL", ""),
        "ciUrl": said.get("CI_PIPELINE_URL", ""),
        "repositoryUrl": _first(said, "CI_PROJECT_URL", "CI_REPOSITORY_URL"),
        "triggerTimestamp": _milliseconds(said.get("CI_PIPELINE_CREATED_AT", "")),
    }


def _jenkins(said: Environment) -> Info:
    tag = _first(said, "TAG_NAME", "GIT_TAG_NAME")
    # In a multibranch job BRANCH_NAME is the tag or the request (PR-24) where it builds one of those.
    named = "" if tag or said.get("CHANGE_ID") else said.get("BRANCH_NAME", "")
    branch = said.get("CHANGE_BRANCH") or named or said.get("GIT_LOCAL_BRANCH", "")
    return {
        "commit": said.get("GIT_COMMIT", ""),
        "branch": branch or ("" if tag else _jenkins_remote_branch(said.get("GIT_BRANCH", ""))),
        "tag": tag,
        "buildNumber": said.get("BUILD_NUMBER", ""),
        "buildUrl": said.get("BUILD_URL", ""),
        "ciUrl": _first(said, "JOB_URL", "JENKINS_URL"),
        "repositoryUrl": _first(said, "GIT_URL", "GIT_URL_1"),
    }


def _jenkins_remote_branch(branch: str) -> str:
    return "" if branch == "detached" else _branch(branch).removeprefix("origin/")


def _azure(said: Environment) -> Info:
    ref = said.get("BUILD_SOURCEBRANCH", "")
    request = said.get("SYSTEM_PULLREQUEST_SOURCEBRANCH", "")
    pushed = said.get("SYSTEM_PULLREQUEST_SOURCECOMMITID", "")
    collection = _first(said, "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")
    project = quote(said.get("SYSTEM_TEAMPROJECT", ""))
    builds = f"{collection.rstrip('/')}/{project}/_build" if collection else ""
    return {
        "commit": pushed or said.get("BUILD_SOURCEVERSION", ""),
        "commitMessage": "" if pushed else said.get("BUILD_SOURCEVERSIONMESSAGE", ""),
        "branch": _branch(request or ref),
        "tag": ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else "",
        "buildNumber": said.get("BUILD_BUILDNUMBER", ""),
        "buildUrl": f"{builds}/results?buildId={said.get('BUILD_BUILDID', '')}" if builds else "",
        "ciUrl": builds,
        "repositoryUrl": said.get("BUILD_REPOSITORY_URI", ""),
        "triggerTimestamp": _milliseconds(said.get("SYSTEM_PIPELINESTARTTIME", "")),
    }


def _bitrise(said: Environment) -> Info:
    return {
        "commit": _first(said, "GIT_CLONE_COMMIT_HASH", "BITRISE_GIT_COMMIT"),
        "commitMessage": said.get("BITRISE_GIT_MESSAGE", ""),
        "branch": said.get("BITRISE_GIT_BRANCH", ""),
        "tag": said.get("BITRISE_GIT_TAG", ""),
        "buildNumber": said.get("BITRISE_BUILD_NUMBER", ""),
        "buildUrl": said.get("BITRISE_BUILD_URL", ""),
        "ciUrl": said.get("BITRISE_APP_URL", ""),
        "repositoryUrl": said.get("GIT_REPOSITORY_URL", ""),
        "triggerTimestamp": _milliseconds(said.get("BITRISE_BUILD_TRIGGER_TIMESTAMP", "")),
    }


def _circleci(said: Environment) -> Info:
    workflow = said.get("CIRCLE_WORKFLOW_ID", "")
    return {
        "commit": said.get("CIRCLE_SHA1", ""),
        "branch": said.get("CIRCLE_BRANCH", ""),
        "tag": said.get("CIRCLE_TAG", ""),
        "buildNumber": said.get("CIRCLE_BUILD_NUM", ""),
        "buildUrl": said.get("CIRCLE_BUILD_URL", ""),
        "ciUrl": f"https://app.circleci.com/pipelines/workflows/{workflow}" if workflow else "",
        "repositoryUrl": said.get("CIRCLE_REPOSITORY_URL", ""),
    }


def _buildkite(said: Environment) -> Info:
    commit, branch, tag = (said.get(f"BUILDKITE_{name}", "") for name in ("COMMIT", "BRANCH", "TAG"))
    build_url = said.get("BUILDKITE_BUILD_URL", "")
    return {
        "commit": "" if commit == "HEAD" else commit,  # a build started by hand, not resolved yet
        "commitMessage": said.get("BUILDKITE_MESSAGE", ""),
        "branch": "" if branch == tag else branch,
        "tag": tag,
        "buildNumber": said.get("BUILDKITE_BUILD_NUMBER", ""),
        "buildUrl": build_url,
        "ciUrl": build_url.partition("/builds/")[0],
        "repositoryUrl": said.get("BUILDKITE_REPO", ""),
    }


def _travis(said: Environment) -> Info:
    tag, pushed = said.get("TRAVIS_TAG", ""), said.get("TRAVIS_PULL_REQUEST_SHA", "")
    build_url = _first(said, "TRAVIS_BUILD_WEB_URL", "TRAVIS_JOB_WEB_URL")
    return {
        "commit": pushed or said.get("TRAVIS_COMMIT", ""),
        "commitMessage": "" if pushed else said.get("TRAVIS_COMMIT_MESSAGE", ""),
        # TRAVIS_BRANCH is the target of a pull request, and the tag's name in a tag's build.
        "branch": said.get("TRAVIS_PULL_REQUEST_BRANCH", "") or ("" if tag else said.get("TRAVIS_BRANCH", "")),
        "tag": tag,
        "buildNumber": said.get("TRAVIS_BUILD_NUMBER", ""),
        "buildUrl": build_url,
        "ciUrl": build_url.partition("/builds/")[0],
    }


_SYSTEMS: tuple[tuple[str, str, Callable[[Environment], Info]], ...] = (
    ("GITHUB_ACTIONS", "GitHub Actions", _github_actions),
    ("GITLAB_CI", "GitLab CI", _gitlab),
    ("TF_BUILD", "Azure DevOps", _azure),
    ("BITRISE_IO", "Bitrise", _bitrise),
    ("CIRCLECI", "CircleCI", _circleci),
    ("BUILDKITE", "Buildkite", _buildkite),
    ("TRAVIS", "Travis CI", _travis),
    ("JENKINS_URL", "Jenkins", _jenkins),
)
"""The variable that tells a system, its name, its reader. Jenkins comes last: its agents hand theirs on to others."""
