"""The settings of where files go."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ByteSize, Field, SecretStr, model_validator


def _base_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Storage(BaseModel, frozen=True, extra="forbid"):
    """Where files go unless an organization or an app chose another place."""

    provider: Literal["local", "s3", "gcs", "azure"] = "local"
    directory: Path | None = None
    """Of the local disk; default: `blobs` in the data directory."""
    reserve: ByteSize | None = None
    """Uploads are refused when less than this is left; default: 5 % of the disk, at most 2 GiB."""
    name: str | None = Field(default=None, min_length=1, max_length=100)
    """What people read of an object store; default: the provider."""
    bucket: str | None = Field(default=None, min_length=1, max_length=255)
    """For `azure` the container. Bucket and prefix are what files find their store again by."""
    region: str | None = Field(default=None, min_length=1, max_length=64)
    endpoint: BaseUrl | None = None
    """Default: Amazon's, Google's or Azure's own."""
    prefix: str = Field(default="", pattern=r"^(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?$", max_length=255)
    access_key: str | None = Field(default=None, min_length=1, max_length=255)
    """The access key's id; for `gcs` that of an HMAC key, for `azure` the account's name."""
    secret_key: SecretStr | None = None
    virtual_hosted: bool = False
    """Whether the bucket's name is part of the host's."""
    proxy: bool = False
    """Whether downloads go through this server, rather than to the store's own links."""
    copies: Path | None = None
    """Copies of distant files while they are read; default: `run/copies` in the data directory."""
    endpoints: tuple[str, ...] | None = None
    """Hosts that organizations may name as endpoints of their own providers; default: any."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = {"bucket": self.bucket, "access_key": self.access_key, "secret_key": self.secret_key}
        missing = [name for name, value in needed.items() if not value]
        if self.provider != "local" and missing:
            raise ValueError(f"{self.provider} also needs {', '.join(missing)}")
        return self
