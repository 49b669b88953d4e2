"""Places that an organization keeps its files in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.build import UNSET, StorageProvider, Unset
from seatrial.domain.ids import AppId, OrganizationId, StorageProviderId


class ProviderKind(StrEnum):
    """How a place is spoken to."""

    LOCAL = "local"
    S3 = "s3"
    GCS = "gcs"
    AZURE = "azure"


REGIONS = {ProviderKind.S3: "us-east-1", ProviderKind.GCS: "auto", ProviderKind.AZURE: "global"}
"""What a region is where nobody names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Everything it takes to open an object store but the secret."""

    kind: ProviderKind
    name: str
    """Of the bucket, or of Azure's container."""
    region: str
    endpoint: str = ""
    """Without a slash at its end; empty for the provider's own."""
    prefix: str = ""
    """In front of every key, without a slash at its end; empty for none."""
    access_key: str
    """The access key's id, or the name of Azure's account."""
    virtual_hosted: bool = False
    """Whether the bucket's name is part of the host's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProvider:
    """A storage provider of an organization."""

    id: StorageProviderId
    organization_id: OrganizationId
    name: str
    bucket: Bucket
    sealed_secret: str = field(repr=False)
    proxy: bool
    """Whether downloads go through this server, rather than to the store's own links."""
    is_default: bool
    created_at: datetime
    updated_at: datetime

    @property
    def shown(self) -> StorageProvider:
        """Say what a build shows of it."""
        return StorageProvider(id=self.id, name=self.name, region=self.bucket.region, bucket=self.bucket.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What people choose about a storage provider; `UNSET` leaves a value as it is, or as it is by default."""

    name: str | Unset = UNSET
    kind: ProviderKind | Unset = UNSET
    bucket: str | Unset = UNSET
    region: str | Unset = UNSET
    endpoint: str | Unset = UNSET
    prefix: str | Unset = UNSET
    access_key: str | Unset = UNSET
    secret: str | Unset = field(default=UNSET, repr=False)
    virtual_hosted: bool | Unset = UNSET
    proxy: bool | Unset = UNSET
    is_default: bool | Unset = UNSET


@dataclass(frozen=True, slots=True)
class AppUse:
    """What an app's builds have in a provider."""

    app_id: AppId
    files: int
    octets: int


@dataclass(frozen=True, slots=True)
class ProviderUse:
    """What is in a provider, and which apps put their new files there by choice."""

    apps: tuple[AppUse, ...]
    chosen_by: tuple[AppId, ...]

    @property
    def files(self) -> int:
        """How many objects."""
        return sum(one.files for one in self.apps)

    @property
    def octets(self) -> int:
        """How many bytes."""
        return sum(one.octets for one in self.apps)


class TrialStep(StrEnum):
    """What a connection test does, in this order."""

    PUT = "put"
    GET = "get"
    RANGE = "range"
    LINK = "link"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How one step of a connection test went."""

    step: TrialStep
    milliseconds: int
    error: str = ""
    """A sentence about what is wrong and what to do, empty where nothing is."""
