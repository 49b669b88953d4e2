"""People's Markdown as HTML that is safe to show: CommonMark, then an allow-list of elements and attributes."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(["table", "strikethrough"])
_reader.options["maxNesting"] = 20
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
"""No pictures: they would tell another server who reads."""
LONGEST = 64 << 10
"""Characters that are read as Markdown; what is longer is shown as it is, because reading it would take too long."""


def markdown(text: str) -> Markup:
    """Turn Markdown into HTML; raw HTML in it is shown as text, and links lead to http, https and mailto only."""
    if len(text) > LONGEST:
        return Markup("<pre>{}</pre>").format(text)
    html = nh3.clean(
        _reader.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704  # cleaned the line before
