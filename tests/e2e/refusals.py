"""What every refusal looks like from outside."""

import httpx

from tests.server import Json


def refused(answer: httpx.Response, status: int, code: int) -> Json:
    """Check a refusal's number, code and envelope; gives its `error`."""
    assert answer.headers["content-type"].startswith("application/json"), answer.text
    body: Json = answer.json()
    assert set(body) == {"status", "error"}
    assert body["status"] is False
    error: Json = body["error"]
    assert (answer.status_code, error["code"]) == (status, code), body
    assert isinstance(error["message"], str)
    assert error["message"]
    assert set(error) <= {"code", "message", "data"}
    return error


def invalid(answer: httpx.Response, *names: str) -> Json:
    """Check a 400/1000 that names exactly these fields; gives what it says about each."""
    fields: Json = refused(answer, 400, 1000)["data"]["fields"]
    assert set(fields) == set(names)
    assert all(fields.values())
    return fields
