"""Traces by OpenTelemetry, where a collector is set: a span for each request and for each try of a job.

The libraries are an extra (`pip install seatrial[otel]`) and are imported only where the setting asks for them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol


class TracingMissing(Exception):
    """A collector is set, and the extra is not installed."""


class Span(Protocol):
    """What happens now, until its block ends."""

    def named(self, name: str, facts: Mapping[str, str | int]) -> None:
        """Give it its name, which is known only at its end, and what is known of it by then."""

    def failed(self) -> None:
        """Note that it was a fault of ours."""


class Traces:
    """Spans on their way to a collector, in batches and behind everybody's back."""

    def __init__(self, endpoint: str, service: str, version: str, ratio: float) -> None:
        """Take the base URL of a collector that speaks OTLP over HTTP.

        Raises TracingMissing.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
            from opentelemetry.trace import SpanKind, Status, StatusCode
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            raise TracingMissing("tracing__endpoint needs the extra: pip install seatrial[otel]") from error
        resource = Resource.create({"service.name": service, "service.version": version})
        self._provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(ratio)), resource=resource)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=10)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("seatrial", version)
        self._propagator = TraceContextTextMapPropagator()
        self._kinds = {"request": SpanKind.SERVER, "job": SpanKind.CONSUMER}
        self._fault = Status(StatusCode.ERROR)

    @contextmanager
    def span(self, kind: str, name: str, traceparent: str = "") -> Iterator[Span]:
        """Begin a span, below the one of whoever asked."""
        above = self._propagator.extract({"traceparent": traceparent}) if traceparent else None
        with self._tracer.start_as_current_span(
            name, above, self._kinds[kind], record_exception=False, set_status_on_exception=False
        ) as own:
            fault = self._fault

            class _Span:
                def named(self, name: str, facts: Mapping[str, str | int]) -> None:
                    own.update_name(name)
                    own.set_attributes(dict(facts))

                def failed(self) -> None:
                    own.set_status(fault)

            yield _Span()

    def close(self) -> None:
        """Hand over what is left."""
        self._provider.shutdown()
