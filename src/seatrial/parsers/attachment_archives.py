"""ZIP archives beside builds: debug symbols, archives and results of Xcode, zipped mappings and reports.

What an archive is for is told by where its members are; what they say is read from the members.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from seatrial.domain.attachment import Attachment, AttachmentKind, Fact, SymbolFile
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import plist
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.attachment_breakpad import is_breakpad, read_module
from seatrial.parsers.attachment_content import Budget, Content, member_content
from seatrial.parsers.attachment_elf import MAGIC, read_elf
from seatrial.parsers.attachment_junit import is_junit, read_junit
from seatrial.parsers.attachment_macho import MAGICS, macho_ids
from seatrial.parsers.attachment_mapping import is_mapping, read_mapping
from seatrial.parsers.limits import current

MAX_SYMBOLS = 200
"""Symbol files that are listed: they are shown with every list of builds."""
MAX_MEMBERS = 1_000
"""Members that are opened to see whether they are of the kind that their names suggest."""

_JUNK = re.compile(r"(?:.*/)?(?:__MACOSX/|\._|\.DS_Store$)")
_DWARF = re.compile(r"(?:.*/)?Contents/Resources/DWARF/([^/]+)")
_XCARCHIVE = re.compile(r"((?:.*/)?[^/]+\.xcarchive/)(?:Info\.plist|dSYMs/.*|Products/.*)")
_XCRESULT = re.compile(r"((?:.*/)?[^/]+\.xcresult/)(?:Info\.plist|Data/.*)")
_ELF = re.compile(r"(?:.*/)?[^/]+\.(?:so|debug|dbg|sym)(?:\.dbg|\.sym|\.debug)?")
_SYM = re.compile(r"(?:.*/)?[^/]+\.sym")
_MAPPING = re.compile(r"(?:.*/)?(?:[^/]*mapping[^/]*|proguard[^/]*)\.(?:txt|map)", re.IGNORECASE)
_REPORT = re.compile(r"(?:.*/)?[^/]+\.xml")


def read_archive(archive: Archive) -> Attachment:
    """Describe an archive; one of no known kind is `other`."""
    names = [name for name in archive.names() if not name.endswith("/") and not _JUNK.match(name)]
    budget = Budget()
    warnings: list[str] = []
    found: Attachment | None = None
    for read in (_xcarchive, _xcresult, _dsym, _mapping, _elf, _breakpad, _junit):
        found = read(archive, names, budget, warnings)
        if found is not None:
            break
    found = found or Attachment(
        kind=AttachmentKind.OTHER, summary=f"An archive; files: {len(names):,}.", counts={"files": len(names)}
    )
    return replace(found, warnings=tuple(dict.fromkeys([*found.warnings, *warnings, *archive.warnings])))


def _xcarchive(archive: Archive, names: list[str], budget: Budget, warnings: list[str]) -> Attachment | None:
    roots = list(dict.fromkeys(hit[1] for name in names if (hit := _XCARCHIVE.fullmatch(name))))
    if not roots:
        return None
    values = _properties(archive, roots[0] + "Info.plist", warnings)
    app = plist.table(values.get("ApplicationProperties"))
    facts: dict[str, Fact] = {
        key: value
        for key, value in {
            "name": plist.text(values.get("Name")),
            "identifier": plist.text(app.get("CFBundleIdentifier")),
            "versionName": plist.text(app.get("CFBundleShortVersionString")),
            "versionCode": plist.text(app.get("CFBundleVersion")),
            "team": plist.text(app.get("Team")),
        }.items()
        if value is not None
    }
    symbols = _dwarf(archive, names, budget, warnings)
    return Attachment(
        kind=AttachmentKind.XCARCHIVE,
        summary=f"An archive of Xcode, {_of(symbols)}.",
        symbols=symbols,
        facts=facts,
        counts={"dsyms": _bundles(names)},
    )


def _xcresult(archive: Archive, names: list[str], _budget: Budget, warnings: list[str]) -> Attachment | None:
    roots = list(dict.fromkeys(hit[1] for name in names if (hit := _XCRESULT.fullmatch(name))))
    prefix = roots[0] if roots else ""  # a bundle whose content was zipped without its folder
    values = _properties(archive, prefix + "Info.plist", warnings if roots else [])
    if not roots and not {"rootId", "storage"} <= values.keys():
        return None
    version = plist.table(values.get("version"))
    numbers = [str(version[key]) for key in ("major", "minor") if isinstance(version.get(key), int)]
    data = sum(1 for name in names if name.startswith(prefix + "Data/data."))
    return Attachment(
        kind=AttachmentKind.XCRESULT,
        summary="A result bundle of Xcode.",
        facts={"formatVersion": ".".join(numbers)} if numbers else {},
        counts={"bundles": max(1, len(roots)), "objects": data},
    )


def _dsym(archive: Archive, names: list[str], budget: Budget, warnings: list[str]) -> Attachment | None:
    if not any(_DWARF.fullmatch(name) for name in names):
        return None
    symbols = _dwarf(archive, names, budget, warnings)
    return Attachment(
        kind=AttachmentKind.DSYM,
        summary=f"Debug symbols, {_of(symbols)}.",
        symbols=symbols,
        counts={"dsyms": _bundles(names)},
    )


def _dwarf(archive: Archive, names: list[str], budget: Budget, warnings: list[str]) -> tuple[SymbolFile, ...]:
    def read(name: str, content: Content) -> Iterable[SymbolFile]:
        found = macho_ids(content, _kept(name)) if content.head.startswith(MAGICS) else []
        if not found:
            warnings.append(f"“{shown(name)}” is no Mach-O file with a UUID.")
        return found

    wanted = [name for name in names if _DWARF.fullmatch(name)]
    return _symbols(archive, wanted, budget, warnings, read)


def _elf(archive: Archive, names: list[str], budget: Budget, warnings: list[str]) -> Attachment | None:
    debug: list[bool] = []

    def read(name: str, content: Content) -> Iterable[SymbolFile]:
        elf = read_elf(content) if content.head.startswith(MAGIC) else None
        if elf is None:
            return
        debug.append(elf.debug_info)
        if elf.build_id is None:
            warnings.append(f"“{shown(name)}” has no build id; link it with --build-id.")
            return
        yield SymbolFile(name=_kept(name), architecture=elf.architecture, id=elf.build_id)

    symbols = _symbols(archive, [name for name in names if _ELF.fullmatch(name)], budget, warnings, read)
    if not debug:
        return None
    return Attachment(
        kind=AttachmentKind.ELF_SYMBOLS,
        summary=f"Native symbols, {_of(symbols)}.",
        symbols=symbols,
        facts={"debugInfo": any(debug)},
        counts={"files": len(debug)},
    )


def _breakpad(archive: Archive, names: list[str], budget: Budget, warnings: list[str]) -> Attachment | None:
    def read(_name: str, content: Content) -> Iterable[SymbolFile]:
        module = read_module(content) if is_breakpad(content.head) else None
        return [module] if module else []

    symbols = _symbols(archive, [name for name in names if _SYM.fullmatch(name)], budget, warnings, read)
    if not symbols:
        return None
    return Attachment(kind=AttachmentKind.BREAKPAD, summary=f"Breakpad symbols, {_of(symbols)}.", symbols=symbols)


def _mapping(archive: Archive, names: list[str], budget: Budget, _warnings: list[str]) -> Attachment | None:
    wanted = [name for name in names if _MAPPING.fullmatch(name)]
    # The likely name first: an archive of the whole output folder holds seeds and usage lists beside the mapping.
    wanted.sort(key=lambda name: (name.rpartition("/")[2].lower() != "mapping.txt", name.count("/")))
    for name, content in _opened(archive, wanted, budget):
        if is_mapping(content.head):
            return read_mapping(content, _kept(name))
    return None


def _junit(archive: Archive, names: list[str], budget: Budget, _warnings: list[str]) -> Attachment | None:
    wanted = [name for name in names if _REPORT.fullmatch(name)]
    reports = [content for _, content in _opened(archive, wanted, budget) if is_junit(content.head)]
    return read_junit(reports) if reports else None


def _symbols(
    archive: Archive,
    names: list[str],
    budget: Budget,
    warnings: list[str],
    read: Callable[[str, Content], Iterable[SymbolFile]],
) -> tuple[SymbolFile, ...]:
    found: list[SymbolFile] = []
    for name in names[:MAX_MEMBERS]:
        try:
            found += read(name, member_content(archive, name, budget))
        except BuildFileInvalid as problem:
            warnings.append(problem.sentence)
    if len(names) > MAX_MEMBERS or len(found) > MAX_SYMBOLS:
        warnings.append("The archive holds more symbols than are listed.")
    return tuple(found[:MAX_SYMBOLS])


def _opened(archive: Archive, names: list[str], budget: Budget) -> Iterator[tuple[str, Content]]:
    for name in islice(names, MAX_MEMBERS):
        try:
            yield name, member_content(archive, name, budget)
        except BuildFileInvalid:
            continue  # another member may be what is looked for


def _properties(archive: Archive, name: str, warnings: list[str]) -> dict[str, plist.PlistValue]:
    if archive.find(name) is None:
        return {}
    try:
        return plist.read_plist(archive.read(name, current().plist_bytes))
    except (plist.PlistUnreadable, BuildFileInvalid) as problem:
        warnings.append(f"“{shown(name)}” cannot be read: {problem}")
        return {}


def _bundles(names: list[str]) -> int:
    return len({name.rpartition("Contents/Resources/DWARF/")[0] for name in names if _DWARF.fullmatch(name)})


def _kept(name: str) -> str:
    return name.rpartition("/")[2][:200]


def _of(symbols: tuple[SymbolFile, ...]) -> str:
    if not symbols:
        return "in which no identity was found"
    listed = ", ".join(f"{shown(one.name)} ({one.architecture})" for one in symbols[:3])
    return f"of {listed} and {len(symbols) - 3:,} more" if len(symbols) > 3 else f"of {listed}"
