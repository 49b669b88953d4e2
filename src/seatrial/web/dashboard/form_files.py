"""Forms with small files in them, as a page without scripts sends them."""

import io

from multipart import MultipartError, MultipartParser  # type: ignore[import-untyped]  # the module ships no types
from starlette.requests import Request

from seatrial.domain.errors import InvalidRequest
from seatrial.web.disposition import boundary_of

FORM_WITH_FILES_BYTES = 8 << 20
_FIELDS = 50


def has_files(content_type: str) -> bool:
    """Whether a form is of the kind that can hold files."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def with_files(body: bytes, content_type: str) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """Take a form apart: the values of its fields, and its files; a file that nobody chose is none.

    Raises InvalidRequest.
    """
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    try:
        parser = MultipartParser(
            io.BytesIO(body),
            boundary_of(content_type),
            buffer_size=1 << 20,
            spool_limit=FORM_WITH_FILES_BYTES,
            memory_limit=2 * FORM_WITH_FILES_BYTES,
            part_limit=_FIELDS,
        )
        for part in parser:
            if part.filename is None:
                fields.setdefault(part.name, []).append(part.raw.decode("utf-8", "replace"))
            elif part.filename or part.raw:
                files[part.name] = part.raw
    except MultipartError as error:
        raise InvalidRequest({"body": f"is no whole form: {error}"}) from error
    return fields, files


def file_of(request: Request, name: str) -> bytes | None:
    """Give a file of a form that was read already; `None` where nobody chose one."""
    files: dict[str, bytes] = getattr(request.state, "files", {})
    return files.get(name)
