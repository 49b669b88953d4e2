"""What a build's binaries are known by."""

from typing import NamedTuple, Self

from seatrial.domain.attachment import SymbolFile

MAX_BINARIES = 1_000
"""Binaries of one build that are looked at."""


class Identities(NamedTuple):
    """Ids of the binaries of one build; empty where it has none of a kind, or states none."""

    macho: tuple[SymbolFile, ...] = ()
    elf: tuple[tuple[str, str], ...] = ()
    """File name and build id of each native library."""
    map_ids: tuple[str, ...] = ()
    """Ids of the mappings that R8 shrank the code with."""
    profiles: tuple[str, ...] = ()
    """UUIDs of the provisioning profiles."""
    complete: bool = True
    """Whether all was looked at."""

    def joined(self, other: Self) -> "Identities":
        """Add those of another part of the build."""
        return Identities(
            self.macho + other.macho,
            self.elf + other.elf,
            tuple(dict.fromkeys(self.map_ids + other.map_ids)),
            self.profiles + other.profiles,
            self.complete and other.complete,
        )
