"""Azure Blob Storage, with the key of an account."""

from collections.abc import Callable
from datetime import datetime

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # it has no type information
from obstore.store import AzureStore

from seatrial.domain.storage_provider import Bucket
from seatrial.storage.azure_signing import VERSION, AzureSigner
from seatrial.storage.object_requests import MOMENT, StoreClient
from seatrial.storage.object_store import client_options, retry_config


def open_azure(bucket: Bucket, secret: str, now: Callable[[], datetime]) -> "tuple[AzureStore, AzureAccount]":
    """Give what a bucket is spoken to with; nothing is asked of it yet."""
    endpoint = bucket.endpoint or f"https://{bucket.access_key}.blob.core.windows.net"
    objects = AzureStore(
        container_name=bucket.name,
        account_name=bucket.access_key,
        account_key=secret,
        endpoint=endpoint,
        client_options=client_options(allow_http=endpoint.startswith("http://")),
        retry_config=retry_config(),
    )
    account = AzureAccount(AzureSigner(f"{endpoint}/{bucket.name}", bucket.access_key, bucket.name, secret), now)
    return objects, account


class AzureAccount:
    """Links, and blobs that nobody committed."""

    def __init__(self, signer: AzureSigner, now: Callable[[], datetime]) -> None:
        self._signer = signer
        self._now = now
        self._client = StoreClient()

    def link(self, key: str, seconds: int, now: datetime, disposition: str, mimetype: str) -> str:
        """Sign a URL that reads a blob, and answers with this name and type."""
        return self._signer.blob(key, "r", seconds, now, disposition, mimetype)

    def remove_unfinished(self, key: str) -> None:
        """Remove the blocks of a blob that was never committed.

        Azure forgets them when the blob is written, and cannot delete what is not there: so it is written empty, then
        deleted.

        Raises httpx.HTTPError.
        """
        listed = fromstring(self._client.ask("GET", self._signer.listing(key, MOMENT, self._now())).content)
        if any(blob.findtext("Name") == key for blob in listed.iterfind("Blobs/Blob")):
            url = self._signer.blob(key, "cwd", MOMENT, self._now())
            self._client.ask("PUT", url, {"x-ms-version": VERSION, "x-ms-blob-type": "BlockBlob"})
            self._client.ask("DELETE", url)

    def ping(self, key: str) -> None:
        """Ask for an object that need not be there.

        Raises httpx.HTTPError.
        """
        self._client.ping(self.link(key, MOMENT, self._now(), "attachment", "text/plain"))

    def close(self) -> None:
        """End connections."""
        self._client.close()
