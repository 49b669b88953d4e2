"""Signature Version 4 of S3, in the query of a URL: the right to one request for a while.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" of Amazon's S3 API reference.
obstore signs its own requests, and links too, but only of a path: neither a name and a type of the answer nor
the list of unfinished uploads can be asked for that way.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class S3Signer:
    """Credentials for one bucket; `base` is the bucket's own URL, without a slash at its end."""

    base: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def url(self, method: str, key: str, seconds: int, now: datetime, query: Mapping[str, str] | None = None) -> str:
        """Give a URL that makes one kind of request for an object, or for the bucket where the key is empty."""
        place = urlsplit(self.base)
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        said = {
            **(query or {}),
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(said.items()))
        path = f"{place.path}/{quote(key, safe='/-_.~')}"
        request = f"{method}\n{path}\n{asked}\nhost:{place.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.new(self._day_key(stamp[:8]), to_sign.encode(), "sha256").hexdigest()
        return f"{place.scheme}://{place.netloc}{path}?{asked}&X-Amz-Signature={signature}"

    def _day_key(self, day: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        return key


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
