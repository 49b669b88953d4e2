"""An IPA with an executable as large as those of the largest apps, made here."""

import os
import plistlib
import struct
import zipfile
from pathlib import Path

from tests.parsers import macho_files

EXECUTABLE = 165_000_000
_PIECE = 1 << 20


def large_ipa(folder: Path) -> Path:
    """Write an app whose signature stands behind 165 MB of code; the packed archive has hardly less than that."""
    signature = macho_files.super_blob(
        {
            0: macho_files.code_directory("org.seatrial.bench", "ABCDE12345"),
            5: macho_files.xml_entitlements({"aps-environment": "production", "get-task-allow": False}),
        }
    )
    head = macho_files.thin(macho_files.ARM64, struct.pack("<4L", 0x1D, 16, EXECUTABLE, len(signature)))
    info = {
        "CFBundleIdentifier": "org.seatrial.bench",
        "CFBundleExecutable": "Bench",
        "CFBundleShortVersionString": "1.0",
        "CFBundleVersion": "1",
        "DTPlatformName": "iphoneos",
    }
    place = folder / "large.ipa"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("Payload/Bench.app/Info.plist", plistlib.dumps(info, fmt=plistlib.FMT_BINARY))
        with archive.open("Payload/Bench.app/Bench", "w") as executable:
            executable.write(head)
            left = EXECUTABLE - len(head)
            while left:
                noise = os.urandom(min(left, _PIECE))  # as the prototype was measured: what is packed unpacks slower
                left -= executable.write(noise)
            executable.write(signature)
    return place
