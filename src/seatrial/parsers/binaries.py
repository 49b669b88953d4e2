"""What ties the binaries of a build to their symbols: read on demand, when symbols come to be compared."""

from collections.abc import Callable
from typing import BinaryIO

from seatrial.domain.buildinfo import Format
from seatrial.parsers import binaries_android, binaries_apple
from seatrial.parsers.identities import Identities

_READERS: dict[Format, Callable[[BinaryIO], Identities]] = {
    Format.IPA: binaries_apple.of_zip,
    Format.MAC_APP_ZIP: binaries_apple.of_zip,
    Format.DMG: binaries_apple.of_image,
    Format.PKG: binaries_apple.of_installer,
    Format.APK: binaries_android.of_package,
    Format.AAB: binaries_android.of_package,
    Format.APKS: binaries_android.of_set,
    Format.XAPK: binaries_android.of_set,
}


def identities(file: BinaryIO, found: Format) -> Identities | None:
    """Read the identities of a build; `None` for formats whose binaries are not looked at.

    Raises BuildFileInvalid where the build cannot be read.
    """
    read = _READERS.get(found)
    return read(file) if read else None
