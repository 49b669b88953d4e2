"""S3, everything that speaks like it, and Google Cloud Storage by its S3 interface with HMAC keys."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # it has no type information
from obstore.store import S3Store

from seatrial.domain.storage_provider import Bucket, ProviderKind
from seatrial.storage.object_requests import MOMENT, StoreClient
from seatrial.storage.object_store import ATTRIBUTES, client_options, retry_config
from seatrial.storage.parts import BegunUpload
from seatrial.storage.s3_signing import S3Signer

GCS_ENDPOINT = "https://storage.googleapis.com"
_NAMESPACE = "{*}"


def open_s3(bucket: Bucket, secret: str, now: Callable[[], datetime]) -> "tuple[S3Store, S3Account]":
    """Give what a bucket is spoken to with; nothing is asked of it yet."""
    base = base_url(bucket)
    objects = S3Store(
        bucket.name,
        access_key_id=bucket.access_key,
        secret_access_key=secret,
        region=bucket.region,
        endpoint=base if bucket.virtual_hosted else base.removesuffix(f"/{bucket.name}"),
        virtual_hosted_style_request=bucket.virtual_hosted,
        # One object at a time; Google's interface has no deletion of many.
        disable_bulk_delete=True,
        # TLS guards the bytes already.
        unsigned_payload=base.startswith("https://"),
        client_options=client_options(allow_http=base.startswith("http://")),
        retry_config=retry_config(),
    )
    account = S3Account(S3Signer(base, bucket.region, bucket.access_key, secret), now)
    return objects, account


def base_url(bucket: Bucket) -> str:
    """Give the URL of a bucket itself."""
    otherwise = GCS_ENDPOINT if bucket.kind is ProviderKind.GCS else f"https://s3.{bucket.region}.amazonaws.com"
    endpoint = bucket.endpoint or otherwise
    if not bucket.virtual_hosted:
        return f"{endpoint}/{bucket.name}"
    said = urlsplit(endpoint)
    return f"{said.scheme}://{bucket.name}.{said.netloc}{said.path}"


class S3Account:
    """Links, and uploads that nobody completed."""

    def __init__(self, signer: S3Signer, now: Callable[[], datetime]) -> None:
        self._signer = signer
        self._now = now
        self._client = StoreClient()

    def link(self, key: str, seconds: int, now: datetime, disposition: str, mimetype: str) -> str:
        """Sign a URL that reads an object, and answers with this name and type."""
        said = {"response-content-disposition": disposition, "response-content-type": mimetype}
        return self._signer.url("GET", key, seconds, now, said)

    def remove_unfinished(self, key: str) -> None:
        """Abort the uploads of an object.

        Raises httpx.HTTPError.
        """
        for upload in [one.name for one in self.begun(key) if one.key == key]:
            url = self._signer.url("DELETE", key, MOMENT, self._now(), {"uploadId": upload})
            self._client.ask("DELETE", url, missing_is_fine=True)

    def begin(self, key: str) -> str:
        """Begin an upload in parts; gives the store's name for it.

        Raises httpx.HTTPError.
        """
        url = self._signer.url("POST", key, MOMENT, self._now(), {"uploads": ""})
        answer = self._client.ask("POST", url, ATTRIBUTES)
        return fromstring(answer.content).findtext(f"{_NAMESPACE}UploadId") or ""

    def begun(self, prefix: str) -> Iterator[BegunUpload]:
        """Name the uploads that nobody has completed, of all objects whose keys begin so.

        Raises httpx.HTTPError.
        """
        query = {"uploads": "", "prefix": prefix}
        while True:
            answer = self._client.ask("GET", self._signer.url("GET", "", MOMENT, self._now(), query))
            listed = fromstring(answer.content)
            for upload in listed.iterfind(f"{_NAMESPACE}Upload"):
                key, name, since = (
                    upload.findtext(f"{_NAMESPACE}{said}") or "" for said in ("Key", "UploadId", "Initiated")
                )
                # Without a moment it is as young as can be: nobody takes it for a leftover.
                moment = datetime.fromisoformat(since) if since else self._now()
                yield BegunUpload(key, name, moment.timestamp())
            if listed.findtext(f"{_NAMESPACE}IsTruncated") != "true":
                return
            query["key-marker"] = listed.findtext(f"{_NAMESPACE}NextKeyMarker") or ""
            query["upload-id-marker"] = listed.findtext(f"{_NAMESPACE}NextUploadIdMarker") or ""

    def part_url(self, key: str, upload: str, number: int, seconds: int) -> str:
        """Sign a URL that takes one part by PUT."""
        said = {"partNumber": str(number), "uploadId": upload}
        return self._signer.url("PUT", key, seconds, self._now(), said)

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make an object of its parts.

        Raises httpx.HTTPError.
        """
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
            for number, etag in enumerate(etags, start=1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        url = self._signer.url("POST", key, MOMENT, self._now(), {"uploadId": upload})
        answer = self._client.ask("POST", url, {"Content-Type": "application/xml"}, body)
        if fromstring(answer.content).tag.rpartition("}")[2] == "Error":  # the store began to answer before it knew
            raise httpx.HTTPError(f"status 200 {answer.text[:500]}")

    def ping(self, key: str) -> None:
        """Ask for an object that need not be there.

        Raises httpx.HTTPError.
        """
        self._client.ping(self.link(key, MOMENT, self._now(), "attachment", "text/plain"))

    def close(self) -> None:
        """End connections."""
        self._client.close()
