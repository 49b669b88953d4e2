"""What is looked at from outside, through whatever stands in front of the server: names, TLS, a proxy's habits."""

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from seatrial.domain.finding import Finding, Level, good, warning, wrong
from seatrial.services.doctor_house import clock
from seatrial.services.probes import FILE, Probes
from seatrial.tools.caller import Caller, Heard, Unreachable, Untrusted

FEW_DAYS, VERY_FEW_DAYS = 21, 3
REFUSAL_SECONDS = 3.0
"""A proxy that refuses a body by its announced length does so at once."""
PAUSE_SECONDS = 0.6
_PIECE = bytes(64 << 10)
_TLS_FIXES = {
    10: "Renew it, and see why that does not happen by itself.",
    18: "Get one from an authority that phones know, such as Let's Encrypt.",
    19: "Get one from an authority that phones know, or send its whole chain.",
    20: "Let the proxy send the whole chain (fullchain.pem, not cert.pem): phones do not look for the rest.",
    21: "Let the proxy send the whole chain (fullchain.pem, not cert.pem): phones do not look for the rest.",
    62: "Get one for this name, or set SEATRIAL_PUBLIC_URL to the name that it is for.",
}
_PAGE = "docs/how-to/behind-nginx-or-caddy.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """The ways to a server: for everything, for uploads, for downloads; `body_limit` is the server's own, in bytes."""

    probes: Probes
    api: Caller | None
    upload: Caller | None
    download: Caller | None
    body_limit: int
    now: Callable[[], datetime]

    def look(self) -> Iterator[Finding]:
        """Look at all of them."""
        if self.api is None:
            yield warning(
                "public_url",
                "The server does not know its own address: links are made from what each request says.",
                "Set SEATRIAL_PUBLIC_URL to the address that people use.",
            )
            return
        ways = {caller.base: caller for caller in (self.api, self.upload, self.download) if caller is not None}
        reached: dict[str, Heard] = {}
        for caller in ways.values():
            heard = yield from self._reach(caller)
            if heard is not None:
                reached[caller.base] = heard
                yield from self._arrival(caller, heard)
        upload, download = self.upload or self.api, self.download or self.api
        if upload.base in reached:
            yield from self._uploads(upload)
        if download.base in reached:
            yield from self._downloads(download)
        if self.api.base in reached:
            yield from self._figures(self.api)
            apart = self._clock(reached[self.api.base])
            if apart is not None:
                yield apart

    def _reach(self, caller: Caller) -> Generator[Finding, None, Heard | None]:
        """Find out who answers; gives the answer where it is this server's."""
        try:
            if caller.is_https:
                yield self._days(caller)
            else:
                yield warning(
                    "tls",
                    f"{caller.base} is not https: tokens travel in the clear, and iOS installs nothing from it.",
                    f"Put a proxy with a certificate in front ({_PAGE}).",
                )
            path = self.probes.path("hello")
            heard = caller.get(path)
        except Untrusted as error:
            fix = _TLS_FIXES.get(error.code, "Get another one.")
            yield wrong("tls", f"The certificate of {caller.host} is not good: {error}.", fix)
            return None
        except Unreachable as error:
            yield wrong(
                "public_url",
                f"{caller.base} does not answer: {error}.",
                "See that the server and the proxy run, that the name leads here, and that the port is open.",
            )
            return None
        if not self.probes.is_proof(path, str(_data(heard).get("proof", ""))):
            apart = self._clock(heard)
            if apart is not None and apart.level is Level.ERROR:  # then the question was out of date when it came
                yield apart
                yield wrong(
                    "public_url",
                    f"{caller.base} cannot prove that it is this server: one of the two clocks is wrong.",
                    "Set the clocks right and look again.",
                )
                return None
            yield wrong(
                "public_url",
                f"{caller.base} is answered by somebody else ({heard.status}).",
                "Let the name and the proxy lead to this server; all servers of one address must have the same keys.",
            )
            return None
        yield good("public_url", f"{caller.base} is answered by this server.")
        return heard

    def _days(self, caller: Caller) -> Finding:
        left = (caller.certificate_ends() - self.now()).days
        says = f"The certificate of {caller.host} is good for {left} more days."
        if left < VERY_FEW_DAYS:
            return wrong("tls", says, "Renew it now.")
        if left < FEW_DAYS:
            return warning("tls", says, "See why it was not renewed by itself.")
        return good("tls", says)

    def _arrival(self, caller: Caller, heard: Heard) -> Iterator[Finding]:
        said = _data(heard)
        if not caller.is_https or said.get("scheme") == "https":
            yield good("proxy_headers", "The server knows how requests reach it.")
        elif said.get("forwardedProto"):
            yield wrong(
                "proxy_headers",
                "The proxy says that requests came by https, and the server does not believe it.",
                "Name the proxy's address in SEATRIAL_TRUSTED_PROXIES.",
            )
        else:
            yield wrong(
                "proxy_headers",
                "The proxy does not say that requests came by https.",
                "nginx: proxy_set_header X-Forwarded-Proto $scheme; and X-Forwarded-For $remote_addr;",
            )

    def _uploads(self, caller: Caller) -> Iterator[Finding]:
        try:
            heard = caller.send_slowly(self.probes.path("upload"), 2, _PIECE, PAUSE_SECONDS)
            said = _data(heard)
            if said.get("received") != 2 * len(_PIECE):
                yield wrong(
                    "upload", f"An upload of 128 KiB did not arrive ({heard.status}).", f"Compare with {_PAGE}."
                )
                return
            spread = said.get("seconds")
            if not isinstance(spread, int | float) or spread < PAUSE_SECONDS / 2:
                yield warning(
                    "upload_buffering",
                    "The proxy collects an upload before it passes it on: it takes twice the disk and twice the time.",
                    "nginx: proxy_request_buffering off;",
                )
            else:
                yield good("upload_buffering", "Uploads are passed on as they come.")
            refused = caller.announce(self.probes.path("announced"), self.body_limit, REFUSAL_SECONDS)
        except (Unreachable, Untrusted) as error:
            yield wrong("upload", f"An upload was cut off: {error}.", f"Compare with {_PAGE}.")
            return
        if refused is not None and refused.status >= 400:
            yield wrong(
                "body_limit",
                f"The proxy refuses uploads of {self.body_limit:,} bytes ({refused.status}); the server does not.",
                "nginx: client_max_body_size 0; or lower SEATRIAL_LIMITS__BODY to the proxy's limit.",
            )
        else:
            yield good("body_limit", f"The proxy lets uploads of {self.body_limit:,} bytes through.")

    def _downloads(self, caller: Caller) -> Iterator[Finding]:
        try:
            manifest = caller.get(self.probes.path("manifest.plist"))
            kind = manifest.headers.get("content-type", "").partition(";")[0]
            if manifest.status != 200 or kind not in {"application/xml", "text/xml"} or b"<plist" not in manifest.body:
                yield wrong(
                    "manifest",
                    f"Apple's manifest comes through as {kind or 'nothing'} ({manifest.status}): devices refuse it.",
                    "Let the proxy pass *.plist on as it is, and neither redirect nor rewrite it.",
                )
            else:
                yield good("manifest", "Apple's manifest comes through.")
            part = caller.get(self.probes.path("file"), {"Range": "bytes=1000-1999"})
            if (part.status, part.body) != (206, FILE[1000:2000]):
                yield wrong(
                    "range",
                    f"A part of a file was asked for, and {len(part.body):,} bytes came ({part.status}): "
                    "downloads cannot be resumed, and iOS may refuse to install.",
                    "Let the proxy pass Range on, and neither compress nor cache /v1/files/.",
                )
            else:
                yield good("range", "Parts of files come through.")
            slow = caller.get(self.probes.path("slow"))
            first = slow.pieces[0] if slow.pieces else 0.0
            if slow.body != FILE + FILE:
                yield wrong("download", f"A file came through changed ({slow.status}).", f"Compare with {_PAGE}.")
            elif len(slow.pieces) < 2 or slow.pieces[-1] - first < PAUSE_SECONDS / 2:
                yield warning(
                    "download_buffering",
                    "The proxy collects a small answer before it passes it on: live pages lag.",
                    "nginx: the server's own X-Accel-Buffering is ignored; see proxy_ignore_headers.",
                )
            else:
                yield good("download_buffering", "Downloads are passed on as they come.")
        except (Unreachable, Untrusted) as error:
            yield wrong("download", f"A download was cut off: {error}.", f"Compare with {_PAGE}.")

    def _figures(self, caller: Caller) -> Iterator[Finding]:
        try:
            heard = caller.get("/metrics")
        except (Unreachable, Untrusted):
            return
        if heard.status == 200 and b"seatrial_" in heard.body and not _is_here(caller):
            yield wrong(
                "metrics",
                "Everybody can read /metrics through the proxy.",
                "Let the proxy set X-Forwarded-For, or refuse /metrics there.",
            )

    def _clock(self, heard: Heard) -> Finding | None:
        try:
            theirs = parsedate_to_datetime(heard.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return None
        return clock("the server's address", abs((self.now() - theirs).total_seconds()))


def _is_here(caller: Caller) -> bool:
    return not caller.is_https and caller.host in {"localhost", "127.0.0.1", "::1"}


def _data(heard: Heard) -> dict[str, object]:
    try:
        body = json.loads(heard.body)
    except ValueError:
        return {}
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}
