"""Builds of every kind, as processing leaves them."""

from dataclasses import replace
from datetime import UTC, datetime

from seatrial.domain.access import Person
from seatrial.domain.build import ApplicationInfo, Build, BuildFile, BuildStatus, Deployer, FileType, StorageProvider
from seatrial.domain.buildinfo import BuildInfo, Format, Os, ProvisioningProfile, Signing, SigningKind
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId
from seatrial.wire.links import Links

LINKS = Links(
    api="https://api.example.com",
    upload="https://upload.example.com",
    download="https://download-api.example.com",
    sdk="https://sdk-api.example.com",
)
UPLOADED = datetime(2024, 11, 11, 11, 27, 35, 446000, tzinfo=UTC)
PROCESSED = datetime(2024, 11, 11, 11, 27, 36, tzinfo=UTC)


def a_file(file_type: FileType, name: str = "app.ipa", file_id: str = "2SWkDbddHBNUaVImZINcZzVN") -> BuildFile:
    return BuildFile(
        id=FileId(file_id),
        build_id=BuildId("552ae3cfcb5abfc58d733b81"),
        type=file_type,
        description="Automated test report",
        original_name=name,
        mimetype="application/octet-stream",
        size=538300,
        bucket="local",
        key="builds/552ae3cfcb5abfc58d733b81/original",
        region="local",
        storage_provider_id="local",
        checksum="b" * 64,
        created_at=UPLOADED,
        updated_at=UPLOADED,
    )


IOS = BuildInfo(
    format=Format.IPA,
    os=Os.IOS,
    identifier="com.example.app",
    display_name="Example",
    version_name="2.4.0",
    version_code="173",
    signing=Signing(
        kind=SigningKind.AD_HOC,
        profile=ProvisioningProfile(
            team_identifiers=("A1B2C3D4E5", "F6G7H8I9J0"),
            team_name="Example GmbH",
            expires=datetime(2025, 8, 24, 14, 15, 22, tzinfo=UTC),
            devices=("00008030-000A", "00008030-000B"),
        ),
    ),
    plist={
        "CFBundleDisplayName": "Example",
        "CFBundleSupportedPlatforms": ["iPhoneOS"],
        "MinimumOSVersion": "15.0",
        "CFBundleIdentifier": "com.example.app",
        "CFBundleShortVersionString": "2.4.0",
        "CFBundleVersion": "173",
        "CFBundleName": "example",
        "CFBundleIcons": ["AppIcon60x60"],
        "UIDeviceFamily": [1, 2],
    },
)
ANDROID = BuildInfo(
    format=Format.APK,
    os=Os.ANDROID,
    identifier="com.example.app",
    version_name="2.4.0",
    version_code="173",
    managed_configuration=True,
    android={
        "targetSdkVersion": "34",
        "minSDKVersion": "21",
        "packageName": "com.example.app",
        "platformBuildVersionName": "14",
        "platformBuildVersionCode": "34",
        "versionName": "2.4.0",
        "versionCode": "173",
        "icon": "res/mipmap-xxhdpi/ic_launcher.png",
    },
)
PKG = BuildInfo(
    format=Format.PKG,
    os=Os.MACOS,
    identifier="com.example.mac",
    plist={
        "CFBundleDisplayName": "Example",
        "CFBundleIdentifier": "com.example.mac",
        "CFBundleShortVersionString": "2.4.0",
        "CFBundleVersion": "173",
        "CFBundleName": "example",
    },
)


def pending() -> Build:
    return Build(
        id=BuildId("552ae3cfcb5abfc58d733b81"),
        organization_id=OrganizationId("552ae3cfcb5abfc58d733b01"),
        application=ApplicationInfo(id=AppId("552ae3cfcb5abfc58d733b02"), name="Example", slug="example"),
        status=BuildStatus.PENDING,
        version_name="v2.4.0-rc1",
        version_code="",
        tags=("staging", "sprint-42"),
        changelog="Fixed crash on login screen",
        info=None,
        size=1024,
        os="ios",
        build_platform="",
        queued_ms=0,
        process_ms=0,
        error="",
        error_code="",
        warnings=(),
        deployer=Deployer(name="GitHub Actions", info={"commit": "f52ace0", "triggerTimestamp": "1558359012580"}),
        uploaded_by=Person(id="552ae3cfcb5abfc58d733b03", email="someone@example.com"),
        original_extension="ipa",
        storage_provider=StorageProvider(id="local", name="Local disk", region="local", bucket="local"),
        files=(a_file(FileType.ORIGINAL),),
        metadata={"environment": "staging"},
        default_scripts={},
        disabled=False,
        created_at=UPLOADED,
        updated_at=UPLOADED,
    )


def processed(info: BuildInfo) -> Build:
    files = (
        a_file(FileType.ORIGINAL),
        a_file(FileType.PACKAGE),
        a_file(FileType.ICON, "icon.png", "3SWkDbddHBNUaVImZINcZzVN"),
        a_file(FileType.ATTACHMENT, "test report.zip", "4SWkDbddHBNUaVImZINcZzVN"),
    )
    return replace(
        pending(),
        status=BuildStatus.PROCESSED,
        info=info,
        os=info.os.value if info.os else "",
        version_code="173",
        files=files,
        updated_at=PROCESSED,
    )


def failed() -> Build:
    return replace(
        pending(),
        status=BuildStatus.ERROR,
        error="The archive ends early; upload the file again.",
        error_code="CORRUPT_ARCHIVE",
    )
