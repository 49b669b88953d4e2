"""Markdown that people wrote, as HTML that does nothing but show: no scripts, no pictures from elsewhere, no styles."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

LONGEST = 20_000
"""Characters that are read; a changelog may be a whole history, and pages are made while people wait."""

_reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


@lru_cache(maxsize=256)
def as_html(text: str) -> Markup:
    """Render Markdown; line ends stay line ends, as changelogs mean them. What is too long is cut, and says so."""
    said = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n…"
    # Two blanks at a line's end are Markdown's hard break: people who write lists of changes mean each line.
    rendered = _reader.render("\n".join(f"{line}  " if line.strip() else line for line in said.splitlines()))
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  # nh3 leaves only what is listed above
