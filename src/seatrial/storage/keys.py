"""Every object key, drawn once.

builds/
  {organization id}/
    {app id}/
      {build id}/
        {file id}          one blob: original, package, icon or attachment
apps/
  {organization id}/
    {app id}/
      {file id}            one blob: the app's picture
feedbacks/
  {organization id}/
    {app id}/
      {feedback id}/
        {file id}          one blob: a screenshot or a film

A key is made of ids only, never of a word that somebody typed, and carries no extension: names and media types are in
the database. What belongs together shares a prefix, so an app's bytes can be copied or counted with ordinary tools.
"""

import re

from seatrial.domain.ids import AppId, BuildId, FeedbackId, FileId, OrganizationId

SAFE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,127}){0,15}")
"""What a store accepts as a key: no dots, so neither `..` nor a clash with an unfinished file is possible."""

FAMILIES = ("builds", "apps", "feedbacks")
"""What keys begin with."""


def organization_of(key: str) -> str:
    """Name the organization that a key was drawn for; empty where none of these functions drew it."""
    family, _, rest = key.partition("/")
    return rest.partition("/")[0] if family in FAMILIES else ""


def build_file(organization: OrganizationId, app: AppId, build: BuildId, file: FileId) -> str:
    """Draw the key of one file of a build."""
    return f"builds/{organization}/{app}/{build}/{file}"


def app_file(organization: OrganizationId, app: AppId, file: FileId) -> str:
    """Draw the key of a file that an app keeps, whatever becomes of its builds."""
    return f"apps/{organization}/{app}/{file}"


def feedback_file(organization: OrganizationId, app: AppId, feedback: FeedbackId, file: FileId) -> str:
    """Draw the key of a file that came with feedback."""
    return f"feedbacks/{organization}/{app}/{feedback}/{file}"


def check(key: str) -> str:
    """Return a key as it is.

    Raises ValueError where it is not made of plain words between slashes.
    """
    if not SAFE_KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")
    return key
