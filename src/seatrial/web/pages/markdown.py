"""Markdown that people wrote, for pages: by the one reader and the one list of what is let through, as in mails."""

from functools import lru_cache

from markupsafe import Markup

from seatrial.mail.markdown import LONGEST, to_html


@lru_cache(maxsize=256)
def as_html(text: str) -> Markup:
    """Render Markdown; line ends stay line ends, as changelogs mean them. What is too long is cut, and says so."""
    said = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n…"
    return Markup(to_html(said))  # noqa: S704  # nh3 leaves only what is listed there
