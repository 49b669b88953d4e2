"""Windows installers (MSI): product, platforms, the icon of "Apps and features", the signer.

Source: Microsoft, "Windows Installer": "Property Reference", "LaunchCondition Table", "ARPPRODUCTICON Property" and
"Digital Signatures and Windows Installer".
"""

import io
import re
import struct
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.authenticode import MSI_STREAM, Signature, signature_of, unsigned
from seatrial.parsers.cfb import CfbError, CompoundFile
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.msi_summary import MAX_BYTES as MAX_SUMMARY
from seatrial.parsers.msi_summary import NAME as SUMMARY
from seatrial.parsers.msi_summary import Summary, read_summary
from seatrial.parsers.msi_tables import Database
from seatrial.parsers.pe import PeDamaged, PeFile, ResourceTree
from seatrial.parsers.pe_icons import program_icon

_OS_AT_LEAST = re.compile(r"\bVersionNT(?:64)?\s*>=\s*\"?(\d{3,4})\b", re.IGNORECASE)


def parse_msi(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:  # noqa: ARG001  every reader takes one
    """Read an installer from a seekable file; raise `BuildFileInvalid` where it is damaged or has no product.

    A broken summary, icon or signature leaves its fields empty and adds a warning.
    """
    try:
        compound = CompoundFile(file)
        database = Database(compound)
        properties = dict(database.pairs("Property"))
    except (CfbError, struct.error) as problem:
        raise BuildFileInvalid(
            ProcessingCode.CORRUPT_ARCHIVE,
            f"The file is no readable Windows installer ({problem}); it may be damaged or incomplete. Upload it again.",
        ) from None
    if not properties.get("ProductCode"):
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING,
            "The file has no product code, so it installs no product. Upload the .msi that the build writes.",
        )
    return _Msi(compound, database, properties).read()


class _Msi:
    """One reading of one installer, with what was odd about it."""

    def __init__(self, compound: CompoundFile, database: Database, properties: dict[str, str]) -> None:
        self.compound = compound
        self.database = database
        self.properties = properties
        self.warnings: list[str] = []

    def read(self) -> BuildInfo:
        summary = self.summary()
        icon = self.properties.get("ARPPRODUCTICON")
        icon_png = self.icon(icon) if icon else None
        signature = self.signature()
        sdks = {"installer": summary.application} if summary.application else {}
        if summary.schema:
            sdks["windowsInstaller"] = f"{summary.schema // 100}.{summary.schema % 100}"
        return BuildInfo(
            format=Format.MSI,
            os=Os.WINDOWS,
            identifier=self.properties["ProductCode"],
            display_name=self.properties.get("ProductName") or None,
            version_name=self.properties.get("ProductVersion") or None,
            min_os=self.min_os(),
            architectures=summary.platforms,
            icon_png=icon_png,
            icon_source=f"Icon.{icon}" if icon_png else None,
            signing=signature.signing,
            sdks=sdks,
            warnings=(*self.warnings, *signature.warnings),
        )

    def summary(self) -> Summary:
        try:
            stream = self.compound.open(SUMMARY, MAX_SUMMARY)
            return read_summary(stream.read()) if stream else Summary()
        except (ValueError, struct.error) as problem:
            self.warnings.append(f"The summary of the installer cannot be read ({problem}); its platforms are unknown.")
            return Summary()

    def min_os(self) -> str | None:
        """Find the Windows that the conditions for installing ask for, as `10.0`.

        Conditions may say anything; only plain ones (`VersionNT >= 603`) are understood. Of alternatives the oldest
        counts, of several conditions the newest, for all must hold.
        """
        try:
            conditions = [condition for condition, _ in self.database.pairs("LaunchCondition")]
        except CfbError as problem:
            self.warnings.append(f"The conditions for installing cannot be read ({problem}).")
            return None
        found = [[int(each) for each in _OS_AT_LEAST.findall(condition)] for condition in conditions]
        newest = max((min(each) for each in found if each), default=None)
        return None if newest is None else f"{newest // 100}.{newest % 100}"

    def icon(self, name: str) -> bytes | None:
        """Read the icon that "Apps and features" shows: an icon file, or a program that holds icons."""
        try:
            stream = self.database.stream(f"Icon.{name}", limits.current().icon_bytes)
            data = stream.read() if stream else b""
            return _program_icon(data) if data.startswith(b"MZ") else as_png(data)
        except (CfbError, struct.error, IconUnreadable) as problem:
            self.warnings.append(f"The icon “{shown(name)}” cannot be read ({problem}).")
            return None

    def signature(self) -> Signature:
        try:
            stream = self.compound.open(MSI_STREAM, limits.current().signature_bytes)
        except (CfbError, struct.error) as problem:
            return unsigned(f"The signature cannot be read ({problem}); sign the installer again.")
        return unsigned() if stream is None else signature_of([stream.read()], "authenticode")


def _program_icon(data: bytes) -> bytes:
    try:
        found = program_icon(ResourceTree(PeFile(io.BytesIO(data))))
    except (*PeDamaged, BuildFileInvalid) as problem:
        raise IconUnreadable(str(problem)) from None
    if found is None:
        raise IconUnreadable("it is a program without icons")
    return found[0]
