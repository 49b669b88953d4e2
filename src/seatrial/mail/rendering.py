"""Templates to mails: plain text beside HTML whose styles stand where mail programs look for them."""

from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from seatrial.mail.catalog import Words
from seatrial.mail.form import Body, Picture

_TEMPLATES = FileSystemLoader(Path(__file__).parent / "templates")
_html = Environment(loader=_TEMPLATES, autoescape=True, undefined=StrictUndefined, auto_reload=False, trim_blocks=True)
_text = Environment(  # plain text: an ampersand is an ampersand
    loader=_TEMPLATES,
    autoescape=False,  # noqa: S701
    undefined=StrictUndefined,
    auto_reload=False,
)
# What depends on the screen cannot be inlined and stays in its element; nothing is fetched.
_inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def body(template: str, subject: str, words: Words, pictures: tuple[Picture, ...] = (), **values: object) -> Body:
    """Render a mail in one language."""
    html = _html.get_template(f"{template}.html").render(subject=subject, words=words, **values)
    return Body(
        subject=subject,
        text=_text.get_template(f"{template}.txt").render(subject=subject, words=words, **values),
        html=_inliner.inline(html),
        pictures=pictures,
    )
