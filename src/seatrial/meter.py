"""What a process counts about itself, in the form that Prometheus reads.

Labels are words that the program knows beforehand (a route's template, a status, a kind of job), never what somebody
sends: the number of series does not grow with what a server is asked for.
"""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric

from seatrial.tracing import Traces

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
NO_ROUTE = "none"
"""The route of a request that no route fits."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Source(Protocol):
    """Somebody who is asked when the figures are read."""

    def collect(self) -> Iterator[Metric]:
        """Give figures as of now."""


class _Route:
    """The series of one route, looked up once: a lookup by labels costs more than the counting."""

    __slots__ = ("answers", "received", "seconds", "sent")

    def __init__(self, meter: "Meter", route: str) -> None:
        self.answers: dict[tuple[str, int], Counter] = {}
        self.seconds = meter.seconds.labels(route)
        self.received = meter.received.labels(route)
        self.sent = meter.sent.labels(route)


class Meter:
    """Counters of one process."""

    def __init__(self, traces: Traces | None = None) -> None:
        self.traces = traces
        """Who is told of each request and job by itself, where somebody is."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "seatrial_http_requests", "Answered requests.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "seatrial_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.received = Counter(
            "seatrial_http_received_bytes", "Bytes of request bodies.", ("route",), registry=self.registry
        )
        self.sent = Counter("seatrial_http_sent_bytes", "Bytes of answers' bodies.", ("route",), registry=self.registry)
        self.running = Gauge("seatrial_http_requests_running", "Requests being answered.", registry=self.registry)
        self.jobs = Counter("seatrial_jobs", "Jobs that ended here.", ("job", "outcome"), registry=self.registry)
        self.job_seconds = Histogram(
            "seatrial_job_seconds", "Time of one try of a job.", ("job",), registry=self.registry, buckets=_SECONDS
        )
        self._routes: dict[str, _Route] = {}

    def add(self, source: Source) -> None:
        """Ask somebody else, too, whenever the figures are read."""
        self.registry.register(source)

    def answered(self, route: str, method: str, status: int, seconds: float, received: int, sent: int) -> None:
        """Count one request."""
        known = self._routes.get(route)
        if known is None:
            known = self._routes[route] = _Route(self, route)
        key = (method if method in METHODS else OTHER, status)
        answers = known.answers.get(key)
        if answers is None:
            answers = known.answers[key] = self.requests.labels(key[0], route, str(status))
        answers.inc()
        known.seconds.observe(seconds)
        if received:
            known.received.inc(received)
        if sent:
            known.sent.inc(sent)

    def worked(self, job: str, outcome: str, seconds: float) -> None:
        """Count one try of a job."""
        self.jobs.labels(job, outcome).inc()
        self.job_seconds.labels(job).observe(seconds)

    def read(self) -> bytes:
        """Give all figures in Prometheus' text format."""
        return generate_latest(self.registry)
