"""Devices by the User-Agent headers that real browsers send."""

import pytest

from seatrial.domain.browser import Browser, browser_of, is_robot

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) {SAFARI}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) {SAFARI}"
IPAD_AS_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15"
MAC_CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (IPHONE, Browser("ios", "iPhone", "17.1.2", is_mobile=True)),
        (IPHONE + " [FBAN/FBIOS]", Browser("ios", "iPhone", "17.1.2", is_mobile=True, is_in_app=True)),
        (IPAD, Browser("ios", "iPad", "12.5", is_mobile=True)),
        (IPAD_AS_MAC, Browser("macos", "Mac", may_be_ipad=True)),
        (MAC_CHROME, Browser("macos", "Mac")),
        (PIXEL, Browser("android", "Android device", "14", is_mobile=True)),
        (WINDOWS, Browser("windows", "Windows PC")),
        (LINUX, Browser("linux", "Linux PC")),
        ("curl/8.5.0", Browser()),
        ("", Browser()),
        ("iPhone" + "x" * 100_000, Browser("ios", "iPhone", is_mobile=True)),
    ],
)
def test_devices(agent: str, browser: Browser) -> None:
    assert browser_of(agent) == browser


def test_programs_that_draw_previews_are_told_apart() -> None:
    for agent in ("Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "Googlebot/2.1", "WhatsApp/2.23"):
        assert is_robot(agent)
    for agent in (IPHONE, IPAD, PIXEL, WINDOWS, LINUX, "curl/8.5.0", "okhttp/4.12"):
        assert not is_robot(agent)
