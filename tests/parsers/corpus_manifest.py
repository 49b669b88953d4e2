"""Rows of the corpus of real files, where it is present; see its README for the columns."""

from pathlib import Path
from typing import NamedTuple

import pytest

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
_MANIFEST = CORPUS / "MANIFEST.tsv"


class Row(NamedTuple):
    path: str
    kind: str
    identifier: str
    display_name: str
    version_name: str
    version_code: str
    min_os: str
    target_os: str
    platforms: str
    signing: str
    icon: str
    features: str

    @property
    def file(self) -> Path:
        return CORPUS / self.path


def _read() -> list[Row]:
    if not _MANIFEST.exists():
        return []
    lines = _MANIFEST.read_text(encoding="utf-8").splitlines()[1:]
    cells = [line.split("\t") for line in lines]
    return [Row._make([c[0], *c[5:15], c[17]]) for c in cells]


ROWS = _read()


def rows(*kinds: str) -> list[object]:
    """Give the rows of some kinds as test parameters; one skipped parameter where the corpus is absent."""
    found = [pytest.param(row, id=row.path) for row in ROWS if not kinds or row.kind in kinds]
    return list(found) or [pytest.param(None, marks=pytest.mark.skip(reason="the corpus is not here"))]
