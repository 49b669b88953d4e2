"""Values for examples: the source documents' own, wherever they print one that means something."""

from typing import Final

from seatrial.web.openapi.notation import Json

BUILD_ID: Final = "552ae3cfcb5abfc58d733b81"
ATTACHMENT_ID: Final = "2SWkDbddHBNUaVImZINcZzVN"
MOMENT: Final = "2024-11-11T11:27:35.446Z"
DOWNLOAD_TOKEN: Final = "std_8iRQ4mVXsQ0ePpDOH0cW5l9l"  # noqa: S105  # an example, good for nothing

APP_ID: Final = "5c9a1f0e8d3b2a7f4e6d1c0b"
ORGANIZATION_ID: Final = "5c9a1f0e8d3b2a7f4e6d1c0a"
_ORIGINAL_ID = "7hQz0aXk3RmWc9TnVb5YpJ2L"
_CHECKSUM = "b531c0eb" + 7 * "0a4f9c27"

PERSON: Final[Json] = {
    "id": "5b7e4d2c1a0f9e8d7c6b5a43",
    "email": "ci@example.com",
    "firstName": "Ada",
    "lastName": "Marsh",
    "picture": "",
}
STORAGE: Final[Json] = {"id": "local", "name": "local", "region": "local"}

_BUNDLE = {
    "CFBundleDisplayName": "",
    "CFBundleIdentifier": "",
    "CFBundleShortVersionString": "",
    "CFBundleVersion": "",
    "CFBundleName": "",
}
_DEPLOYER = {
    "name": "GitHub Actions",
    "info": {
        "commitMessage": "Fix crash on login",
        "commit": "f52ace0",
        "branch": "release/2.4",
        "tag": "v2.4.0-rc1",
        "triggerTimestamp": "1558359012580",
        "buildUrl": "https://github.com/myorg/myapp/actions/runs/123",
        "ciUrl": "https://github.com/myorg/myapp/actions",
        "repositoryUrl": "https://github.com/myorg/myapp",
        "buildNumber": "173",
    },
}


def file(name: str, mimetype: str, size: int, file_id: str) -> Json:
    """Give a file object."""
    return {
        "originalName": name,
        "mimetype": mimetype,
        "size": size,
        "bucket": "local",
        "key": f"{APP_ID}/{BUILD_ID}/{file_id}",
        "location": f"https://builds.example.com/v1/files/{file_id}/{name}",
        "region": "local",
        "storageProviderId": "local",
        "checksum": _CHECKSUM,
        "updatedAt": MOMENT,
        "createdAt": MOMENT,
    }


def entry(kind: str, name: str, mimetype: str, size: int, file_id: str, description: str = "") -> Json:
    """Give an entry of a build's files."""
    return {
        "id": file_id,
        "type": kind,
        "description": description,
        "file": file(name, mimetype, size, file_id),
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }


def pending_build() -> Json:
    """Give a build as the upload of the source documents' example is answered."""
    return {
        "id": BUILD_ID,
        "status": "pending",
        "tags": ["staging", "sprint-42"],
        "versionName": "v2.4.0-rc1",
        "application": APP_ID,
        "applicationInfo": {"id": APP_ID, "name": "Tide Tables", "slug": "tide-tables", "picture": ""},
        "changelog": "Fixed crash on login screen",
        "info": _info({}, {}, ""),
        "size": 48_234_496,
        "processTime": 0,
        "queuedTime": 0,
        "versionCode": "",
        "os": "ios",
        "buildPlatform": "",
        "deployer": _DEPLOYER,
        "uploadedBy": PERSON,
        "originalExtension": "ipa",
        "storageProvider": STORAGE,
        "files": [entry("original", "app.ipa", "application/octet-stream", 48_234_496, _ORIGINAL_ID)],
        "hasEmmJson": False,
        "iconFile": {},
        "processLogs": [],
        "metadata": {},
        "externalFileUrl": "",
        "defaultScripts": {"preInstall": "", "postInstall": "", "audit": "", "enforce": "", "runner": ""},
        "disabled": False,
        "updatedAt": MOMENT,
        "createdAt": MOMENT,
    }


def processed_build() -> Json:
    """Give the same build after processing."""
    plist = {
        "CFBundleDisplayName": "Tide Tables",
        "CFBundleSupportedPlatforms": ["iPhoneOS"],
        "MinimumOSVersion": "15.0",
        "CFBundleIdentifier": "com.example.tidetables",
        "CFBundleShortVersionString": "2.4.0",
        "CFBundleVersion": "173",
        "CFBundleName": "TideTables",
        "CFBundleIcons": ["AppIcon60x60"],
        "UIDeviceFamily": ["1", "2"],
    }
    profile = {
        "ExpirationDate": "2025-08-24T14:15:22.000Z",
        "TeamIdentifier": "A1B2C3D4E5",
        "ProvisionsAllDevices": False,
        "TeamName": "Harbour Mobile",
        "ProvisionedDevices": "00008030-001A2B3C4D5E6F78,00008110-000E1D2C3B4A5968",
        "signingType": "ad-hoc",
    }
    icon = entry("icon", "icon.png", "image/png", 14_210, "1kPq8sVbYt3GhZ6uXc0WnR4D")
    return pending_build() | {
        "status": "processed",
        "info": _info(plist, profile, icon["file"]["location"]),
        "processTime": 840,
        "queuedTime": 12,
        "versionCode": "173",
        "buildPlatform": "ios",
        "files": [entry("original", "app.ipa", "application/octet-stream", 48_234_496, _ORIGINAL_ID), icon],
        "iconFile": icon["file"],
    }


def failed_build() -> Json:
    """Give the same build where its file could not be understood."""
    return pending_build() | {
        "status": "error",
        "error": "The file is not a whole archive: its end is missing. Upload it again.",
        "errorCode": "CORRUPT_ARCHIVE",
    }


def build_with_attachment() -> Json:
    """Give the same build with the file of the source documents beside it."""
    build = processed_build()
    attached = entry("attachment", "screenshot.png", "image/png", 538_300, ATTACHMENT_ID, "Automated test report")
    return build | {"files": [*build["files"], attached | {"details": {}}]}


def updated_build() -> Json:
    """Give the same build after the source documents' update."""
    return processed_build() | {
        "versionName": "v2.5.0-rc2",
        "tags": ["staging", "sprint-43"],
        "changelog": "Fixed crash on settings screen",
        "metadata": {"environment": "staging", "team": "mobile"},
    }


def page(*items: Json) -> Json:
    """Give the only page of a list."""
    return {
        "items": list(items),
        "totalDocs": len(items),
        "limit": 20,
        "hasPrevPage": False,
        "hasNextPage": False,
        "page": 1,
        "totalPages": 1,
        "pagingCounter": 1,
        "prevPage": None,
        "nextPage": None,
    }


def _info(plist: Json, profile: Json, icon: str) -> Json:
    android = (
        "targetSdkVersion",
        "minSDKVersion",
        "packageName",
        "platformBuildVersionName",
        "platformBuildVersionCode",
        "versionName",
        "versionCode",
        "icon",
    )
    no_plist = _BUNDLE | {
        "CFBundleSupportedPlatforms": [],
        "MinimumOSVersion": "",
        "CFBundleIcons": [],
        "UIDeviceFamily": [],
    }
    no_profile = {
        "ExpirationDate": "",
        "TeamIdentifier": "",
        "ProvisionsAllDevices": False,
        "TeamName": "",
        "ProvisionedDevices": "",
        "signingType": "",
    }
    return {
        "icon": icon,
        "android": dict.fromkeys(android, ""),
        "ios": {"plist": no_plist | plist, "mobileprovision": no_profile | profile},
        "pkg": _BUNDLE,
    }
