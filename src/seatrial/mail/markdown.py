"""Changelogs as HTML: Markdown in, of which nothing can do harm in a mail or on a page comes out."""

import nh3
from markdown_it import MarkdownIt

_TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
LONGEST = 20_000
"""Characters of a changelog that a mail shows; mail programs cut what is longer than 100 KB."""
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)


def to_html(text: str, *, titles: bool = False) -> str:
    """Turn Markdown into HTML without pictures, scripts or styles; single line breaks are kept.

    `titles` keeps what links say when one points at them.
    """
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"} if titles else {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
