"""What SDKs read, and how people set it up (contract 2.2 and 2.6)."""

import re
from collections.abc import Callable, Mapping

from seatrial.domain.app import App
from seatrial.domain.build import Unset
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.sdk import Offer, SdkChanges, SdkRules, SdkState, SdkStates, plain_offer
from seatrial.wire import bodies

MESSAGE_LIMIT = 1000
LARGEST_VERSION_CODE = 2**31 - 1
"""Android's SDK reads a 32-bit integer, and takes what does not fit for none."""

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}")
_CODE = re.compile(r"[0-9]{1,10}")
_SYSTEMS = {"ios": Os.IOS, "android": Os.ANDROID}


def sdk_changes(said: Mapping[str, object], prefix: str = "") -> dict[Os, SdkChanges]:
    """Read edits to the SDK's settings, by system; unknown and read-only keys are ignored.

    Raises InvalidRequest naming the key.
    """
    changes = {}
    for name, system in _SYSTEMS.items():
        one = said.get(name)
        if one is None:
            continue
        if not isinstance(one, dict):
            raise InvalidRequest({f"{prefix}{name}": "must be an object"})
        changes[system] = _changes(one, system, f"{prefix}{name}.")
    return changes


def sdk_settings(body: bytes) -> dict[Os, SdkChanges]:
    """Read a body of such edits.

    Raises InvalidRequest.
    """
    return sdk_changes(bodies.json_object(body))


def sdk_settings_json(states: SdkStates) -> dict[str, object]:
    """Show the SDK's settings of an app, and what is wrong with them."""
    shown: dict[str, object] = sdk_json(states)
    return shown | {"warnings": [warning for system in _SYSTEMS.values() for warning in _warnings(states[system])]}


def sdk_json(states: SdkStates) -> dict[str, object]:
    """Show the SDK's part of an app: both systems always, because the SDKs read theirs without looking (2.6)."""
    return {name: _state_json(states[system]) for name, system in _SYSTEMS.items()}


def configuration_json(
    app: App, platforms: tuple[str, ...], rules: Mapping[Os, SdkRules], offers: Mapping[Os, Offer]
) -> dict[str, object]:
    """Show an app to its SDK: no key that a typed client needs is ever missing or null."""
    systems = {system.value for system in Os}
    return {
        "id": app.id,
        "slug": app.slug,
        "name": app.name,
        "description": app.description,
        "oss": [platform for platform in platforms if platform in systems],
        "sdk": {name: _told(system, rules[system], offers[system]) for name, system in _SYSTEMS.items()},
    }


def _told(system: Os, rules: SdkRules, offer: Offer) -> dict[str, object]:
    messages = {"mustUpdateMsg": rules.must_update_message, "updateMsg": rules.update_message}
    return {
        "forceAuth": rules.force_auth,
        "forceUpdate": rules.force_update,
        "ota": rules.ota,
        "lastBuildId": offer.build_id,
        "lastBuildVersion": offer.version,
        "minVersion": rules.min_version,
    } | {name: text for name, text in messages.items() if text or system is Os.IOS}


def _state_json(state: SdkState) -> dict[str, object]:
    rules, seen, offer = state.rules, state.seen, plain_offer(state.last)
    return {
        "ota": rules.ota,
        "forceUpdate": rules.force_update,
        "minVersion": rules.min_version,
        "forceAuth": rules.force_auth,
        "mustUpdateMsg": rules.must_update_message,
        "updateMsg": rules.update_message,
        "detected": {
            "sdkVersion": seen.sdk_version if seen else "",
            "capabilities": list(seen.capabilities) if seen else [],
            "integrationValid": seen is not None and seen.package_known,
        },
        "lastBuildId": offer.build_id,
        "lastBuildVersion": offer.version,
    }


def _warnings(state: SdkState) -> list[str]:
    least, last, version = state.rules.min_version, state.last, state.short_of
    if last is None or not version:
        return []
    name = f"{last.os.value}.minVersion"
    return [f"{name} is {least}, and the last build {version}: who must update finds nothing to update to."]


def _changes(said: Mapping[str, object], system: Os, prefix: str) -> SdkChanges:
    message = bodies.text(MESSAGE_LIMIT)
    return SdkChanges(
        force_auth=bodies.optional(said, "forceAuth", bodies.boolean, prefix=prefix),
        force_update=bodies.optional(said, "forceUpdate", bodies.boolean, prefix=prefix),
        ota=bodies.optional(said, "ota", bodies.boolean, prefix=prefix),
        min_version=_min_version(said, system, prefix),
        must_update_message=bodies.optional(said, "mustUpdateMsg", message, prefix=prefix),
        update_message=bodies.optional(said, "updateMsg", message, prefix=prefix),
    )


def _min_version(said: Mapping[str, object], system: Os, prefix: str) -> str | Unset:
    read: Callable[[str, object], str] = _version_code if system is Os.ANDROID else _version
    return bodies.optional(said, "minVersion", read, prefix=prefix)


def _version_code(name: str, value: object) -> str:
    said = _number_or_line(name, value)
    if said and not (_CODE.fullmatch(said) and int(said) <= LARGEST_VERSION_CODE):
        rule = f"must be a versionCode, an integer from 0 to {LARGEST_VERSION_CODE}, or empty"
        raise InvalidRequest({name: rule})
    return str(int(said)) if said else ""


def _version(name: str, value: object) -> str:
    said = _number_or_line(name, value)
    if said and not _VERSION.fullmatch(said):
        raise InvalidRequest({name: "must be one to four numbers with dots between them, such as 1.4.2, or empty"})
    return said


def _number_or_line(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return bodies.line(bodies.NAME_LIMIT)(name, value)
