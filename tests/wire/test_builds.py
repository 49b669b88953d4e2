from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from seatrial.domain.build import Build, BuildStatus, FileType, Page
from seatrial.domain.buildinfo import BuildInfo, Format, Os, ProvisioningProfile, Signing
from seatrial.wire.builds import build_json
from seatrial.wire.envelope import encode, ok
from seatrial.wire.pages import page_json
from tests.wire.sample_builds import ANDROID, IOS, LINKS, PKG, a_file, failed, pending, processed
from tests.wire.shapes import golden, kind, printed_samples, shape

KINDS: dict[str, Build] = {
    "ios": processed(IOS),
    "android": processed(ANDROID),
    "pkg": processed(PKG),
    "failed": failed(),
    "pending": pending(),
}


def expected(paths: dict[str, str], ours: dict[str, str], build: Build) -> dict[str, str]:
    """Leave out what this build cannot have: items of an array that is empty, and a failure's words without one."""
    empty = {path for path, name in ours.items() if name == "array" and f"{path}[]" not in ours}
    absent = set() if build.status is BuildStatus.ERROR else {".error", ".errorCode"}
    return {
        path: name
        for path, name in paths.items()
        if not any(path.startswith(f"{array}[]") for array in empty) and not any(path.endswith(end) for end in absent)
    }


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("document", ["upload", "attach", "update"])
def test_every_key_path_that_the_document_prints_is_there_with_its_type(document: str, name: str) -> None:
    build = KINDS[name]
    ours = shape(ok(build_json(build, LINKS)))
    assert expected(golden(document), ours, build).items() <= ours.items()


@pytest.mark.parametrize("name", KINDS)
def test_every_key_path_of_the_printed_list_is_there_with_its_type(name: str) -> None:
    build = KINDS[name]
    page = Page([build], total=1, page=1, limit=100)
    ours = shape(ok(page_json(page, [build_json(build, LINKS)])))
    assert expected(golden("list"), ours, build).items() <= ours.items()


def test_every_key_path_of_a_printed_files_entry_is_there_with_its_type() -> None:
    assert golden("files_entry").items() <= shape(build_json(processed(IOS), LINKS)).items()


@pytest.mark.parametrize(
    ("name", "number", "index"),
    [
        ("attach", "000", 0),
        ("upload", "001", 0),
        ("failure", "001", 1),
        ("files_entry", "002", 0),
        ("download_token", "002", 1),
        ("list", "003", 0),
        ("update", "004", 0),
    ],
)
def test_the_golden_shape_is_that_of_the_document(name: str, number: str, index: int) -> None:
    assert shape(printed_samples(number)[index]) == golden(name)


def test_decision_21_all_keys_in_their_order_and_error_only_on_failure() -> None:
    keys = [
        "id",
        "status",
        "tags",
        "versionName",
        "application",
        "applicationInfo",
        "changelog",
        "info",
        "size",
        "processTime",
        "queuedTime",
        "versionCode",
        "os",
        "buildPlatform",
        "deployer",
        "uploadedBy",
        "originalExtension",
        "storageProvider",
        "files",
        "hasEmmJson",
        "iconFile",
        "processLogs",
        "metadata",
        "externalFileUrl",
        "defaultScripts",
        "disabled",
        "updatedAt",
        "createdAt",
    ]
    assert list(build_json(pending(), LINKS)) == keys
    assert list(build_json(processed(IOS), LINKS)) == keys
    shown = build_json(failed(), LINKS)
    assert (shown["errorCode"], shown["error"]) == ("CORRUPT_ARCHIVE", "The archive ends early; upload the file again.")
    assert set(shown) == {*keys, "error", "errorCode"}


def test_decision_21_no_null_anywhere_even_when_the_file_says_nothing() -> None:
    for os in (*Os, None):
        silent = replace(processed(BuildInfo(format=Format.OPAQUE, os=os)), files=())
        assert "null" not in shape(build_json(silent, LINKS)).values()


EMPTY_BLOCKS = {
    "android": {
        "targetSdkVersion": "",
        "minSDKVersion": "",
        "packageName": "",
        "platformBuildVersionName": "",
        "platformBuildVersionCode": "",
        "versionName": "",
        "versionCode": "",
        "icon": "",
    },
    "ios": {
        "plist": {
            "CFBundleDisplayName": "",
            "CFBundleSupportedPlatforms": [],
            "MinimumOSVersion": "",
            "CFBundleIdentifier": "",
            "CFBundleShortVersionString": "",
            "CFBundleVersion": "",
            "CFBundleName": "",
            "CFBundleIcons": [],
            "UIDeviceFamily": [],
        },
        "mobileprovision": {
            "ExpirationDate": "",
            "TeamIdentifier": "",
            "ProvisionsAllDevices": False,
            "TeamName": "",
            "ProvisionedDevices": "",
            "signingType": "",
        },
    },
    "pkg": {
        "CFBundleDisplayName": "",
        "CFBundleIdentifier": "",
        "CFBundleShortVersionString": "",
        "CFBundleVersion": "",
        "CFBundleName": "",
    },
}


def info(found: BuildInfo) -> object:
    return build_json(replace(processed(found), files=()), LINKS)["info"]


@pytest.mark.parametrize("os", [*Os, None])
def test_decision_21_every_block_of_a_silent_file_holds_all_keys_as_empty_values(os: Os | None) -> None:
    assert info(BuildInfo(format=Format.OPAQUE, os=os)) == {"icon": ""} | EMPTY_BLOCKS


def test_decision_21_a_pending_build_has_every_block_empty() -> None:
    assert build_json(pending(), LINKS)["info"] == {"icon": ""} | EMPTY_BLOCKS


@pytest.mark.parametrize(
    ("os", "own"),
    [
        (Os.IOS, "ios"),
        (Os.TVOS, "ios"),
        (Os.VISIONOS, "ios"),
        (Os.ANDROID, "android"),
        (Os.MACOS, "pkg"),
        (Os.WINDOWS, None),
        (Os.LINUX, None),
        (Os.HARMONYOS, None),
        (None, None),
    ],
)
def test_only_the_block_of_the_builds_own_platform_is_filled(os: Os | None, own: str | None) -> None:
    shown = info(BuildInfo(format=Format.OPAQUE, os=os, identifier="a.b", version_name="1"))
    assert isinstance(shown, dict)
    assert {name for name, empty in EMPTY_BLOCKS.items() if shown[name] != empty} == ({own} if own else set())


def test_decision_22_lists_are_joined_and_device_families_are_strings() -> None:
    shown = build_json(processed(IOS), LINKS)["info"]
    assert isinstance(shown, dict)
    ios = shown["ios"]
    assert ios["plist"]["UIDeviceFamily"] == ["1", "2"]
    assert ios["mobileprovision"] == {
        "ExpirationDate": "2025-08-24T14:15:22.000Z",
        "TeamIdentifier": "A1B2C3D4E5,F6G7H8I9J0",
        "ProvisionsAllDevices": False,
        "TeamName": "Example GmbH",
        "ProvisionedDevices": "00008030-000A,00008030-000B",
        "signingType": "ad-hoc",
    }


def test_decision_22_scalars_of_a_property_list_become_strings() -> None:
    found = BuildInfo(
        format=Format.IPA,
        os=Os.IOS,
        signing=Signing(profile=ProvisioningProfile(all_devices=True)),
        plist={
            "MinimumOSVersion": 9.0,
            "CFBundleVersion": 7,
            "CFBundleName": True,
            "UIDeviceFamily": 1,
            "CFBundleIcons": {},
        },
    )
    shown = info(found)
    assert isinstance(shown, dict)
    plist = shown["ios"]["plist"]
    assert (plist["MinimumOSVersion"], plist["CFBundleVersion"], plist["CFBundleName"]) == ("9.0", "7", "true")
    assert (plist["UIDeviceFamily"], plist["CFBundleIcons"]) == (["1"], [])
    assert shown["ios"]["mobileprovision"]["ProvisionsAllDevices"] is True


def test_generic_findings_fill_what_the_raw_block_does_not_say() -> None:
    shown = info(BuildInfo(format=Format.AAB, os=Os.ANDROID, identifier="a.b", version_name="1", version_code="2"))
    assert isinstance(shown, dict)
    assert [shown["android"][key] for key in ("packageName", "versionName", "versionCode")] == ["a.b", "1", "2"]
    shown = info(BuildInfo(format=Format.DMG, os=Os.MACOS, identifier="a.b", display_name="D", version_name="1"))
    assert isinstance(shown, dict)
    assert shown["pkg"] == {
        "CFBundleDisplayName": "D",
        "CFBundleIdentifier": "a.b",
        "CFBundleShortVersionString": "1",
        "CFBundleVersion": "",
        "CFBundleName": "",
    }


def test_decision_23_version_code_is_a_string_and_size_a_number() -> None:
    shown = build_json(processed(ANDROID), LINKS)
    assert (shown["versionCode"], shown["size"]) == ("173", 1024)


def test_decision_33_version_name_is_shown_as_it_is_kept() -> None:
    assert build_json(replace(pending(), version_name=""), LINKS)["versionName"] == ""


def test_decision_34_file_object_is_whole_and_its_location_is_ours() -> None:
    entry = build_json(replace(pending(), files=(a_file(FileType.ATTACHMENT, "a b/ü?.zip"),)), LINKS)["files"]
    assert isinstance(entry, list)
    assert entry[0]["file"] == {
        "originalName": "a b/ü?.zip",
        "mimetype": "application/octet-stream",
        "size": 538300,
        "bucket": "local",
        "key": "builds/552ae3cfcb5abfc58d733b81/original",
        "location": "https://api.example.com/v1/files/2SWkDbddHBNUaVImZINcZzVN/a%20b%2F%C3%BC%3F.zip",
        "region": "local",
        "storageProviderId": "local",
        "checksum": "b" * 64,
        "updatedAt": "2024-11-11T11:27:35.446Z",
        "createdAt": "2024-11-11T11:27:35.446Z",
    }
    assert {key: entry[0][key] for key in ("id", "type", "description")} == {
        "id": "2SWkDbddHBNUaVImZINcZzVN",
        "type": "attachment",
        "description": "Automated test report",
    }


def test_submitted_icon_is_never_shown() -> None:
    build = replace(pending(), files=(a_file(FileType.ORIGINAL), a_file(FileType.SUBMITTED_ICON)))
    files = build_json(build, LINKS)["files"]
    assert isinstance(files, list)
    assert [entry["type"] for entry in files] == ["original"]


def test_icon_is_shown_as_its_file_and_in_info() -> None:
    shown = build_json(processed(ANDROID), LINKS)
    location = "https://api.example.com/v1/files/3SWkDbddHBNUaVImZINcZzVN/icon.png"
    assert isinstance(shown["iconFile"], dict)
    assert isinstance(shown["info"], dict)
    assert (shown["iconFile"]["location"], shown["info"]["icon"]) == (location, location)
    assert build_json(pending(), LINKS)["iconFile"] == {}


def test_decision_41_uploader_is_shown_with_all_keys() -> None:
    assert build_json(pending(), LINKS)["uploadedBy"] == {
        "id": "552ae3cfcb5abfc58d733b03",
        "email": "someone@example.com",
        "firstName": "",
        "lastName": "",
        "picture": "",
    }


def test_decision_42_durations_are_milliseconds_and_the_extension_has_no_dot() -> None:
    shown = build_json(replace(processed(IOS), queued_ms=12, process_ms=345), LINKS)
    assert (shown["queuedTime"], shown["processTime"], shown["originalExtension"]) == (12, 345, "ipa")


def test_decision_43_has_emm_json_follows_the_managed_configuration() -> None:
    assert build_json(processed(ANDROID), LINKS)["hasEmmJson"] is True
    assert build_json(processed(IOS), LINKS)["hasEmmJson"] is False
    assert build_json(pending(), LINKS)["hasEmmJson"] is False


def test_decision_53_a_warning_of_processing_is_in_the_process_logs() -> None:
    shown = build_json(replace(processed(PKG), warnings=("No version found.",)), LINKS)
    assert shown["processLogs"] == [{"level": "warning", "message": "No version found."}]


def test_deployer_has_all_nine_keys_as_strings() -> None:
    assert build_json(pending(), LINKS)["deployer"] == {
        "name": "GitHub Actions",
        "info": {
            "commitMessage": "",
            "commit": "f52ace0",
            "branch": "",
            "tag": "",
            "triggerTimestamp": "1558359012580",
            "buildUrl": "",
            "ciUrl": "",
            "repositoryUrl": "",
            "buildNumber": "",
        },
    }


def test_a_secret_that_slipped_into_the_deployer_is_not_shown() -> None:
    build = pending()
    build.deployer.info["certificatePassphrase"] = "hunter2"
    assert b"hunter2" not in encode(build_json(build, LINKS))


def test_default_scripts_are_shown_by_name() -> None:
    shown = build_json(replace(pending(), default_scripts={"audit": "true"}), LINKS)
    assert shown["defaultScripts"] == {
        "preInstall": "",
        "postInstall": "",
        "audit": "true",
        "enforce": "",
        "runner": "",
    }


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 11, 11, 11, 27, 35, 446999, tzinfo=UTC), "2024-11-11T11:27:35.446Z"),
        (datetime(2024, 11, 11, 13, 0, tzinfo=timezone(timedelta(hours=2))), "2024-11-11T11:00:00.000Z"),
        (datetime(2024, 11, 11, 11, 0), "2024-11-11T11:00:00.000Z"),  # noqa: DTZ001  # a database may give back no zone
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_timestamps_are_utc_with_milliseconds(moment: datetime, text: str) -> None:
    shown = build_json(replace(pending(), created_at=moment), LINKS)
    assert shown["createdAt"] == text


def test_answer_is_json_that_any_client_reads() -> None:
    assert kind(build_json(processed(IOS), LINKS)) == "object"
    assert encode(ok(build_json(processed(IOS), LINKS))).startswith(
        b'{"status":true,"data":{"id":"552ae3cfcb5abfc58d733b81"'
    )
