import plistlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.wire.manifest import ota_manifest

PACKAGE = "https://api.example.com/v1/files/x/app.ipa?expires=1&signature=a"
ICON = "https://api.example.com/v1/files/y/icon.png?expires=1&signature=b"


def test_manifest_is_what_an_apple_device_installs_from() -> None:
    written = ota_manifest(PACKAGE, ICON, "com.example.app", "2.4.0", "Example <&>")
    assert plistlib.loads(written) == {
        "items": [
            {
                "assets": [
                    {"kind": "software-package", "url": PACKAGE},
                    {"kind": "display-image", "needs-shine": False, "url": ICON},
                    {"kind": "full-size-image", "needs-shine": False, "url": ICON},
                ],
                "metadata": {
                    "bundle-identifier": "com.example.app",
                    "bundle-version": "2.4.0",
                    "kind": "software",
                    "title": "Example <&>",
                },
            }
        ]
    }
    assert written.startswith(b"<?xml")


def test_manifest_without_icon_or_title() -> None:
    [item] = plistlib.loads(ota_manifest(PACKAGE, None, "com.example.app", "1", ""))["items"]
    assert [asset["kind"] for asset in item["assets"]] == ["software-package"]
    assert item["metadata"]["title"] == "com.example.app"


@pytest.mark.parametrize("odd", ["\0", "\x08", "\ud800", "\ufffe"])
def test_bundle_strings_that_xml_cannot_hold_lose_those_characters(odd: str) -> None:
    [item] = plistlib.loads(ota_manifest(PACKAGE, ICON, f"a{odd}b", f"1{odd}", f"T{odd}"))["items"]
    assert (item["metadata"]["bundle-identifier"], item["metadata"]["bundle-version"]) == ("ab", "1")
    assert item["metadata"]["title"] == "T"


@settings(deadline=None)
@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_manifest_is_readable_whatever_the_bundle_says(version: str, title: str) -> None:
    assert plistlib.loads(ota_manifest(PACKAGE, ICON, "com.example.app", version, title))["items"]
