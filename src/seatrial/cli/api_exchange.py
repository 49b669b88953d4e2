"""One request to a server's API and what came of it: an answer, a refusal, or a failure that may be repeated."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import msgspec

from seatrial import __version__
from seatrial.cli.multipart_body import FileChanged, MultipartBody
from seatrial.cli.upload_errors import Json, Refused, Unreachable

ANSWER_LIMIT = 32 << 20
"""Bytes of an answer: a page of builds with thousands of registered devices each stays below."""
TIMEOUT = httpx.Timeout(60, connect=15, read=300)
"""Reading is patient: the answer to 20 GiB comes when they are safe on a disk."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    envelope: Json | None
    """The API's JSON envelope; `None` where somebody else answered, a gateway say."""
    headers: Mapping[str, str]

    @property
    def retry_after(self) -> float | None:
        """Seconds until the server wants to be asked again (RFC 9110, 10.2.3)."""
        said = self.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdigit() and len(said) < 10:
            return float(said)
        moment = _http_date(said)
        return max(0.0, (moment - self.date).total_seconds()) if moment else None

    @property
    def date(self) -> datetime:
        """The server's clock; ours where it does not tell."""
        return _http_date(self.headers.get("date", "")) or datetime.now(UTC)

    @property
    def data(self) -> Json:
        """What a successful answer carries.

        Raises Unreachable.
        """
        data = self.envelope.get("data") if self.envelope else None
        if not isinstance(data, dict):
            raise Unreachable("What answers there is no Builds API; is the server's URL right?")
        return data


class Failed(Exception):
    """An attempt that came to nothing and may be repeated."""

    def __init__(self, sentence: str, answer: Answer | None = None, *, maybe_taken: bool = False) -> None:
        super().__init__(sentence)
        self.answer = answer
        self.maybe_taken = maybe_taken
        """Whether the server can have had the whole form."""

    def final(self) -> Refused | Unreachable:
        """Give the error for when it is not repeated any more."""
        if self.answer is not None:
            return Refused(self.answer.status, self.answer.envelope)
        return Unreachable(f"{self}.")


def open_http(token: str, *, ca_bundle: Path | None, insecure: bool) -> httpx.Client:
    """Open a client that trusts what this machine trusts, or else the given certificates; it may have no token.

    Raises Unreachable for a bundle that holds none.
    """
    try:
        trust = ssl.create_default_context(cafile=str(ca_bundle) if ca_bundle else None)
    except OSError as error:  # SSLError is one
        raise Unreachable(f"{ca_bundle} holds no certificates that can be read: {error}.") from None
    if insecure:
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"seatrial/{__version__}",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(headers=headers, timeout=TIMEOUT, verify=trust)


def exchange(
    http: httpx.Client,
    url: str,
    body: MultipartBody | Json | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a form or a JSON object, or ask for something; give the answer if it is a good one.

    Raises Failed, Refused, and Unreachable for what no repetition mends.
    """
    form = body if isinstance(body, MultipartBody) else None
    said = dict(headers or {})
    if body is None:
        request = http.build_request("GET", url, params=params, headers=said)
    elif form is None:
        request = http.build_request("POST", url, json=body, headers=said)
    else:
        said |= {"Content-Type": form.content_type, "Content-Length": str(len(form))}
        request = http.build_request("POST", url, content=iter(form), headers=said)
    return perform(http, request, form)


def perform(http: httpx.Client, request: httpx.Request, form: MultipartBody | None = None) -> Answer:
    """Send a request, whose body may be a form; give the answer if it is a good one.

    Raises what `exchange` raises.
    """
    try:
        answer = _answer(http, request)
    except httpx.RequestError as error:
        if _is_final(error):
            raise Unreachable(_said(error, http)) from None
        raise Failed(_said(error, http).rstrip("."), maybe_taken=form is not None and form.sent) from None
    except FileChanged as changed:
        raise Unreachable(f"{changed}.") from None
    except OSError as error:
        raise Unreachable(f"{Path(str(error.filename or 'The file')).name}: {error.strerror or error}.") from None
    if answer.status == 429 or answer.status >= 500:
        foreign = answer.envelope is None and form is not None and form.sent
        raise Failed(f"The server answered {answer.status}", answer, maybe_taken=foreign)
    if answer.status >= 400:
        raise Refused(answer.status, answer.envelope)
    if answer.status >= 300:
        raise Unreachable(f"The server sends us on to {answer.headers.get('location', '')}; is its URL right?")
    return answer


def _answer(http: httpx.Client, request: httpx.Request) -> Answer:
    response = http.send(request, stream=True)
    try:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > ANSWER_LIMIT:
                raise Unreachable(f"The server's answer is longer than {ANSWER_LIMIT >> 20} MiB.")
    finally:
        response.close()
    return Answer(response.status_code, _envelope(bytes(content)), response.headers)


def _envelope(content: bytes) -> Json | None:
    try:
        value: object = msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("status"), bool) else None


def _is_final(error: httpx.RequestError) -> bool:
    return isinstance(error, (httpx.LocalProtocolError, httpx.UnsupportedProtocol)) or _certificate(error) is not None


def _said(error: httpx.RequestError, http: httpx.Client) -> str:
    certificate = _certificate(error)
    if certificate is not None:
        reason = certificate.verify_message or "it could not be checked"
        return f"The server's certificate is not trusted: {reason}; --ca-bundle names whom to trust."
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            what = "Cannot connect to the server"
        case httpx.TimeoutException():
            what = "The server has gone silent"
        case httpx.ProxyError():
            what = "The proxy did not let us through"
        case _:
            what = "The connection broke"
    secret = http.headers.get("Authorization")
    reason = str(error).replace(secret, "…") if secret else str(error)
    return f"{what} ({reason or type(error).__name__})."


def _certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
