"""What a file beside a build is: one door, `understand`, and one file per kind behind it. Names decide nothing.

Nothing here fails a file: what cannot be read is of kind `other`, with a warning that says why.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from seatrial.domain.attachment import Attachment, AttachmentKind, Fact, SymbolFile
from seatrial.domain.buildinfo import Format, ProvisioningProfile
from seatrial.domain.errors import BuildFileInvalid
from seatrial.domain.storable import storable
from seatrial.parsers.archive import shown
from seatrial.parsers.attachment_archives import read_archive
from seatrial.parsers.attachment_breakpad import is_breakpad, read_breakpad
from seatrial.parsers.attachment_content import Content, FileContent, gzip_content
from seatrial.parsers.attachment_elf import MAGIC, read_elf
from seatrial.parsers.attachment_image import read_image
from seatrial.parsers.attachment_junit import is_junit, read_junit
from seatrial.parsers.attachment_macho import MAGICS, macho_ids, may_be_debug_file
from seatrial.parsers.attachment_mapping import is_mapping, read_mapping
from seatrial.parsers.attachment_match import COMPARABLE, compared
from seatrial.parsers.binaries import identities
from seatrial.parsers.detect import recognise
from seatrial.parsers.limits import current
from seatrial.parsers.mimetype import mimetype_of
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile, signing_kind

MAX_WARNINGS = 20
LONGEST_TEXT = 500
_GZIP = b"\x1f\x8b\x08"


def understand(path: Path, build: Path | None, build_format: Format | None) -> Attachment:
    """Recognise an attachment, and compare it with its build where both have something to compare.

    Raises OSError where the attachment cannot be opened.
    """
    with path.open("rb") as file:
        found = understand_file(file)
    if found.kind in COMPARABLE:
        found = _compared(found, build, build_format)
    return _bounded(found)


def understand_file(file: BinaryIO) -> Attachment:
    """Recognise a seekable file by its content alone."""
    try:
        return _by_content(file)
    except BuildFileInvalid as problem:
        return Attachment(
            kind=AttachmentKind.OTHER, summary="A file that cannot be read.", warnings=(problem.sentence,)
        )


def _by_content(file: BinaryIO) -> Attachment:
    content = FileContent(file)
    if not content.head:
        return Attachment(kind=AttachmentKind.OTHER, summary="An empty file.")
    found = _plain(content)
    if found is not None:
        return found
    build = recognise(file)
    if build is not None and build.format is Format.ZIP and build.archive is not None:
        return read_archive(build.archive)
    if build is not None and build.format not in {Format.ZIP, Format.TAR_GZ}:
        return Attachment(
            kind=AttachmentKind.OTHER, summary=f"A package of format {build.format}.", facts={"format": build.format}
        )
    if content.head.startswith(_GZIP):
        inner = gzip_content(content)
        found = _plain(inner)
        if found is not None:
            return replace(found, facts=found.facts | {"packed": "gzip"})
    mimetype = mimetype_of(content.head)
    return Attachment(kind=AttachmentKind.OTHER, summary="A file of no known kind.", facts={"mimetype": mimetype})


def _plain(content: Content) -> Attachment | None:
    """Recognise what is no archive."""
    head = content.head
    if is_breakpad(head):
        return read_breakpad(content)
    if is_junit(head):
        return read_junit([content])
    if is_mapping(head):
        return read_mapping(content, "")
    if head.startswith(MAGIC):
        return _native(content)
    if head.startswith(MAGICS):
        return _macho(content)
    return read_image(head) or _profile(content)


def _native(content: Content) -> Attachment | None:
    elf = read_elf(content)
    if elf is None or not (elf.build_id or elf.debug_info):
        return None
    id_ = elf.build_id
    return Attachment(
        kind=AttachmentKind.ELF_SYMBOLS,
        summary=f"An ELF file for {elf.architecture}, {'with' if elf.debug_info else 'without'} debug information.",
        symbols=(SymbolFile(name="", architecture=elf.architecture, id=id_),) if id_ else (),
        facts={"debugInfo": elf.debug_info, "symbolTable": elf.symbol_table},
        counts={"files": 1},
        warnings=() if elf.debug_info else ("The file holds no debug information, so that it explains no crash.",),
    )


def _macho(content: Content) -> Attachment | None:
    symbols = tuple(macho_ids(content, ""))
    if not symbols:
        return None
    bare = may_be_debug_file(content.head)
    listed = ", ".join(one.architecture for one in symbols)
    return Attachment(
        kind=AttachmentKind.DSYM,
        summary=f"{'Debug symbols' if bare else 'A binary'} for {listed}, outside a dSYM bundle.",
        symbols=symbols,
        warnings=() if bare else ("The file is a binary, not its debug symbols.",),
    )


def _profile(content: Content) -> Attachment | None:
    head = content.head
    if not (head[:1] == b"\x30" or head.lstrip().startswith((b"bplist", b"<?xml", b"<plist", b"<!DOCTYPE plist"))):
        return None
    with suppress(ProfileUnreadable):
        profile = read_profile(content.read_at(0, current().profile_bytes + 1))
        if profile.uuid and (profile.team_identifiers or profile.entitlements):
            return _of_profile(profile)
    return None


def _of_profile(profile: ProvisioningProfile) -> Attachment:
    kind = signing_kind(profile)
    facts: dict[str, Fact] = {
        key: value
        for key, value in {
            "uuid": profile.uuid,
            "name": profile.name,
            "type": kind.value,
            "team": ",".join(profile.team_identifiers) or None,
            "teamName": profile.team_name,
            "identifier": profile.application_identifier,
            "platforms": ",".join(profile.platforms) or None,
            "created": profile.created.isoformat() if profile.created else None,
            "expires": profile.expires.isoformat() if profile.expires else None,
            "allDevices": profile.all_devices,
        }.items()
        if value is not None
    }
    counts = {"certificates": len(profile.certificates)}
    if profile.devices is not None:
        counts["devices"] = len(profile.devices)
    return Attachment(
        kind=AttachmentKind.MOBILEPROVISION,
        summary=f"A provisioning profile ({kind.value}), {shown(profile.name or 'without a name')}.",
        facts=facts,
        counts=counts,
    )


def _compared(found: Attachment, build: Path | None, build_format: Format | None) -> Attachment:
    try:
        if build is None or build_format is None:
            return compared(found, None)
        with build.open("rb") as file:
            return compared(found, identities(file, build_format))
    except BuildFileInvalid as problem:
        note = f"The build could not be compared: {problem.sentence}"
    except OSError:
        note = "The build's file could not be opened."
    return replace(found, match_note=note)


def _bounded(found: Attachment) -> Attachment:
    """Cut what a file says of itself, so that it can be stored and shown."""
    return replace(
        found,
        summary=storable(found.summary, LONGEST_TEXT),
        symbols=tuple(
            SymbolFile(name=storable(one.name), architecture=storable(one.architecture), id=storable(one.id))
            for one in found.symbols
        ),
        facts={
            key: storable(value, LONGEST_TEXT) if isinstance(value, str) else value
            for key, value in found.facts.items()
        },
        match_note=storable(found.match_note, LONGEST_TEXT),
        warnings=tuple(storable(warning, LONGEST_TEXT) for warning in found.warnings[:MAX_WARNINGS]),
    )
