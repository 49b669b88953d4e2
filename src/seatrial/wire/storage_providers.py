"""Storage providers as JSON; the secret goes in and never comes out."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.storage_provider import (
    Bucket,
    KeptProvider,
    ProviderKind,
    ProviderSettings,
    ProviderUse,
    TrialResult,
)
from seatrial.wire import bodies
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name")
NAME_LIMIT = 100
BUCKET_LIMIT = 255
REGION_LIMIT = 64
URL_LIMIT = 1024
SECRET_LIMIT = 4096
KINDS = tuple(kind.value for kind in ProviderKind if kind is not ProviderKind.LOCAL)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?")


def storage_providers_query(params: Params) -> ListQuery:
    """Read which storage providers to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name",))


def provider_settings(body: bytes) -> ProviderSettings:
    """Read what a storage provider is to be, or edits to one.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return ProviderSettings(
        name=bodies.optional(said, "name", bodies.line(NAME_LIMIT)),
        kind=bodies.optional(said, "provider", _kind),
        bucket=bodies.optional(said, "bucket", bucket_name),
        region=bodies.optional(said, "region", bodies.line(REGION_LIMIT)),
        endpoint=bodies.optional(said, "endpoint", endpoint_url),
        prefix=bodies.optional(said, "prefix", key_prefix),
        access_key=bodies.optional(said, "accessKey", bodies.line(BUCKET_LIMIT)),
        secret=bodies.optional(said, "secretKey", bodies.line(SECRET_LIMIT)),
        virtual_hosted=bodies.optional(said, "virtualHosted", bodies.boolean),
        proxy=bodies.optional(said, "proxy", bodies.boolean),
        is_default=bodies.optional(said, "default", bodies.boolean),
    )


def storage_provider_json(provider: KeptProvider, use: ProviderUse | None = None) -> dict[str, object]:
    """Show a storage provider without its secret; alone, with what is in it."""
    shown: dict[str, object] = {
        "id": provider.id,
        "organization": provider.organization_id,
        "name": provider.name,
        "provider": provider.bucket.kind.value,
        "region": provider.bucket.region,
        "config": bucket_json(provider.bucket),
        "accessKey": provider.bucket.access_key,
        "proxy": provider.proxy,
        "default": provider.is_default,
        "createdAt": timestamp(provider.created_at),
        "updatedAt": timestamp(provider.updated_at),
    }
    if use is not None:
        apps = [{"id": one.app_id, "files": one.files, "bytes": one.octets} for one in use.apps]
        shown["usage"] = {"files": use.files, "bytes": use.octets, "apps": apps, "chosenBy": list(use.chosen_by)}
    return shown


def bucket_json(bucket: Bucket) -> dict[str, object]:
    """Show where a bucket is, and nothing that opens it."""
    return {
        "bucket": bucket.name,
        "endpoint": bucket.endpoint,
        "prefix": bucket.prefix,
        "virtualHosted": bucket.virtual_hosted,
    }


def trial_json(results: Sequence[TrialResult]) -> dict[str, object]:
    """Show how a connection test went, step by step."""
    steps = [
        {"step": one.step.value, "ok": not one.error, "milliseconds": one.milliseconds, "error": one.error}
        for one in results
    ]
    return {"ok": all(not one.error for one in results), "steps": steps}


def bucket_name(name: str, value: object) -> str:
    """Read the name of a bucket or a container.

    Raises InvalidRequest.
    """
    said = bodies.line(BUCKET_LIMIT)(name, value)
    if not _BUCKET.fullmatch(said):
        raise InvalidRequest({name: "must be the name of a bucket: letters, digits, dots and dashes"})
    return said


def key_prefix(name: str, value: object) -> str:
    """Read what is put in front of keys.

    Raises InvalidRequest.
    """
    said = bodies.line(BUCKET_LIMIT)(name, value).strip("/")
    if not _PREFIX.fullmatch(said):
        raise InvalidRequest({name: "must be words of letters, digits, dashes and underscores between slashes"})
    return said


def endpoint_url(name: str, value: object) -> str:
    """Read the address of an object store; empty for the provider's own.

    Raises InvalidRequest.
    """
    said = bodies.line(URL_LIMIT)(name, value).rstrip("/")
    if not said:
        return ""
    try:
        parts = urlsplit(said)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_url = False
        parts = urlsplit("")
    if not is_url or parts.query or parts.fragment or parts.username or not said.isascii() or " " in said:
        raise InvalidRequest({name: "must be an https:// or http:// address without a query"})
    return said


def _kind(name: str, value: object) -> ProviderKind:
    return ProviderKind(bodies.word(*KINDS)(name, value))
