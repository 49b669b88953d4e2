"""Settings: typed, frozen, read once in `bootstrap` and passed down; nobody else reads the environment.

Sources, the first wins: `SEATRIAL_` environment variables (sections with two underscores, `SEATRIAL_LIMITS__BODY`),
then `seatrial.toml` in the data directory, then the defaults below.
"""

from pathlib import Path
from re import fullmatch
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    Field,
    IPvAnyNetwork,
    SecretStr,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from seatrial.domain.device import AddressPolicy
from seatrial.storage_settings import BaseUrl, Storage
from seatrial.store_settings import Countries, Devices
from seatrial.watching_settings import Metrics, Tracing

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(lambda said: said.upper() if isinstance(said, str) else said),
]


class Limits(BaseModel, frozen=True, extra="forbid"):
    """What a request may cost; sizes in bytes (or `20GiB`), times in seconds."""

    body: ByteSize = ByteSize(20 * GIB)
    json_body: ByteSize = ByteSize(4 * MIB)
    field: ByteSize = ByteSize(64 * KIB)
    text_field: ByteSize = ByteSize(MIB)
    """For changelogs."""
    header_block: ByteSize = ByteSize(64 * KIB)
    file_parts: int = Field(default=16, ge=1, le=1000)
    field_parts: int = Field(default=200, ge=1, le=10_000)
    headers: int = Field(default=100, ge=10, le=10_000)
    head_seconds: float = Field(default=30, gt=0)
    """A request whose head is not whole after so long, or a new connection that asks for nothing, is given up."""
    keep_alive: int = Field(default=65, ge=1)
    """A connection without a request for so long is closed; longer than the usual 60 s of a proxy in front."""
    idle_read: float = Field(default=60, gt=0)
    """A body that brings nothing for so long is given up."""
    slow_rate: ByteSize = ByteSize(KIB)
    """Bytes a second that a body must bring on average over `slow_window`; 0: however slowly."""
    slow_window: float = Field(default=60, gt=0)
    connections: int = Field(default=8000, ge=16)
    """Open connections of one process; further ones are answered 503."""
    requests: int = Field(default=2000, ge=4)
    """Requests that one process works on at once; further ones are answered 503."""
    uploads: int = Field(default=256, ge=1)
    """Uploads that one process receives at once; further ones are answered 503."""
    refused_body: ByteSize = ByteSize(64 * MIB)
    """How much of a refused upload is read and dropped, so that the client gets to read the answer."""
    refused_seconds: float = Field(default=5, ge=0)


class Uploads(BaseModel, frozen=True, extra="forbid"):
    """Uploads that are sent again, and those that are sent bit by bit; times in seconds."""

    directory: Path | None = None
    """Where the bytes of unfinished uploads are; default: `unfinished` in the folder of blobs."""
    unfinished: int = Field(default=24 * 3600, ge=60)
    """An upload that nobody continues for so long is removed."""
    unfinished_at_once: int = Field(default=100, ge=1)
    """How many of them one credential may have in an app."""
    part_links: int = Field(default=3600, ge=60, le=7 * 24 * 3600)
    """How long the links for the parts of a direct upload are good."""

    idempotency_days: int = Field(default=7, ge=1, le=365)
    """For how long an `Idempotency-Key` leads to what was uploaded with it first."""


class Quotas(BaseModel, frozen=True, extra="forbid"):
    """What an app, and an organization with all its apps, may take up where nothing else was granted."""

    organization_storage: ByteSize | None = None
    organization_builds: int | None = Field(default=None, ge=0)
    organization_upload_size: ByteSize | None = None
    organization_downloads: int | None = Field(default=None, ge=0)
    """In a month of the calendar."""
    app_storage: ByteSize | None = None
    app_builds: int | None = Field(default=None, ge=0)
    app_upload_size: ByteSize | None = None
    app_downloads: int | None = Field(default=None, ge=0)


class Rates(BaseModel, frozen=True, extra="forbid"):
    """Requests in an hour, for all nodes together; 0: as many as come."""

    token: int = Field(default=10_000, ge=0, le=3_600_000)
    token_burst: int = Field(default=10_000, ge=1)
    """How many may come at once, before the hour's rate counts."""
    address: int = Field(default=60_000, ge=0, le=3_600_000)
    address_burst: int = Field(default=20_000, ge=1)


class Downloads(BaseModel, frozen=True, extra="forbid"):
    """Who sends the bytes of files to clients that come through a proxy."""

    sendfile: Literal["none", "x-accel-redirect", "x-sendfile"] = "none"
    """The header by which the proxy is asked to."""
    prefix: str = Field(default="/_blobs/", pattern=r"^/([A-Za-z0-9_.-]+/)+$")
    """Where the proxy has the files for `x-accel-redirect`, out of reach from outside."""


class Tokens(BaseModel, frozen=True, extra="forbid"):
    """How long things live, in seconds."""

    download: int = Field(default=600, ge=1)
    signed_url: int = Field(default=900, ge=1)
    session: int = Field(default=12 * 3600, ge=1)
    refresh: int = Field(default=30 * 24 * 3600, ge=1)
    """A session that is not renewed for so long ends."""
    member: int = Field(default=30 * 24 * 3600, ge=1)
    """A session in the store or in an app's SDK."""
    password_reset: int = Field(default=3600, ge=1)
    """A link to choose another password."""
    invitation: int = Field(default=7 * 24 * 3600, ge=60)
    """A link of an invitation."""
    published: int = Field(default=900, ge=60, le=24 * 3600)
    """An upload token that a CI system's identity token was traded in for."""


class Login(BaseModel, frozen=True, extra="forbid"):
    """How many logins may fail within a window of seconds before further ones are refused."""

    failures_per_account: int = Field(default=10, ge=1)
    failures_per_address: int = Field(default=100, ge=1)
    window: int = Field(default=900, ge=1)


class Oidc(BaseModel, frozen=True, extra="forbid"):
    """How identity providers are asked."""

    seconds: float = Field(default=10, gt=0)
    """What does not answer for so long cannot be reached."""
    allow_loopback: bool = False
    """Whether an issuer on this machine may be asked without TLS; for tests and for trying things out."""


class Mail(BaseModel, frozen=True, extra="forbid"):
    """The mail server; without a `host` mails are kept until there is one. Times in seconds."""

    host: str | None = None
    folder: Path | None = None
    """Mails become files here instead: for trying things out, or for a program that picks them up."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Default: 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    """Certificates of authorities that are trusted beside this machine's own, in PEM."""
    sender: str | None = None
    """The address that mails come from, and that bounces go to."""
    sender_name: str = "Seatrial"
    reply_to: str | None = None
    language: Literal["en", "es", "fr", "de", "it", "zh", "pt", "ru"] = "en"
    """For people of whom no language is known."""
    batch: int = Field(default=200, ge=1, le=1000)
    """Mails that are handed over in one go."""
    per_connection: int = Field(default=100, ge=1, le=100_000)
    per_second: float = Field(default=0, ge=0)
    """Mails that one process hands over in a second; 0: as many as the server takes."""
    connect_seconds: float = Field(default=10, gt=0)
    answer_seconds: float = Field(default=60, gt=0)
    digest_hour: int = Field(default=7, ge=0, le=23)
    """When daily summaries go out, in UTC."""
    keep_days: int = Field(default=180, ge=1)
    """How long it can be looked up what became of a mail."""

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if (self.host or self.folder) and not fullmatch(r"[^@\s]+@[^@\s]+", self.sender or ""):
            raise ValueError("sender must be an e-mail address where there is a host or a folder")
        return self

    @property
    def goes_out(self) -> bool:
        """Whether mails go anywhere."""
        return self.host is not None or self.folder is not None


class Sdk(BaseModel, frozen=True, extra="forbid"):
    """What apps on devices may send; sizes in bytes, times in seconds."""

    feedback_body: ByteSize = ByteSize(16 * MIB)
    """Feedback with its screenshot, which is text in it and a third longer than its bytes."""
    video_body: ByteSize = ByteSize(256 * MIB)
    video_link: int = Field(default=3600, ge=1)
    """How long a film that feedback announced may be sent."""
    feedback_per_address: int = Field(default=30, ge=1)
    """In ten minutes, from one network address to one app."""
    feedback_per_token: int = Field(default=1000, ge=1)
    """In ten minutes, with one app token."""


class Privacy(BaseModel, frozen=True, extra="forbid"):
    """What the log of downloads keeps of people."""

    addresses: AddressPolicy = AddressPolicy.TRUNCATED
    """`full`; `truncated`: the first 24 bits of IPv4, the first 48 of IPv6; `none`."""
    download_log_days: int = Field(default=365, ge=0, le=36_500)
    """After so many days entries name nobody any more, where an organization chose nothing; 0 for never."""


class Worker(BaseModel, frozen=True, extra="forbid"):
    """Processing; times in seconds."""

    concurrency: int = Field(default=2, ge=1, le=64)
    drain_seconds: float = Field(default=30, ge=0)
    dead_after: float = Field(default=15, gt=0)
    """A process on another machine that gave no sign of life for so long is taken for dead."""


class Retention(BaseModel, frozen=True, extra="forbid"):
    """When rules of retention are applied; the rules themselves are the apps' and the organizations'."""

    hour: int = Field(default=3, ge=0, le=23)
    """Of the day, in UTC."""


class ReaderLimits(BaseModel, frozen=True, extra="forbid"):
    """What a build file may claim; `parsers.limits` says what each one bounds."""

    directory_bytes: ByteSize = ByteSize(64 * MIB)
    entries: int = Field(default=200_000, ge=1)
    ratio: int = Field(default=100, ge=1)
    ratio_free_bytes: ByteSize = ByteSize(64 * MIB)
    unpacked_bytes: ByteSize = ByteSize(20 * GIB)
    manifest_bytes: ByteSize = ByteSize(16 * MIB)
    resources_bytes: ByteSize = ByteSize(64 * MIB)
    plist_bytes: ByteSize = ByteSize(12 * MIB)
    profile_bytes: ByteSize = ByteSize(2 * MIB)
    signature_bytes: ByteSize = ByteSize(4 * MIB)
    icon_bytes: ByteSize = ByteSize(8 * MIB)
    icon_pixels: int = Field(default=6 * MIB, ge=1)
    payload_bytes: ByteSize = ByteSize(32 * MIB)
    nested_bytes: ByteSize = ByteSize(48 * MIB)
    verified_bytes: ByteSize = ByteSize(4 * GIB)


class Parsing(BaseModel, frozen=True, extra="forbid"):
    """What one build file may cost its reader."""

    memory: ByteSize = ByteSize(2 * GIB)
    cpu_seconds: int = Field(default=30, ge=1)
    wall_seconds: float = Field(default=60, gt=0)
    limits: ReaderLimits = ReaderLimits()


class Bundletool(BaseModel, frozen=True, extra="forbid"):
    """Turning Android App Bundles into APKs, where the extra is installed; one at a time in each process."""

    jar: Path | None = None
    """Default: `tools/bundletool.jar` in the data directory."""
    java: str = "java"
    memory: ByteSize = ByteSize(512 * MIB)
    seconds: float = Field(default=300, gt=0)
    output: ByteSize = ByteSize(8 * GIB)
    """What one conversion may write."""


class Webhooks(BaseModel, frozen=True, extra="forbid"):
    """Requests to receivers that people name; times in seconds."""

    allow_http: bool = False
    """Whether a receiver may be reached without TLS."""
    allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks of the inside that receivers may be in."""
    connect_seconds: float = Field(default=5, gt=0, le=60)
    total_seconds: float = Field(default=15, gt=0, le=300)
    disable_after_days: int = Field(default=5, ge=1, le=365)
    """A webhook that took nothing for so long is switched off."""
    log_days: int = Field(default=30, ge=1, le=3650)


class Settings(BaseSettings):
    """Everything that an operator can choose."""

    model_config = SettingsConfigDict(
        env_prefix="SEATRIAL_", env_nested_delimiter="__", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    """`postgresql://user:password@host/database`; default: SQLite in the data directory."""
    database_busy_seconds: float = Field(default=30, gt=0)
    """A database that is locked or has no connection left for so long counts as unavailable."""
    database_silent_seconds: float = Field(default=5, ge=1)
    """A PostgreSQL that a statement waits for so long must give a sign of life within as long, or counts as away."""
    database_pool: int = Field(default=12, ge=2, le=500)
    """Connections to PostgreSQL that one process opens at most; its job engine opens up to 8 more."""
    public_url: BaseUrl | None = None
    """The base of every URL handed out; without it the request's own host, if it is an allowed one."""
    upload_url: BaseUrl | None = None
    download_url: BaseUrl | None = None
    sdk_url: BaseUrl | None = None
    hsts_seconds: int = Field(default=365 * 24 * 3600, ge=0)
    """How long browsers that came by https come by nothing else (Strict-Transport-Security); 0 says nothing of it."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names believed beside loopback and the bind address when there is no `public_url`."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] | None = None
    """Addresses whose `X-Forwarded-Proto` and `X-Forwarded-For` are believed; default: loopback, `()`: nobody."""
    url_signing_keys: tuple[SecretStr, ...] = ()
    """Base64url, 32 bytes or more each, the first one signs; default: made once in the data directory."""
    encryption_keys: tuple[SecretStr, ...] = ()
    """For secrets in the database; as above. An app's signing key is lost with the key that it was encrypted with."""
    log_level: LogLevel = "INFO"
    log_format: Literal["json", "text"] = "json"
    shutdown_delay: float = Field(default=0, ge=0)
    """On SIGTERM, for how long requests are still taken while `/readyz` says that this process is about to stop."""
    limits: Limits = Limits()
    storage: Storage = Storage()
    uploads: Uploads = Uploads()
    quotas: Quotas = Quotas()
    rates: Rates = Rates()
    downloads: Downloads = Downloads()
    tokens: Tokens = Tokens()
    login: Login = Login()
    oidc: Oidc = Oidc()
    countries: Countries = Countries()
    devices: Devices = Devices()
    mail: Mail = Mail()
    sdk: Sdk = Sdk()
    privacy: Privacy = Privacy()
    worker: Worker = Worker()
    retention: Retention = Retention()
    parsing: Parsing = Parsing()
    bundletool: Bundletool = Bundletool()
    webhooks: Webhooks = Webhooks()
    metrics: Metrics = Metrics()
    tracing: Tracing = Tracing()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic-settings passes it; we read no .env
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the data directory's own file behind the environment."""
        said = init_settings() | {}
        data_dir = Path(said.get("data_dir") or env_settings().get("data_dir") or "data")
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, data_dir / "seatrial.toml"),
            file_secret_settings,
        )

    @property
    def blobs(self) -> Path:
        """The folder that files are kept in."""
        return self.storage.directory or self.data_dir / "blobs"

    @property
    def database(self) -> str:
        """The database's URL in SQLAlchemy's form."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'seatrial.db'}"


def load(data_dir: Path | None = None) -> Settings:
    """Read the settings.

    Raises pydantic.ValidationError, and tomllib.TOMLDecodeError for a broken `seatrial.toml`.
    """
    return Settings(data_dir=data_dir) if data_dir is not None else Settings()
