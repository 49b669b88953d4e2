import pytest

from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId
from seatrial.storage import keys


def test_a_build_file_lies_under_its_organization_app_and_build() -> None:
    key = keys.build_file(OrganizationId("a" * 24), AppId("b" * 24), BuildId("c" * 24), FileId("D9z" * 8))
    assert key == f"builds/{'a' * 24}/{'b' * 24}/{'c' * 24}/{'D9z' * 8}"
    assert keys.check(key) == key


@pytest.mark.parametrize("word", ["app.apk", "..", "", "a b", "é", "-x", "x" * 129])
def test_words_that_are_no_ids_make_no_key(word: str) -> None:
    with pytest.raises(ValueError, match="object key"):
        keys.check(f"builds/{word}")
