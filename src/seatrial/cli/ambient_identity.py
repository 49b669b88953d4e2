"""The identity token of the CI run that we are a part of, traded in for an upload token (trusted publishing).

GitHub Actions gives one on request to jobs with `permissions: id-token: write`; GitLab, Bitrise and CircleCI put one
into the environment. Any other system's goes into SEATRIAL_ID_TOKEN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from seatrial.cli.api_exchange import Failed, exchange, open_http
from seatrial.cli.upload_client import Retries
from seatrial.cli.upload_errors import Unreachable

Environment = Mapping[str, str]

OUR_VARIABLE = "SEATRIAL_ID_TOKEN"
GITHUB_URL, GITHUB_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # names
_READY = (OUR_VARIABLE, "CIRCLE_OIDC_TOKEN_V2", "BITRISE_OIDC_ID_TOKEN", "BITRISE_IDENTITY_TOKEN")
_TIMEOUT = httpx.Timeout(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The server that trades identity tokens in, and how to talk to it."""

    base: str
    audience: str
    application: str
    """An app's id or slug; empty where the identity token is good for one app only."""
    ca_bundle: Path | None
    insecure: bool


def is_there(environment: Environment) -> bool:
    """Whether the run can prove who it is."""
    return any(environment.get(name) for name in _READY) or bool(
        environment.get(GITHUB_URL) and environment.get(GITHUB_TOKEN)
    )


def upload_token(environment: Environment, place: Place, retries: Retries) -> str:
    """Give an upload token for the identity token of this run.

    Raises Refused, Unreachable.
    """
    with open_http("", ca_bundle=place.ca_bundle, insecure=place.insecure) as http:
        for attempt in range(retries.count + 1):
            said = {"token": _identity_token(environment, place.audience)}
            if place.application:
                said["application"] = place.application
            try:
                answer = exchange(http, f"{place.base}/v1/oidc/token", dict(said))
            except Failed as failure:
                if attempt == retries.count:
                    raise failure.final() from None
                retries.pause(attempt, failure, "asking again")
            else:
                return _text(answer.data.get("bearer"), "The server gave no upload token.")
    raise AssertionError("the last attempt gives a token or raises")


def _identity_token(environment: Environment, audience: str) -> str:
    ready = next((environment[name] for name in _READY if environment.get(name)), "")
    return ready.strip() or _github(environment, audience)


def _github(environment: Environment, audience: str) -> str:
    headers = {"Authorization": f"Bearer {environment[GITHUB_TOKEN]}", "Accept": "application/json"}
    url = httpx.URL(environment[GITHUB_URL]).copy_merge_params({"audience": audience})
    try:
        answer = httpx.get(url, headers=headers, timeout=_TIMEOUT)
        said = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable(f"GitHub gave no identity token ({type(error).__name__}).") from None
    value = said.get("value") if isinstance(said, dict) else None
    return _text(value, f"GitHub gave no identity token (it answered {answer.status_code}).")


def _text(value: object, otherwise: str) -> str:
    if not isinstance(value, str) or not value:
        raise Unreachable(otherwise)
    return value
