"""What a webhook may be made to do, and what is refused by name."""

import ipaddress

import pytest

from seatrial.domain.addresses import AddressPolicy
from seatrial.domain.errors import InvalidRequest
from seatrial.services.webhook_targets import Targets, check_headers

GOOD = [
    "https://hooks.example.com/a",
    "https://hooks.example.com:8443/?key=1#part",
    "https://93.184.216.34/",
    "https://h_1.example./x",
    "https://[2606:4700::1111]/",
    "https://xn--mnchen-3ya.de/",
    "https://münchen.de/",
    "HTTPS://Hooks.Example.COM",
    "https://host",
]
BAD = [
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "hooks.example.com",
    "//hooks.example.com",
    "javascript:1",
    "https://",
    "https:///x",
    "https://user@h.example/",
    "https://user:pw@h.example/",
    "https://good.example\\@evil.example/",
    "https://h.example:22/",
    "https://h.example:0/",
    "https://h.example:1023/",
    "https://h.example:65536/",
    "https://h.example:x/",
    "https://ex%61mple.com/",
    "https://a..b/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::]/",
    "https://10.0.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://[fd00:ec2::254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://127.0.0.1./",
    "https://[fe80::1%25eth0]/",
    "https://127。0。0。1/",
    "https://１２７.０.０.１/",
]


@pytest.mark.parametrize("url", GOOD)
def test_a_receiver_on_the_internet_is_allowed(url: str) -> None:
    Targets().check(url)


@pytest.mark.parametrize(
    "url",
    [
        *BAD,
        "",
        "https://h.example/ x\r\nX: y",
        "https://a b/",
        "https://h.example/\n",
        f"https://h.example/{'x' * 2048}",
    ],
)
def test_anything_else_is_refused_by_name(url: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Targets().check(url)
    assert list(refusal.value.fields) == ["url"]
    with pytest.raises(InvalidRequest):
        Targets(allow_http=True).check(url.replace("http://", "gopher://"))


def test_the_operator_may_allow_more() -> None:
    inside = Targets(policy=AddressPolicy((ipaddress.ip_network("127.0.0.0/8"),)), allow_http=True)
    inside.check("http://127.0.0.1:8080/")
    inside.check("http://[::ffff:127.0.0.1]/")
    with pytest.raises(InvalidRequest):
        inside.check("http://10.0.0.1/")


def test_headers_of_ones_own_pass() -> None:
    check_headers({"Authorization": "Bearer a.b-c=", "X-Team": "mobile apps", "x": "!"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"host": "evil.example"},
        *({name: "1"} for name in ("Connection", "Transfer-Encoding", "Content-Length", "TE", "Upgrade", "Expect")),
        *({name: "1"} for name in ("Proxy-Authorization", "webhook-signature", "Webhook-Id", "X-Forwarded-For")),
        {"Content-Type": "text/html"},
        {"X": "a\r\nHost: evil"},
        {"X": "a\nb"},
        {"X": "a\0b"},
        {"X": ""},
        {"X": " a"},
        {"X": "a "},
        {"X": "ä"},
        {"X": "a" * 1025},
        {"X\r\nY": "a"},
        {"X Y": "a"},
        {"X:": "a"},
        {"": "a"},
        {"x" * 65: "a"},
        {"X": "a", "x": "b"},
        {f"X-{number}": "a" for number in range(21)},
    ],
)
def test_headers_that_are_not_ones_own_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_headers(headers)
    assert list(refusal.value.fields) == ["headers"]
