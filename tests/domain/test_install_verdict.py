"""What is said before the tap, by what a file says of itself and a browser of its device."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from seatrial.domain.browser import browser_of
from seatrial.domain.build import ApplicationInfo, Build, BuildStatus, Deployer, FileType, StorageProvider
from seatrial.domain.buildinfo import BuildInfo, Format, Os, ProvisioningProfile, Signing, SigningKind
from seatrial.domain.ids import AppId, BuildId, OrganizationId
from seatrial.domain.install_verdict import requirement, verdicts
from tests.db.sample_rows import SOMEBODY, START, file_row
from tests.domain.test_browser import IPAD, IPHONE, PIXEL, WINDOWS

IPA = BuildInfo(format=Format.IPA, os=Os.IOS, min_os="15.0", device_families=("iphone", "ipad"))
APK = BuildInfo(format=Format.APK, os=Os.ANDROID, min_os="24", target_os="34")


def built(info: BuildInfo) -> Build:
    return Build(
        id=BuildId("1" * 24), organization_id=OrganizationId("2" * 24),
        application=ApplicationInfo(id=AppId("3" * 24), name="Wallet", slug="wallet"), status=BuildStatus.PROCESSED,
        version_name="1", version_code="1", tags=(), changelog="", info=info, size=3, os=info.os or "",
        build_platform="", queued_ms=0, process_ms=0, error="", error_code="", warnings=(), deployer=Deployer(),
        uploaded_by=SOMEBODY.person, original_extension="", files=(file_row("1" * 24, FileType.PACKAGE),), metadata={},
        storage_provider=StorageProvider(id="x", name="x", region="x", bucket="x"), default_scripts={}, disabled=False,
        created_at=START, updated_at=START,
    )  # fmt: skip


def said(info: BuildInfo, agent: str, *, is_secure: bool = True) -> list[tuple[str, str]]:
    found = verdicts(built(info), browser_of(agent), START, is_secure=is_secure)
    return [(one.level.value, one.text) for one in found]


def apple(kind: SigningKind = SigningKind.AD_HOC, **profile: Any) -> BuildInfo:
    return replace(IPA, signing=Signing(kind=kind, profile=ProvisioningProfile(**profile)))


def android(**signing: Any) -> BuildInfo:
    return replace(APK, signing=Signing(**signing))


@pytest.mark.parametrize(
    ("info", "agent", "level", "words"),
    [
        (IPA, IPHONE, "ok", "Made for this iPhone (iOS 17.1.2)"),
        (APK, PIXEL, "ok", "Made for this Android device (Android 14)"),
        (replace(IPA, min_os="17.2"), IPHONE, "stop", "needs iOS 17.2 or later; this iPhone has iOS 17.1.2"),
        (replace(APK, min_os="35"), PIXEL, "stop", "needs Android 15 or later; this Android device has Android 14"),
        (replace(IPA, device_families=("ipad",)), IPHONE, "stop", "not made for the iPhone"),
        (apple(expires=START), IPHONE, "stop", "ended on 1 March 2026"),
        (apple(expires=START + timedelta(days=14)), IPHONE, "warning", "until 15 March 2026"),
        (apple(SigningKind.APP_STORE), IPHONE, "stop", "App Store"),
        (apple(SigningKind.UNSIGNED), IPHONE, "stop", "not signed"),
        (apple(devices=("a", "b"), name="QA"), IPHONE, "note", "only on the 2 devices in the provisioning profile “QA”"),
        (apple(SigningKind.ENTERPRISE, all_devices=True), IPHONE, "note", "trust its maker"),
        (IPA, IPHONE + " Instagram", "warning", "Open this page in Safari"),
        (replace(IPA, format=Format.MAC_APP_ZIP), IPHONE, "stop", "simulators"),
        (android(kind=SigningKind.UNSIGNED), PIXEL, "stop", "not signed"),
        (android(kind=SigningKind.INVALID), PIXEL, "stop", "does not fit"),
        (android(kind=SigningKind.RELEASE, schemes=("v1",)), PIXEL, "stop", "v1 alone"),
        (android(kind=SigningKind.DEBUG, schemes=("v1", "v2")), PIXEL, "note", "debug key"),
        (replace(APK, signing=Signing(), architectures=("x86_64",)), PIXEL, "warning", "x86_64 only"),
        (BuildInfo(format=Format.EXE, os=Os.WINDOWS, signing=Signing(kind=SigningKind.UNSIGNED)), WINDOWS, "warning", "warn"),
    ],
)  # fmt: skip
def test_what_is_said(info: BuildInfo, agent: str, level: str, words: str) -> None:
    found = [text for said_level, text in said(info, agent) if said_level == level]
    assert [text for text in found if words in text], said(info, agent)


def test_what_stops_it_is_said_first_and_nothing_is_good_beside_it() -> None:
    found = said(apple(expires=START, devices=("a",)), IPHONE)
    assert [level for level, _ in found] == ["stop", "note"]


def test_old_targets_may_be_signed_by_v1_and_devices_may_be_enough() -> None:
    old = replace(android(kind=SigningKind.RELEASE, schemes=("v1",)), target_os="29")
    assert [level for level, _ in said(old, PIXEL)] == ["ok"]
    assert [level for level, _ in said(replace(IPA, min_os="12.5.0"), IPAD)] == ["ok"]
    assert said(IPA, WINDOWS) == []


def test_apple_devices_install_over_https_only() -> None:
    assert said(IPA, IPHONE, is_secure=False)[0][0] == "stop"
    assert [level for level, _ in said(APK, PIXEL, is_secure=False)] == ["ok"]


def test_a_bundle_without_an_apk_installs_nowhere() -> None:
    bundle = replace(built(replace(APK, format=Format.AAB)), files=())
    assert verdicts(bundle, browser_of(PIXEL), START, is_secure=True)[0].level == "stop"


def test_requirements_in_the_words_of_people() -> None:
    assert requirement(IPA) == "iOS 15.0 or later"
    assert requirement(APK) == "Android 7.0 or later"
    assert requirement(replace(APK, min_os="99")) == "Android with API level 99 or later"
    assert requirement(None) == requirement(BuildInfo(format=Format.ZIP)) == ""
