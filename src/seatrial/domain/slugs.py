"""Slugs: names that people can type into a path (decision 45)."""

import re
import unicodedata

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import is_entity_id

LONGEST_SLUG = 128
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,126})[a-z0-9]")
RULE = "3 to 128 of a-z, 0-9 and -, starting and ending with a letter or digit, and not 24 hex characters"


def slug_from(name: str) -> str:
    """Draw a slug from a name: accents dropped, everything else that does not fit becomes one hyphen."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
    if len(slug) < 3 or is_entity_id(slug):
        slug = f"app-{slug}".strip("-")
    return slug


def check_slug(slug: str) -> str:
    """Return a slug as it is.

    Raises InvalidRequest where it breaks the rule.
    """
    if not SLUG.fullmatch(slug) or is_entity_id(slug):
        raise InvalidRequest({"slug": f"must be {RULE}"})
    return slug
