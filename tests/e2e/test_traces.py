"""Traces as a collector gets them: a small one that speaks OTLP over HTTP, and reads what the SDK sends."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import StartServer

TRACE, ABOVE = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@contextmanager
def collecting() -> Iterator[tuple[str, list[Span]]]:
    spans: list[Span] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", spans
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def facts(span: Span) -> dict[str, object]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_requests_and_jobs_become_spans_without_what_was_asked_for(start_server: StartServer) -> None:
    with collecting() as (endpoint, spans):
        own = start_server({"SEATRIAL_TRACING__ENDPOINT": endpoint})
        build = own.processed()
        headers = {"traceparent": f"00-{TRACE}-{ABOVE}-01", "X-Request-Id": "traced"}
        own.ci.get(f"/builds/{build['id']}", headers=headers)
        own.anyone.get("/v1/download/std_very-secret-indeed")
        own.stop()  # hands over what is left
    by_id = {facts(span).get("request.id"): span for span in spans}
    asked = by_id["traced"]
    assert asked.name == "GET /v1/integrations/builds/{build}"
    assert asked.kind == Span.SpanKind.SPAN_KIND_SERVER
    assert (asked.trace_id.hex(), asked.parent_span_id.hex()) == (TRACE, ABOVE)
    assert facts(asked)["http.response.status_code"] == 200
    [job] = [span for span in spans if span.name == "process_build"]
    assert facts(job)["build_id"] == build["id"]
    assert "GET /v1/download/{token}" in {span.name for span in spans}
    assert b"very-secret" not in b"".join(span.SerializeToString() for span in spans)
