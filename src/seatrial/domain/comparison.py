"""What is different between two builds: identity, rights, parts, sizes, signers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from seatrial.domain.build import Build
from seatrial.domain.buildinfo import BuildInfo


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of both builds; empty where one of them does not say."""

    name: str
    before: str
    after: str

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Change:
    """A set in both builds: what came, what went, and how many stayed."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return not self.added and not self.removed


@dataclass(frozen=True, slots=True)
class SizeChange:
    """Bytes of one category in both builds."""

    name: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """How many bytes came, or went."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two builds side by side; `before` is the older one."""

    before: Build
    after: Build
    values: tuple[Difference, ...]
    sets: tuple[Change, ...]
    sizes: tuple[SizeChange, ...]
    signer_changed: bool
    """Whether the signing certificate is another one, so that a device refuses the one as an update of the other."""


_VALUES: tuple[tuple[str, Callable[[BuildInfo], object]], ...] = (
    ("Identifier", lambda info: info.identifier),
    ("Name", lambda info: info.display_name),
    ("Version", lambda info: info.version_name),
    ("Version code", lambda info: info.version_code),
    ("Format", lambda info: info.format.value),
    ("Oldest system", lambda info: info.min_os),
    ("Target system", lambda info: info.target_os),
    ("Debuggable", lambda info: None if info.debuggable is None else ("yes" if info.debuggable else "no")),
    ("Signing", lambda info: info.signing.kind.value if info.signing and info.signing.kind else None),
    ("Team", lambda info: info.signing.team if info.signing else None),
    ("Profile", lambda info: info.signing.profile.name if info.signing and info.signing.profile else None),
)
_SETS: tuple[tuple[str, Callable[[BuildInfo], Collection[str]]], ...] = (
    ("Permissions", lambda info: info.permissions),
    ("Entitlements", lambda info: [f"{name} = {value}" for name, value in info.entitlements.items()]),
    ("Capabilities", lambda info: info.capabilities),
    ("URL schemes", lambda info: info.url_schemes),
    ("Components", lambda info: [f"{one.kind.value}: {one.identifier or one.path}" for one in info.embedded]),
    ("Frameworks", lambda info: info.frameworks),
    ("Native libraries", lambda info: info.native_libraries),
    ("Architectures", lambda info: info.architectures),
    ("Device families", lambda info: info.device_families),
    ("Made with", lambda info: [f"{name} {version}" for name, version in info.sdks.items()]),
    ("Signature schemes", lambda info: info.signing.schemes if info.signing else ()),
    ("Signers", lambda info: [one.sha256 for one in info.signing.certificates] if info.signing else ()),
    ("Devices", lambda info: (info.signing.profile.devices or ()) if info.signing and info.signing.profile else ()),
)


def compare(first: Build, second: Build) -> Comparison:
    """Put two builds side by side, the older one first; what neither of them says is left out."""
    before, after = sorted((first, second), key=lambda build: (build.created_at, build.id))
    old, new = before.info, after.info
    values, sets, sizes = [Difference("Size", str(before.size), str(after.size))], [], []
    if old is not None and new is not None:
        for name, read in _VALUES:
            said = Difference(name, _word(read(old)), _word(read(new)))
            if said.before or said.after:
                values.append(said)
        for name, gather in _SETS:
            one, other = set(gather(old)), set(gather(new))
            if one or other:
                sets.append(Change(name, tuple(sorted(other - one)), tuple(sorted(one - other)), len(one & other)))
        names = sorted({*old.sizes, *new.sizes}, key=lambda name: -max(old.sizes.get(name, 0), new.sizes.get(name, 0)))
        sizes = [SizeChange(name, old.sizes.get(name, 0), new.sizes.get(name, 0)) for name in names]
    return Comparison(
        before=before,
        after=after,
        values=tuple(values),
        sets=tuple(sets),
        sizes=tuple(sizes),
        signer_changed=_signer(old) != _signer(new) and bool(_signer(old) and _signer(new)),
    )


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _signer(info: BuildInfo | None) -> str:
    """Name the certificate that systems compare at an update: that of the newest scheme."""
    if info is None or info.signing is None or not info.signing.certificates:
        return ""
    return info.signing.certificates[0].sha256
