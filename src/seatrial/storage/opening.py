"""The door to every kind of object store."""

from collections.abc import Callable
from datetime import datetime

from seatrial.domain.build import StorageProvider
from seatrial.domain.storage_provider import Bucket, ProviderKind
from seatrial.storage.object_store import ObjectBlobStore, part_bytes
from seatrial.storage.scratch import Scratch


def open_object_store(
    provider: StorageProvider,
    bucket: Bucket,
    secret: str,
    scratch: Scratch,
    now: Callable[[], datetime],
    *,
    proxy: bool = False,
    largest_blob: int = 0,
) -> ObjectBlobStore:
    """Give the store of a bucket; nothing is asked of it yet. With `proxy` it gives no links of its own.

    Raises ValueError for what no store can be opened with.
    """
    from obstore.exceptions import BaseError

    from seatrial.storage.azure import open_azure
    from seatrial.storage.s3 import open_s3

    try:
        objects, account = (open_azure if bucket.kind is ProviderKind.AZURE else open_s3)(bucket, secret, now)
    except BaseError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    part = part_bytes(largest_blob)
    return ObjectBlobStore(
        provider, objects, account, scratch, now, prefix=bucket.prefix, part=part, gives_links=not proxy
    )
