"""What a webhook may be made to do: where it leads, and which headers of people's own go with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from seatrial.domain.addresses import AddressPolicy, literal
from seatrial.domain.errors import InvalidRequest

URL_LIMIT = 2048
MOST_HEADERS = 20
HEADER_NAME_LIMIT = 64
HEADER_VALUE_LIMIT = 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?", re.IGNORECASE)
_OURS = frozenset(
    {
        # Of one connection (RFC 9110, section 7.6.1), or of how a message is framed.
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect"),
        # Where the request goes, what is in it, who sends it.
        *("host", "content-type", "content-encoding", "accept-encoding", "user-agent", "forwarded", "via"),
    }
)
_OUR_FAMILIES = ("proxy-", "webhook-", "x-forwarded-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The operator's rules of where requests may go."""

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    allow_http: bool = False

    def check(self, url: str) -> None:
        """Let a URL pass that could lead to a receiver; the addresses of its host are judged at each connection.

        Raises InvalidRequest.
        """
        if problem := self.problem(url):
            raise InvalidRequest({"url": problem})

    def problem(self, url: str) -> str:
        """Say what is wrong with a URL; empty where nothing is."""
        schemes = ("https", "http") if self.allow_http else ("https",)
        rule = f"must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}"
        if len(url) > URL_LIMIT:
            return f"must be at most {URL_LIMIT} characters long"
        try:
            parsed = httpx.URL(url)
            host = parsed.raw_host.decode("ascii")
        except (httpx.InvalidURL, UnicodeError, ValueError):
            return rule
        if parsed.scheme not in schemes or not host:
            return rule
        if parsed.userinfo:
            return "must not hold a user name or password; send credentials in a header"
        if parsed.port is not None and parsed.port not in {80, 443} and not 1024 <= parsed.port <= 65535:
            return "must have port 80, 443, or one from 1024 to 65535"
        return self._problem_of_host(host, rule)

    def _problem_of_host(self, host: str, rule: str) -> str:
        address = literal(host)
        if address is None and (not _HOST.fullmatch(host) or ".." in host or len(host) > 253):
            return rule
        if address is not None and self.policy.refuses(address):
            return "must not lead to the inside of a network, unless the operator allows it"
        return ""


def check_headers(headers: Mapping[str, str]) -> None:
    """Let headers pass that belong to the message and to nobody else; names in any case, each once.

    Raises InvalidRequest.
    """
    if len(headers) > MOST_HEADERS:
        raise InvalidRequest({"headers": f"must be at most {MOST_HEADERS} headers"})
    if len({name.lower() for name in headers}) < len(headers):
        raise InvalidRequest({"headers": "must name each header once"})
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or len(name) > HEADER_NAME_LIMIT:
            raise InvalidRequest(
                {"headers": f"must have names of at most {HEADER_NAME_LIMIT} letters, digits, - and _"}
            )
        if name.lower() in _OURS or name.lower().startswith(_OUR_FAMILIES):
            raise InvalidRequest({"headers": f"must not hold {name}, which the server itself sets"})
        if len(value) > HEADER_VALUE_LIMIT or not _VALUE.fullmatch(value):
            allowed = f"1 to {HEADER_VALUE_LIMIT} printable ASCII characters, without blanks around them"
            raise InvalidRequest({"headers": f"{name}: must be {allowed}"})
