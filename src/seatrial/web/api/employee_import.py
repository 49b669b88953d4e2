"""Lists of employees as CSV, in the body itself or as the file of a form."""

import io

from multipart import MultipartError, MultipartParser  # type: ignore[import-untyped]  # the module ships no types
from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.employee_list import ImportReport
from seatrial.domain.errors import InvalidRequest
from seatrial.web.auth import from_organization_path
from seatrial.web.body import content_length, read_body
from seatrial.web.context import context_of
from seatrial.web.digests import idempotency_key, repeated
from seatrial.web.disposition import boundary_of
from seatrial.web.replies import reply
from seatrial.wire.employee_list import LIST_LIMIT, employee_list, report_json
from seatrial.wire.fields import flag

_FORM_BYTES = 64 << 10
_FIELDS = 20


async def import_list(request: Request) -> Response:
    """Take the employees of a list in, or say what that would do (`dryRun`)."""
    context, scope = context_of(request), await from_organization_path(request)
    dry_run = bool(flag("dryRun", request.query_params.get("dryRun", "")))
    await context.require_space(content_length(request.headers))
    body = await read_body(request, LIST_LIMIT + _FORM_BYTES, context.body_limits.idle_read)
    content_type = request.headers.get("content-type", "")

    key = "" if dry_run else idempotency_key(request.headers)

    def carry_out() -> tuple[ImportReport, bool]:
        is_form = content_type.partition(";")[0].strip().lower() == "multipart/form-data"
        listed = employee_list(_file(body, content_type) if is_form else body)
        if key:
            return context.employee_import.once(scope, listed.employees, listed.errors, key)
        return context.employee_import.run(scope, listed.employees, listed.errors, dry_run=dry_run), False

    report, is_repeated = await context.write(carry_out)
    return reply(report_json(report), headers=repeated(is_repeated))


def _file(body: bytes, content_type: str) -> bytes:
    try:
        parser = MultipartParser(
            io.BytesIO(body),
            boundary_of(content_type),
            buffer_size=1 << 20,
            spool_limit=LIST_LIMIT + _FORM_BYTES,
            memory_limit=LIST_LIMIT + 2 * _FORM_BYTES,
            part_limit=_FIELDS,
        )
        found: bytes | None = next((part.raw for part in parser if part.name == "file"), None)
    except MultipartError as error:
        raise InvalidRequest({"body": f"is no whole form: {error}"}) from error
    if found is None:
        raise InvalidRequest({"file": "is required: a CSV file"})
    return found
