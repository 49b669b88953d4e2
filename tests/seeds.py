"""The source documents and the recorded requests, beside this checkout on the machines that have them."""

from pathlib import Path

import pytest

SPEC = Path(__file__).parents[1].parent / "shared" / "spec"


def document(number: str) -> str:
    """Give a source document by the number in its name; skips the test where the documents are absent."""
    found = sorted(SPEC.glob(f"seeds/{number}_*.txt"))
    if not found:
        pytest.skip("the source documents (../shared/spec/seeds) are not beside this checkout")
    return found[0].read_text()


def capture(client: str) -> bytes:
    """Give the recorded requests of a client as bytes; skips the test where they are absent."""
    path = SPEC / "captures" / f"{client}.http"
    if not path.is_file():
        pytest.skip("the recorded requests (../shared/spec/captures) are not beside this checkout")
    return path.read_bytes()
