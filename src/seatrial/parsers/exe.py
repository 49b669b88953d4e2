"""Programs and installers for Windows (EXE): name and version, icon, signer, and what they were packed with.

Sources: Microsoft, "PE Format" and "VS_VERSIONINFO structure". The strings of the version resource are for people and
free in form; the numbers of its fixed part count as version code.
"""

import re
from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.parsers.archive import Archive
from seatrial.parsers.authenticode import program_signature
from seatrial.parsers.icons import IconUnreadable
from seatrial.parsers.pe import CLR, RESOURCES, SECURITY, PeDamaged, PeFile, ResourceTree
from seatrial.parsers.pe_digest import digest_fits
from seatrial.parsers.pe_icons import program_icon
from seatrial.parsers.pe_version import MAX_BYTES as MAX_VERSION
from seatrial.parsers.pe_version import VersionInfo, language_tag, read_version

_RT_RCDATA, _RT_VERSION = 10, 16
_DLL = 0x2000
_INNO_SETUP = 11111  # the resource in which Inno Setup keeps the table of its parts
_NSIS = b"\xef\xbe\xad\xdeNullsoftInst"
_RUNTIME = re.compile(r"v\d+(?:\.\d+){1,3}")


def parse_exe(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:  # noqa: ARG001  every reader takes one
    """Read a program from a seekable file; raise `BuildFileInvalid` where it is none for 32- or 64-bit Windows.

    Only the headers are needed: broken resources or signatures leave their fields empty and add a warning.
    """
    return _Exe(PeFile(file)).read()


class _Exe:
    """One reading of one program, with what was odd about it."""

    def __init__(self, pe: PeFile) -> None:
        self.pe = pe
        self.tree = ResourceTree(pe)
        self.warnings: list[str] = []

    def read(self) -> BuildInfo:
        if self.pe.characteristics & _DLL:
            self.warnings.append("The file is a library (DLL), not a program; Windows cannot start it.")
        version = self.version()
        texts = _default(version)
        icon_png, icon_source = self.icon()
        signature = program_signature(self.pe.read, self.pe.directory(SECURITY), self.pe.size)
        verified = digest_fits(self.pe, signature.blocks[0]) if signature.blocks else None
        if verified is False:
            self.warnings.append(
                "The program was changed after it was signed; Windows does not trust it. Sign it again."
            )
        return BuildInfo(
            format=Format.EXE,
            os=Os.WINDOWS,
            display_name=texts.get("ProductName") or texts.get("FileDescription"),
            localized_names=_localized(version),
            version_name=texts.get("ProductVersion") or texts.get("FileVersion") or version.fixed_product_version,
            version_code=version.fixed_file_version,
            min_os=self.pe.os_version,
            architectures=(self.pe.architecture,) if self.pe.architecture else (),
            icon_png=icon_png,
            icon_source=icon_source,
            sizes=self.sizes(),
            signing=replace(signature.signing, verified=verified),
            sdks=self.made_with(texts),
            warnings=(*self.warnings, *signature.warnings),
        )

    def version(self) -> VersionInfo:
        """Read the version resources; a program usually has one, which holds all languages."""
        found = VersionInfo(None, None, {})
        try:
            for _, languages in self.tree.leaves(_RT_VERSION):
                for each in languages:
                    found = _joined(found, read_version(self.tree.read(each, MAX_VERSION)))
                break
        except PeDamaged as problem:
            self.warnings.append(f"Name and version of the program cannot be read ({problem}).")
        return found

    def icon(self) -> tuple[bytes | None, str | None]:
        try:
            found = program_icon(self.tree)
        except IconUnreadable as problem:
            self.warnings.append(f"The icon of the program cannot be read: {problem.reason}.")
            return None, None
        return found or (None, None)

    def sizes(self) -> dict[str, int]:
        """Give the bytes of code, resources and signature; the rest is headers, data, and what installers carry."""
        base, signature = self.pe.directory(RESOURCES)[0], self.pe.directory(SECURITY)
        found = {"code": 0, "resources": 0, "signature": 0}
        for each in self.pe.sections:
            size = max(0, min(each.size, self.pe.size - each.offset))
            if each.holds_code:
                found["code"] += size
            elif base and each.address == base:
                found["resources"] += size
        found["signature"] = max(0, min(signature[1], self.pe.size - signature[0])) if signature[0] else 0
        found["other"] = max(0, self.pe.size - sum(found.values()))
        return {category: size for category, size in found.items() if size}

    def made_with(self, texts: dict[str, str]) -> dict[str, str]:
        """Name the runtime, the packer and the maker of an installer, where they left cheap marks."""
        found: dict[str, str] = {}
        names = {each.name for each in self.pe.sections}
        if b"UPX0" in names:
            found["packer"] = "UPX"
        try:
            runtime = self.runtime()
            installer = self.installer(names, texts)
        except PeDamaged:
            return found
        if runtime:
            found["dotnet"] = runtime
        if installer:
            found["installer"] = installer
        return found

    def installer(self, sections: set[bytes], texts: dict[str, str]) -> str | None:
        if b".wixburn" in sections:
            return "WiX Burn"
        if "SquirrelAwareVersion" in texts:
            return "Squirrel"
        if any(name == _INNO_SETUP for name, _ in self.tree.leaves(_RT_RCDATA)):
            return "Inno Setup"
        return "NSIS" if self.pe.read(self.pe.overlay + 4, len(_NSIS)) == _NSIS else None

    def runtime(self) -> str | None:
        """Read the version of .NET's runtime out of the metadata's root (ECMA-335, II.25.3.3 and II.24.2.1)."""
        address, size = self.pe.directory(CLR)
        if not address or not size:
            return None
        metadata = int.from_bytes(self.pe.read_memory(address + 8, 4), "little")
        root = self.pe.read_memory(metadata, 16 + 64)
        text = root[16:].split(b"\0", 1)[0].decode("ascii", "replace")
        return text if root.startswith(b"BSJB") and _RUNTIME.fullmatch(text) else None


def _joined(one: VersionInfo, other: VersionInfo) -> VersionInfo:
    """Add what another version resource says; what the first one says stands."""
    return VersionInfo(
        one.fixed_file_version or other.fixed_file_version,
        one.fixed_product_version or other.fixed_product_version,
        one.tables | {language: texts for language, texts in other.tables.items() if language not in one.tables},
    )


def _default(version: VersionInfo) -> dict[str, str]:
    return next(iter(version.tables.values()), {})


def _localized(version: VersionInfo) -> dict[str, str]:
    """Give the names of all languages but the first one."""
    names: dict[str, str] = {}
    for language, texts in list(version.tables.items())[1:]:
        tag = language_tag(language)
        name = texts.get("ProductName") or texts.get("FileDescription")
        if tag and name:
            names[tag] = name
    return names
