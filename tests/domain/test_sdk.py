"""What devices are offered, against the comparisons that the published SDKs make."""

import re

import pytest

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.device import AddressPolicy, Device, kept_address
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.sdk import LastBuild, Offer, offer_to, plain_offer, update_identifier


def last(system: Os, name: str, code: str) -> LastBuild:
    return LastBuild(
        id=BuildId("b" * 24), app_id=AppId("a" * 24), os=system, identifier="x", version_name=name, version_code=code
    )


def iphone(name: str, code: str) -> Device:
    return Device(sdk_version="IOS_4.5.1", os_name="iOS", app_version=name, package_version=code)


def older_to_the_sdk(current: str, least: str) -> bool:
    """Compare as SDK 4.5.1 does for versions of digits and dots: padded with `.0`, then by numbers."""
    pair = [[int(part) for part in text.split(".") if re.fullmatch("[0-9]+", part)] for text in (current, least)]
    longest = max(map(len, pair))
    short, long = ([*one, *[0] * (longest - len(one))] for one in pair)
    return short < long


@pytest.mark.parametrize(
    ("running", "newest", "is_newer"),
    [
        (("1.2", "142"), ("1.2", "142"), False),  # the very same build
        (("1.2", "142"), ("1.3", "143"), True),
        (("1.2", "142"), ("1.2", "143"), True),  # the same version, built again
        (("1.2", "143"), ("1.2", "142"), False),  # ahead of what was uploaded
        (("1.3", "1"), ("1.2", "99"), False),
        (("1.2", "1"), ("1.2", "1"), False),
        (("2.0", "1"), ("2.0", "2"), True),
        (("1.10", "5"), ("1.9", "7"), False),
        (("1.0.0", "1"), ("1.0", "1"), False),
        (("1.2.3", "1.2.3"), ("1.2.4", "1.2.4"), True),
    ],
)
def test_an_iphone_is_offered_what_is_newer_and_nothing_else(
    running: tuple[str, str], newest: tuple[str, str], is_newer: bool
) -> None:
    offer = offer_to(iphone(*running), last(Os.IOS, *newest))
    assert offer.build_id == "b" * 24
    assert older_to_the_sdk(running[0], offer.version or "0") is is_newer, "checkUpdate, which shows the popup"
    if not is_newer:
        assert not offer.version or not older_to_the_sdk(running[1], offer.version), "isUpToDate"
    elif newest[0] != running[0]:
        assert not older_to_the_sdk(newest[0], offer.version), "what was kept would ask again after the update"


def test_without_its_versions_an_iphone_gets_the_marketing_version() -> None:
    assert offer_to(Device(os_name="iOS"), last(Os.IOS, "1.3", "143")) == Offer("b" * 24, "1.3")
    assert plain_offer(last(Os.IOS, "", "143")).version == "143"


def test_android_compares_version_codes() -> None:
    device = Device(sdk_version="ANDROID_5.0.0", app_version="1.2", package_version="142")
    assert offer_to(device, last(Os.ANDROID, "1.2", "142")) == Offer("b" * 24, "142")
    assert offer_to(device, None) == Offer()


@pytest.mark.parametrize(
    ("said", "system"),
    [
        ({"sdk_version": "ANDROID_5.0.0"}, Os.ANDROID),
        ({"sdk_version": "IOS_4.5.1"}, Os.IOS),
        ({"os_name": "iPadOS"}, Os.IOS),
        ({"os_name": "android"}, Os.ANDROID),
        ({}, None),
        ({"os_name": "Windows"}, None),
    ],
)
def test_the_system_is_told_by_the_sdk_or_the_device(said: dict[str, str], system: Os | None) -> None:
    assert Device(**said).os is system


def test_only_what_a_device_installs_is_an_update() -> None:
    def of(kind: Format, system: Os | None, identifier: str | None = "com.acme") -> BuildInfo:
        return BuildInfo(format=kind, os=system, identifier=identifier)

    assert update_identifier(of(Format.APK, Os.ANDROID), is_converted=False) == "com.acme"
    assert update_identifier(of(Format.AAB, Os.ANDROID), is_converted=True) == "com.acme"
    assert update_identifier(of(Format.AAB, Os.ANDROID), is_converted=False) == ""
    assert update_identifier(of(Format.MAC_APP_ZIP, Os.IOS), is_converted=True) == "", "for simulators"
    assert update_identifier(of(Format.IPA, Os.TVOS), is_converted=True) == ""
    assert update_identifier(of(Format.IPA, Os.IOS, "x" * 256), is_converted=True) == ""
    assert update_identifier(None, is_converted=True) == ""


@pytest.mark.parametrize(
    ("address", "policy", "kept"),
    [
        ("203.0.113.77", AddressPolicy.TRUNCATED, "203.0.113.0"),
        ("2001:db8:aaaa:bbbb::1", AddressPolicy.TRUNCATED, "2001:db8:aaaa::"),
        ("::ffff:203.0.113.77", AddressPolicy.TRUNCATED, "203.0.113.0"),
        ("fe80::1%eth0", AddressPolicy.FULL, "fe80::1"),
        ("203.0.113.77", AddressPolicy.FULL, "203.0.113.77"),
        ("203.0.113.77", AddressPolicy.NONE, ""),
        ("unix:/run/socket", AddressPolicy.FULL, ""),
        ("", AddressPolicy.TRUNCATED, ""),
    ],
)
def test_of_an_address_only_so_much_is_kept(address: str, policy: AddressPolicy, kept: str) -> None:
    assert kept_address(address, policy) == kept
