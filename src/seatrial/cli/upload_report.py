"""What an upload came to, for people; everything here was written by a server, and may be hostile to a terminal."""

from seatrial.cli.upload_errors import Json
from seatrial.domain.build import BuildStatus


def facts(build: Json) -> dict[str, object]:
    """Name what matters about a build; before it is processed that is little."""
    shown: dict[str, object] = {"Build": shown_text(build.get("id")), "Status": shown_text(build.get("status"))}
    if build.get("status") == BuildStatus.PROCESSED:
        info = _object(build, "info")
        profile = _object(info, "ios", "mobileprovision")
        shown |= {
            "System": shown_text(build.get("os")),
            "Identifier": shown_text(_identifier(info)),
            "Version": shown_text(f"{build.get('versionName') or '-'} ({build.get('versionCode') or '-'})"),
            "Icon": "yes" if info.get("icon") else "no",
        }
        if profile.get("signingType"):
            shown["Signing"] = shown_text(profile["signingType"])
    attached = [_object(entry, "file").get("originalName") for entry in _entries(build, "files", type="attachment")]
    if attached:
        shown["Attached"] = shown_text(", ".join(map(str, attached)))
    for number, entry in enumerate(_entries(build, "processLogs", level="warning"), start=1):
        shown[f"Warning {number}"] = shown_text(entry.get("message"))
    return shown


def failure(build: Json) -> str:
    """Say why processing ended in an error."""
    return f"Build {build.get('id')} ended in an error, {build.get('errorCode')}: {build.get('error')}"


def shown_text(value: object) -> str:
    """Make one harmless line of a value: nothing in it moves a cursor or colours a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in str(value or "")).split())


def _identifier(info: Json) -> object:
    return (
        _object(info, "android").get("packageName")
        or _object(info, "ios", "plist").get("CFBundleIdentifier")
        or _object(info, "pkg").get("CFBundleIdentifier")
    )


def _object(value: Json, *keys: str) -> Json:
    for key in keys:
        inner = value.get(key)
        value = inner if isinstance(inner, dict) else {}
    return value


def _entries(build: Json, key: str, **wanted: str) -> list[Json]:
    items = build.get(key)
    found = [item for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]
    return [item for item in found if all(item.get(name) == value for name, value in wanted.items())]
