"""The corpus of real build files, beside this checkout on the machines that have it."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"


def corpus_file(name: str) -> Path:
    """Give a file of the corpus by its name in the manifest; skips the test where the corpus is absent."""
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"the corpus of real builds is not beside this checkout (../shared/corpus/{name})")
    return path
