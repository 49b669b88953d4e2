"""How an app bundle is signed, and what its executable says: profile, code signature and Mach-O head together."""

from typing import NamedTuple

from seatrial.domain.buildinfo import ProvisioningProfile, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Member
from seatrial.parsers.bundle_tree import Layout, Tree
from seatrial.parsers.macho import HEAD, Executable, read_head
from seatrial.parsers.plist import PlistValue, text
from seatrial.parsers.provisioning import MAX_BYTES as MAX_PROFILE
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile, signing_kind

_PROFILES = ("embedded.mobileprovision", "embedded.provisionprofile")


class Code(NamedTuple):
    """What the app's own executable says."""

    member: Member | None = None
    executable: Executable | None = None


def read_code(tree: Tree, layout: Layout, values: dict[str, PlistValue], warnings: list[str]) -> Code:
    """Read the head of the executable that Info.plist names; say in `warnings` what is wrong with it."""
    name = text(values.get("CFBundleExecutable")) or layout.folder.rpartition(".app/")[0].rpartition("/")[2]
    member = tree.find(layout.executables + name)
    use = "started" if layout.mac else "installed"
    if member is None:
        warnings.append(f"The app's executable is not in the archive; the app cannot be {use}.")
        return Code()
    try:
        executable = read_head(_head(tree, member))
    except BuildFileInvalid as problem:
        warnings.append(problem.sentence)
        return Code(member)
    if executable is None:
        warnings.append(f"The app's executable is not a Mach-O file; the app cannot be {use}.")
    elif executable.encrypted:
        warnings.append(
            "The app is encrypted by the App Store (FairPlay); it runs for the account that bought it only."
        )
    return Code(member, executable)


def _head(tree: Tree, member: Member) -> bytes:
    head = bytearray()
    for part in tree.stream(member):
        head += part
        if len(head) >= HEAD:
            break
    return bytes(head[:HEAD])


def signing(tree: Tree, layout: Layout, warnings: list[str]) -> Signing | None:
    """Tell who signed the app and for whom; `None` where it is signed and does not say."""
    profile, present = _profile(tree, layout, warnings)
    if profile is not None:
        return Signing(
            kind=signing_kind(profile),
            certificates=profile.certificates,
            team=next(iter(profile.team_identifiers), None),
            profile=profile,
        )
    if not present and tree.find(layout.contents + "_CodeSignature/CodeResources") is None:
        warnings.append("The app is not signed; it cannot be installed on a device.")
        return Signing(kind=SigningKind.UNSIGNED)
    return None


def _profile(tree: Tree, layout: Layout, warnings: list[str]) -> tuple[ProvisioningProfile | None, bool]:
    """Read the embedded profile, and tell whether there is one."""
    for name in _PROFILES:
        member = tree.find(layout.contents + name)
        if member is None:
            continue
        try:
            return read_profile(tree.read(member, MAX_PROFILE)), True
        except (ProfileUnreadable, BuildFileInvalid) as problem:
            warnings.append(f"The provisioning profile cannot be read: {problem}")
            return None, True
    return None, False
