"""The API's own tests run against a server on each kind of database; those of the command line need one kind."""

from pathlib import Path

import pytest

from tests.databases import KINDS

ON_BOTH_DATABASES = {
    "test_administration",
    "test_attachments",
    "test_authorization",
    "test_bad_requests",
    "test_credentials",
    "test_downloads",
    "test_hostile_text",
    "test_lists",
    "test_publications",
    "test_resumable_uploads",
    "test_sdk",
    "test_sessions",
    "test_updates",
    "test_uploads",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test twice if it asks for a server, in whatever way."""
    if "database_kind" in metafunc.fixturenames and Path(metafunc.module.__file__ or "").stem in ON_BOTH_DATABASES:
        metafunc.parametrize("database_kind", KINDS, indirect=True, scope="session")
