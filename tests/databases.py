"""Both kinds of database, for fixtures with `params=KINDS`: what a test says of one must hold for the other."""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import Postgres

KINDS = ("sqlite", "postgresql")
CHOICE = "SEATRIAL_TEST_DATABASES"
"""The variable that says what all tests of a whole server are run on: `sqlite`, `postgresql` or `both`."""
_CHOICES = {"both": KINDS, "sqlite": ("sqlite",), "postgresql": ("postgresql",)}


def ask_on(metafunc: pytest.Metafunc, on_both: Collection[str] = ()) -> None:
    """Run a test on each kind of workspace that was chosen; where nothing was, on SQLite, and these files on both.

    A test that speaks of one kind alone says so by the mark `only_on`, with its reason.
    """
    if "database_kind" not in metafunc.fixturenames:
        return
    choice = os.environ.get(CHOICE)
    if choice is not None and choice not in _CHOICES:
        raise pytest.UsageError(f"{CHOICE} is one of {', '.join(_CHOICES)}, not {choice}")
    stem = Path(metafunc.module.__file__ or "").stem
    kinds = _CHOICES[choice] if choice else KINDS if stem in on_both else ("sqlite",)
    only = metafunc.definition.get_closest_marker("only_on")
    if only is None:
        asked = [pytest.param(kind) for kind in kinds]
    elif only.args[0] in kinds:
        asked = [pytest.param(only.args[0])]
    else:
        asked = [pytest.param(kinds[0], marks=pytest.mark.skip(only.kwargs["reason"]))]
    metafunc.parametrize("database_kind", asked, indirect=True, scope="session")


def empty_database(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database of the kind that the fixture was asked for."""
    return _sqlite(request) if request.param == "sqlite" else _postgres(request).fresh_database()


def migrated_database(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database that has the house's tables and, on PostgreSQL, the engine's already."""
    if request.param == "postgresql":
        return _postgres(request).fresh_schema()
    url = _sqlite(request)
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), url.removeprefix("sqlite:///"))
    return url


@contextmanager
def lent_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Lend a migrated database: on PostgreSQL one that others had before, who left nothing in it."""
    url = migrated_database(request)
    yield url
    if request.param == "postgresql":
        _postgres(request).take_back(url)


def _sqlite(request: pytest.FixtureRequest) -> str:
    folder: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return f"sqlite:///{folder.mktemp('database')}/seatrial.db"


def _postgres(request: pytest.FixtureRequest) -> Postgres:
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres
