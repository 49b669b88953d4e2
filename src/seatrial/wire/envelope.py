"""The envelope around every answer, and the only place that writes one (contract, section 0)."""

import json

import msgspec


def ok(data: object) -> dict[str, object]:
    """Wrap the result of a call that worked; there is never an `error` key, which one client greps for."""
    return {"status": True, "data": data}


def failed(code: int, message: str, data: object = None) -> dict[str, object]:
    """Wrap what went wrong: a number for programs, a sentence for people, and detail where there is some."""
    error: dict[str, object] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"status": False, "error": error}


def ready(encoded: bytes) -> object:
    """Give JSON that is encoded already a place in something that `encode` will write."""
    return msgspec.Raw(encoded)


def encode(body: object) -> bytes:
    """Write JSON as UTF-8.

    A text with half of a surrogate pair cannot be UTF-8; one such name in the database must not take down the list
    that it stands in, so it goes out as the escape that JSON allows.
    """
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode("ascii")
