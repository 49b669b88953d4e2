from urllib.parse import unquote, urlsplit

import pytest

from seatrial.domain.build import FileType
from tests.wire.sample_builds import LINKS, a_file


def test_download_and_manifest_are_on_the_download_host() -> None:
    assert LINKS.redeem("std_abc") == "https://download-api.example.com/v1/download/std_abc"
    assert LINKS.manifest("std_abc") == "https://download-api.example.com/v1/download/std_abc/manifest.plist"


def test_signed_link_is_a_path_on_the_download_host_with_a_signature() -> None:
    file = a_file(FileType.PACKAGE, "My App.ipa")
    # Of the two bases the download's own: what somebody follows comes from where downloads come from.
    assert LINKS.signed(file, 1731324455, "a-_b") == (
        f"{LINKS.download}/v1/files/{file.id}/My%20App.ipa?expires=1731324455&signature=a-_b"
    )


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "ä ö#?&%.zip", "\N{ROCKET}.apk", "\ud800.zip", "a\r\nb"])
def test_hostile_name_stays_one_path_segment(name: str) -> None:
    path = urlsplit(LINKS.location(a_file(FileType.ATTACHMENT, name))).path
    assert path.count("/") == 4
    assert path.isascii()
    assert path.isprintable()


def test_name_survives_quoting() -> None:
    location = LINKS.location(a_file(FileType.ATTACHMENT, "ä ö#?&%.zip"))
    assert unquote(location.rpartition("/")[2]) == "ä ö#?&%.zip"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_name_that_clients_would_fold_away_is_replaced(name: str) -> None:
    assert LINKS.location(a_file(FileType.ATTACHMENT, name)).endswith("/v1/files/2SWkDbddHBNUaVImZINcZzVN/file")
