"""In which language a visitor is spoken to, and the words that templates say things with."""

from datetime import datetime
from functools import partial

from starlette.requests import Request

from seatrial.domain.clock import utc_now
from seatrial.web.locale import Language, preferred

LANGUAGE_COOKIE = "seatrial_language"


def language_of(request: Request) -> Language:
    """Give the language that somebody chose, or that their browser asks for."""
    return preferred(request.cookies.get(LANGUAGE_COOKIE, ""), request.headers.get("accept-language", ""))


def speech(language: Language) -> dict[str, object]:
    """Give what every template says things with."""
    return {
        "lang": language.tag,
        "_": language.say,
        "tell": language.tell,
        "retell": language.retell,
        "count": language.count,
        "number": language.number,
        "size": language.size,
        "day": language.day,
        "moment": language.moment,
        "ago": partial(_ago, language),
        "is_past": _is_past,
        "span": language.span,
    }


def _is_past(at: datetime) -> bool:
    return at < utc_now()


def _ago(language: Language, at: datetime) -> str:
    return language.ago(at, utc_now())
