"""Apple's over-the-air installation manifest (Apple Platform Deployment, "Distribute proprietary in-house apps")."""

import plistlib
import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What an XML 1.0 document must not hold, section 2.2; a bundle's own strings may hold anything."""


def ota_manifest(package_url: str, icon_url: str | None, identifier: str, version: str, title: str) -> bytes:
    """Write the property list that an Apple device installs an app from; the icon serves both sizes it asks for."""
    assets: list[dict[str, object]] = [{"kind": "software-package", "url": package_url}]
    if icon_url is not None:
        assets += [
            {"kind": kind, "needs-shine": False, "url": icon_url} for kind in ("display-image", "full-size-image")
        ]
    metadata = {
        "bundle-identifier": _xml(identifier),
        "bundle-version": _xml(version),
        "kind": "software",
        "title": _xml(title) or _xml(identifier),  # the device shows it, and refuses to install without one
    }
    return plistlib.dumps({"items": [{"assets": assets, "metadata": metadata}]}, sort_keys=False)


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
