"""Trusted publishing: which runs of a CI system may upload to an app, by their identity tokens (OpenID Connect)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.build import UNSET, Unset
from seatrial.domain.identity_provider import Claims, claim
from seatrial.domain.ids import AppId, OrganizationId, TrustedPublisherId

Conditions = Mapping[str, tuple[str, ...]]
"""Claims and the patterns of which one has to fit each."""

MOST_CONDITIONS, MOST_PATTERNS, LONGEST_PATTERN = 20, 20, 255
_RESERVED = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
_PIECES = re.compile(r"\*\*|\*|[^*]", re.DOTALL)


class CiSystem(StrEnum):
    """Who issues the identity tokens."""

    GITHUB = "github"
    GITLAB = "gitlab"
    BITRISE = "bitrise"
    CIRCLECI = "circleci"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is known of a CI system: its issuer, and what it calls things."""

    label: str
    issuer: str = ""
    """Empty where each organization or installation has one of its own."""
    project: str
    """The claim that says whose run it is; a rule has to name it."""
    ref: str = ""
    environment: str = ""
    workflow: str = ""


PRESETS = {
    CiSystem.GITHUB: Preset(
        label="GitHub Actions",
        issuer="https://token.actions.githubusercontent.com",
        project="repository",
        ref="ref",
        environment="environment",
        workflow="workflow_ref",
    ),
    CiSystem.GITLAB: Preset(
        label="GitLab CI",
        issuer="https://gitlab.com",
        project="project_path",
        ref="ref",
        environment="environment",
        workflow="ci_config_ref_uri",
    ),
    CiSystem.BITRISE: Preset(label="Bitrise", issuer="https://token.builds.bitrise.io", project="app_slug"),
    CiSystem.CIRCLECI: Preset(
        label="CircleCI", project="oidc.circleci.com/project-id", ref="oidc.circleci.com/vcs-ref"
    ),
    CiSystem.OTHER: Preset(label="OpenID Connect", project="sub"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedPublisher:
    """A rule: runs whose identity tokens fit it may upload to an app."""

    id: TrustedPublisherId
    organization_id: OrganizationId
    app_id: AppId
    name: str
    system: CiSystem
    issuer: str
    audience: str
    """For whom the identity token has to be: this server, and nobody else whom the run may talk to."""
    conditions: Conditions
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedPublisherSettings:
    """What people choose about a rule; `UNSET` leaves a value as it is."""

    name: str | Unset = UNSET
    system: CiSystem | Unset = UNSET
    issuer: str | Unset = UNSET
    audience: str | Unset = UNSET
    conditions: Conditions | Unset = UNSET


def wrong_conditions(system: CiSystem, conditions: Conditions) -> str:
    """Say what is wrong with a rule's conditions; nothing where they are right.

    A rule must say whose runs it means, to the letter up to the first slash: an asterisk there means strangers.
    """
    reserved = ", ".join(sorted(_RESERVED & conditions.keys()))
    project = PRESETS[system].project
    owners = [pattern.partition("/")[0] for pattern in conditions.get(project, ())]
    if reserved:
        return f"cannot ask for {reserved}, which is checked of every identity token"
    if not all(name and patterns and all(patterns) for name, patterns in conditions.items()):
        return "must have at least one pattern for each claim, none of them empty"
    if system is CiSystem.OTHER:
        says_whose = any(all(one.strip("*/:") for one in patterns) for patterns in conditions.values())
        return "" if says_whose else "must name at least one claim with a value, such as sub"
    if not owners:
        return f"must name {project}: whose runs may upload"
    strangers = any("*" in owner or not owner for owner in owners)
    return f"must name {project} without an asterisk before the first slash" if strangers else ""


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern means a text, from end to end and in this case.

    `*` is any run of characters but slashes, `**` of any characters. The time grows with the product of the lengths
    and no faster, whoever chose the text.
    """
    pieces = _PIECES.findall(pattern)
    places = _open(pieces, {0})
    for letter in text:
        open_to = {"**"} if letter == "/" else {"*", "**"}
        waiting = [at for at in places if at < len(pieces)]
        stay = {at for at in waiting if pieces[at] in open_to}
        step = {at + 1 for at in waiting if pieces[at] == letter != "*"}
        places = _open(pieces, stay | step)
        if not places:
            return False
    return len(pieces) in places


def _open(pieces: list[str], places: set[int]) -> set[int]:
    """Add the places behind asterisks, which may stand for nothing."""
    found = set[int]()
    for place in places:
        at = place
        found.add(at)
        while at < len(pieces) and pieces[at] in {"*", "**"}:
            at += 1
            found.add(at)
    return found


def claimed(claims: Claims, name: str) -> tuple[str, ...]:
    """Give what an identity token says under a claim, as texts; nothing where it says nothing, or something nested."""
    value = claim(claims, name)
    return tuple(text for one in (value if isinstance(value, list) else [value]) if (text := _text(one)) is not None)


def unmet(conditions: Conditions, claims: Claims) -> tuple[str, ...]:
    """Name the claims that do not fit a rule."""
    return tuple(
        name
        for name, patterns in conditions.items()
        if not any(fits(pattern, said) for pattern in patterns for said in claimed(claims, name))
    )


def vouched(system: CiSystem, issuer: str, claims: Claims) -> dict[str, str]:
    """Give what an identity token proves of a build's deployer, in the words of `deployer.info`."""

    def said(name: str) -> str:
        return next(iter(claimed(claims, name)), "")

    found: dict[str, str] = {}
    ref = said(PRESETS[system].ref) if PRESETS[system].ref else ""
    match system:
        case CiSystem.GITHUB:
            home = f"https://github.com/{said('repository')}"
            if issuer == PRESETS[system].issuer and said("repository"):
                found = {"repositoryUrl": home, "buildUrl": f"{home}/actions/runs/{said('run_id')}"}
        case CiSystem.GITLAB:
            home = f"{issuer}/{said('project_path')}"
            found = {"repositoryUrl": home, "buildUrl": f"{home}/-/jobs/{said('job_id')}"}
            kind = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(said("ref_type"), "")
            ref = f"{kind}{ref}" if kind else ""
        case _:
            pass
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if ref.startswith("refs/") and kind in {"heads", "tags"} and name:
        # Of a pull request the commit is the merge made for the test, which nobody pushed.
        found |= {"branch": "", "tag": ""} | {"branch" if kind == "heads" else "tag": name}
        found |= {"commit": said("sha")} if said("sha") else {}
    return found


def _text(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return value
        case _:
            return None
