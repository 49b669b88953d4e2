"""Both kinds of database, for fixtures with `params=KINDS`: what a test says of one must hold for the other."""

import shutil

import pytest

from tests.postgres import Postgres

KINDS = ("sqlite", "postgresql")


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


def _sqlite(request: pytest.FixtureRequest) -> str:
    folder: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return f"sqlite:///{folder.mktemp('database')}/seatrial.db"


def _postgres(request: pytest.FixtureRequest) -> Postgres:
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres
