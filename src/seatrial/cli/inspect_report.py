"""What `seatrial inspect` says: one set of keys for programs, one table for people."""

import struct

import msgspec

from seatrial.domain.buildinfo import BuildInfo, Format, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.wire.timestamps import timestamp

Record = dict[str, object]

_NOBODY_KNOWS = BuildInfo(format=Format.OPAQUE)
_LISTED = 12
"""Items of a long list that people are shown; programs get all of them."""


def as_record(file: str, info: BuildInfo | None, problem: BuildFileInvalid | None) -> Record:
    """Describe a file for programs: always the same keys, `null` or empty where the file does not say."""
    said = info or _NOBODY_KNOWS
    return {
        "file": file,
        "format": said.format.value if info else None,
        "os": said.os.value if said.os else None,
        "identifier": said.identifier,
        "displayName": said.display_name,
        "localizedNames": said.localized_names,
        "versionName": said.version_name,
        "versionCode": said.version_code,
        "minOs": said.min_os,
        "targetOs": said.target_os,
        "architectures": said.architectures,
        "deviceFamilies": said.device_families,
        "signing": _signing(said.signing) if said.signing else None,
        "icon": _icon(said),
        "permissions": said.permissions,
        "entitlements": said.entitlements,
        "capabilities": said.capabilities,
        "urlSchemes": said.url_schemes,
        "embedded": [_embedded(one) for one in msgspec.to_builtins(said.embedded)],
        "frameworks": said.frameworks,
        "nativeLibraries": said.native_libraries,
        "sizes": said.sizes,
        "sdks": said.sdks,
        "debuggable": said.debuggable,
        "warnings": said.warnings,
        "error": {"code": problem.code.value, "message": problem.sentence} if problem else None,
    }


def as_facts(file: str, info: BuildInfo) -> Record:
    """Describe a file for people."""
    facts: Record = {
        "File": file,
        "Format": info.format.value,
        "System": info.os.value if info.os else None,
        "Identifier": info.identifier,
        "Name": info.display_name,
        "Other names": _some([f"{name} ({language})" for language, name in info.localized_names.items()]),
        "Version": f"{info.version_name or '-'} ({info.version_code or '-'})",
        "Needs": info.min_os,
        "Made for": info.target_os,
        "Devices": ", ".join(info.device_families),
        "Processors": ", ".join(info.architectures),
        "Icon": f"from {info.icon_source}" if info.icon_png and info.icon_source else "yes" if info.icon_png else "no",
        "Signing": _signing_text(info.signing),
        "Permissions": _some(info.permissions),
        "Capabilities": _some(info.capabilities),
        "Entitlements": _some(list(info.entitlements)),
        "Opens": _some([f"{scheme}:" for scheme in info.url_schemes]),
        "Also holds": _some([f"{one.kind.value} {one.identifier or one.path}" for one in info.embedded]),
        "Frameworks": _some(info.frameworks),
        "Native code": _some(info.native_libraries),
        "Made with": _some([f"{name} {version}" for name, version in info.sdks.items()]),
        "Sizes": _some([f"{what} {_size(size)}" for what, size in info.sizes.items() if size]),
    }
    if info.signing and info.signing.profile:
        profile = info.signing.profile
        facts["Profile"] = f"{profile.name or '-'}, team {profile.team_name or '-'}, expires {profile.expires or '-'}"
        if profile.devices is not None:
            facts["Registered devices"] = len(profile.devices)
    for number, warning in enumerate(info.warnings, start=1):
        facts[f"Warning {number}"] = warning
    return {name: value for name, value in facts.items() if value not in {None, ""}}


def _signing(signing: Signing) -> Record:
    profile = signing.profile
    ends = [one.not_after for one in signing.certificates if one.not_after]
    expires = profile.expires if profile else min(ends, default=None)
    team = signing.team or (profile.team_identifiers[0] if profile and profile.team_identifiers else None)
    return {
        "class": signing.kind.value if signing.kind else None,
        "schemes": signing.schemes,
        "verified": signing.verified,
        "fingerprints": [one.sha256 for one in signing.certificates],
        "certificates": [_certificate(one) for one in msgspec.to_builtins(signing.certificates)],
        "lineage": [one.sha256 for one in signing.lineage],
        "team": team,
        "expires": timestamp(expires) if expires else None,
        "devices": profile.devices if profile else None,
        "profile": profile.name if profile else None,
    }


def _certificate(said: Record) -> Record:
    return {_camel(name): said[name] for name in ("subject", "issuer", "serial", "sha1", "sha256")} | {
        "notBefore": said["not_before"],
        "notAfter": said["not_after"],
    }


def _embedded(said: Record) -> Record:
    return {_camel(name): value for name, value in said.items()}


def _icon(info: BuildInfo) -> Record | None:
    if info.icon_png is None:
        return None
    width, height = struct.unpack_from(">II", info.icon_png, 16)  # PNG, 11.2.2: IHDR is the first chunk
    return {"width": width, "height": height, "source": info.icon_source}


def _camel(word: str) -> str:
    head, *tail = word.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _some(items: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(items[:_LISTED]) + more


def _size(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size / 1024:.0f} KiB"


def _signing_text(signing: Signing | None) -> str | None:
    if signing is None:
        return None
    kind = signing.kind.value if signing.kind else "unknown"
    checked = "verified" if signing.verified and signing.kind is not SigningKind.INVALID else ""
    signers = "; ".join(f"{one.subject} (SHA-256 {one.sha256})" for one in signing.certificates)
    return " ".join(part for part in (kind, "/".join(signing.schemes), checked, signers) if part)
