"""What a file beside a build turned out to be, and whether it belongs to that build."""

from dataclasses import dataclass, field
from enum import StrEnum

Fact = str | int | float | bool


class AttachmentKind(StrEnum):
    """Kinds of files that are recognised, always by content."""

    DSYM = "dsym"
    """Apple debug symbols, in bundles or bare."""
    XCARCHIVE = "xcarchive"
    """An archive of Xcode; the debug symbols in it are looked at."""
    XCRESULT = "xcresult"
    """A result bundle of Xcode."""
    MAPPING = "mapping"
    """A mapping of ProGuard or R8."""
    ELF_SYMBOLS = "elf-symbols"
    """ELF files, as a rule native libraries with their debug information."""
    BREAKPAD = "breakpad"
    """Breakpad symbols."""
    JUNIT = "junit"
    """A test report in JUnit's XML."""
    MOBILEPROVISION = "mobileprovision"
    """A provisioning profile of Apple."""
    IMAGE = "image"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFile:
    """Symbols of one binary for one architecture."""

    name: str
    architecture: str
    id: str
    """What ties it to its binary: a Mach-O UUID as Apple's tools write it, a GNU build id in lower-case hex, or the
    id of a Breakpad module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known about an attached file."""

    kind: AttachmentKind
    summary: str
    """One sentence for people."""
    symbols: tuple[SymbolFile, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    """What the kind states, by camel-case names: `compiler`, `mapId`, `team`, `width` ..."""
    counts: dict[str, int] = field(default_factory=dict)
    """What there is how much of: `tests`, `failures`, `classes` ..."""
    matches: bool | None = None
    """Whether it belongs to the binaries of its build; `None` where that cannot be told, or means nothing."""
    match_note: str = ""
    """One sentence that says why; empty where the question means nothing."""
    warnings: tuple[str, ...] = ()
