"""What a server tells those who watch it."""

from pydantic import BaseModel, Field, SecretStr

from seatrial.storage_settings import BaseUrl


class Metrics(BaseModel, frozen=True, extra="forbid"):
    """Figures for Prometheus."""

    token: SecretStr | None = None
    """A bearer token that may read `/metrics`; without one only this machine may, and not through a proxy."""
    worker_listen: str | None = Field(default=None, pattern=r"^.+:[0-9]{1,5}$")
    """Where `seatrial worker` answers `/metrics`, `/healthz` and `/readyz`, such as `127.0.0.1:9464`."""


class Tracing(BaseModel, frozen=True, extra="forbid"):
    """Traces by OpenTelemetry; need the extra `otel`."""

    endpoint: BaseUrl | None = None
    """A collector that speaks OTLP over HTTP, such as `http://127.0.0.1:4318`."""
    service: str = "seatrial"
    ratio: float = Field(default=1, ge=0, le=1)
    """The share of requests that are traced where whoever asks did not decide."""
