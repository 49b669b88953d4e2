"""What is run on which kind of database: all of it by SEATRIAL_TEST_DATABASES, a choice of it otherwise."""

import pytest

from tests.databases import ask_on

ON_BOTH_DATABASES = {
    "test_administration",
    "test_attachments",
    "test_authorization",
    "test_credentials",
    "test_direct_uploads",
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
"""Those that ask of SQL and of stores what differs most between the kinds."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each kind if it asks for a server, in whatever way."""
    ask_on(metafunc, ON_BOTH_DATABASES)
