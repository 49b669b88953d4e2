"""People's Markdown in the dashboard: by the one reader and the one list of what is let through, as in mails."""

from markupsafe import Markup

from seatrial.mail.markdown import to_html

LONGEST = 64 << 10
"""Characters that are read as Markdown; what is longer is shown as it is, because reading it would take too long."""


def markdown(text: str) -> Markup:
    """Turn Markdown into HTML; raw HTML in it is shown as text, and links lead to http, https and mailto only."""
    if len(text) > LONGEST:
        return Markup("<pre>{}</pre>").format(text)
    return Markup(to_html(text, titles=True))  # noqa: S704  # nh3 leaves only what is listed there
