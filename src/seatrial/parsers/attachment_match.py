"""Whether an attachment belongs to its build: the ids that both state, compared."""

from collections.abc import Callable, Collection
from dataclasses import replace

from seatrial.domain.attachment import Attachment, AttachmentKind
from seatrial.parsers.archive import shown
from seatrial.parsers.attachment_breakpad import breakpad_id_of_build_id, breakpad_id_of_uuid
from seatrial.parsers.identities import Identities

COMPARABLE = frozenset(
    {
        AttachmentKind.DSYM,
        AttachmentKind.XCARCHIVE,
        AttachmentKind.MAPPING,
        AttachmentKind.ELF_SYMBOLS,
        AttachmentKind.BREAKPAD,
        AttachmentKind.MOBILEPROVISION,
    }
)
"""Kinds that belong to certain binaries."""

_SHORTEST_ID = 6
_Verdict = tuple[bool | None, str]


def compared(attachment: Attachment, build: Identities | None) -> Attachment:
    """Say whether an attachment belongs to the build with these identities; `None` where they are not known."""
    if attachment.kind not in COMPARABLE:
        return attachment
    if build is None:
        return replace(attachment, match_note="The binaries of this build's format are not looked at.")
    matches, note = _COMPARE[attachment.kind](attachment, build)
    if matches is False and not build.complete:
        matches, note = None, "Not all binaries of this build could be looked at, and none of those that could fits."
    return replace(attachment, matches=matches, match_note=note)


def _macho(attachment: Attachment, build: Identities) -> _Verdict:
    return _symbols(attachment, {one.id for one in build.macho}, "UUID")


def _elf(attachment: Attachment, build: Identities) -> _Verdict:
    return _symbols(attachment, {build_id for _, build_id in build.elf}, "build id")


def _breakpad(attachment: Attachment, build: Identities) -> _Verdict:
    ids = {breakpad_id_of_uuid(one.id) for one in build.macho}
    ids |= {breakpad_id_of_build_id(build_id) for _, build_id in build.elf}
    return _symbols(attachment, ids, "id")


def _symbols(attachment: Attachment, ids: Collection[str], word: str) -> _Verdict:
    if not attachment.symbols:
        return None, f"The file states no {word}."
    if not ids:
        return None, f"No binary of this build states a {word}."
    fitting = [one for one in attachment.symbols if one.id in ids]
    total = len(attachment.symbols)
    if not fitting:
        return False, f"No {word} of the file is that of a binary of this build; it belongs to another build."
    if len(fitting) == total:
        return True, f"Every {word} of the file is that of a binary of this build."
    others = ", ".join(f"{shown(o.name)} ({o.architecture})" for o in attachment.symbols if o not in fitting)
    return True, f"{len(fitting):,} of {total:,} symbols belong to this build; not {others[:300]}."


def _mapping(attachment: Attachment, build: Identities) -> _Verdict:
    stated = [str(attachment.facts[key]) for key in ("mapHash", "mapId") if key in attachment.facts]
    if not stated:
        return None, "The mapping states no id; R8 writes one since version 1.5."
    if not build.map_ids:
        return None, "The code of this build states no mapping's id: it was not shrunk by R8, or by an old one."
    if any(_same(one, other) for one in stated for other in build.map_ids):
        return True, "The mapping's id is in the code of this build."
    return False, f"The code of this build was made with the mapping {build.map_ids[0]}, not with this one."


def _same(one: str, other: str) -> bool:
    """Compare ids of which one may be cut: R8 writes 7 digits of a SHA-256, or all of them."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    return len(short) >= _SHORTEST_ID and long.startswith(short)


def _profile(attachment: Attachment, build: Identities) -> _Verdict:
    uuid = attachment.facts.get("uuid")
    if uuid is None or not build.profiles:
        return None, "This build holds no provisioning profile to compare with."
    if uuid in build.profiles:
        return True, "This build is signed with the profile."
    return False, f"This build is signed with another profile, {shown(build.profiles[0])}."


_COMPARE: dict[AttachmentKind, Callable[[Attachment, Identities], _Verdict]] = {
    AttachmentKind.DSYM: _macho,
    AttachmentKind.XCARCHIVE: _macho,
    AttachmentKind.MAPPING: _mapping,
    AttachmentKind.ELF_SYMBOLS: _elf,
    AttachmentKind.BREAKPAD: _breakpad,
    AttachmentKind.MOBILEPROVISION: _profile,
}
