"""What a browser says of the device that it runs on: enough to offer the right file, and never trusted with more."""

import re
from dataclasses import dataclass, replace

from seatrial.domain.buildinfo import Os
from seatrial.domain.sentence import Term

_APPLE = re.compile(r"OS (\d{1,3}(?:_\d{1,3}){0,2}) like Mac")
_ANDROID = re.compile(r"Android (\d{1,3}(?:\.\d{1,3}){0,2})")
_IN_APP = re.compile(r"FBA[NV]|Instagram|\bLine/|MicroMessenger|LinkedInApp|Snapchat|Twitter|; wv\)|Slack_SSB|Teams/")
_BOT = re.compile(r"bot\b|crawler|spider|preview|facebookexternalhit|WhatsApp/|Slackbot", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Browser:
    """A device by its User-Agent; empty for what that does not say."""

    os: str = ""
    """The system whose builds it installs, one of `Os`."""
    name: str = ""
    """What its owner calls it: iPhone, Android device, Mac."""
    version: str = ""
    """The system's, where browsers still tell it truly: on iOS and Android."""
    is_mobile: bool = False
    is_in_app: bool = False
    """Inside another app, where installing does not work on Apple's devices."""
    may_be_ipad: bool = False
    """An iPad calls itself a Mac unless it is told not to."""


def browser_of(user_agent: str) -> Browser:
    """Read a User-Agent header."""
    said = user_agent[:1024]
    in_app = _IN_APP.search(said) is not None
    apple = next((word for word in ("iPhone", "iPad", "iPod") if word in said), None)
    if apple is not None:
        version = _APPLE.search(said)
        number = version[1].replace("_", ".") if version else ""
        return Browser(Os.IOS, apple, number, is_mobile=True, is_in_app=in_app)
    if "Android" in said:
        version = _ANDROID.search(said)
        return Browser(
            Os.ANDROID, Term("Android device"), version[1] if version else "", is_mobile=True, is_in_app=in_app
        )
    return _on_a_desk(said)


def _on_a_desk(said: str) -> Browser:
    if "Macintosh" in said:
        return Browser(Os.MACOS, "Mac", may_be_ipad="Safari" in said and "Chrome" not in said)
    if "Windows NT" in said:
        return Browser(Os.WINDOWS, Term("Windows PC"))
    if "Linux" in said or "X11" in said:
        return Browser(Os.LINUX, Term("Linux PC"))
    return Browser()


def as_ipad(browser: Browser) -> Browser:
    """Take a Mac's browser for that of an iPad, whose version nobody says."""
    return replace(browser, os=Os.IOS, name="iPad", version="", is_mobile=True)


def is_robot(user_agent: str) -> bool:
    """Whether it says that nobody looks: programs that draw previews of links."""
    return _BOT.search(user_agent) is not None
