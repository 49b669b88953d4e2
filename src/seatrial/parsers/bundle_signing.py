"""How an app bundle is signed, and what its executable says: profile, code signature and Mach-O head together."""

from typing import NamedTuple

from seatrial.domain.buildinfo import Certificate, ProvisioningProfile, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.archive import Member
from seatrial.parsers.bundle_tree import Layout, Tree
from seatrial.parsers.code_signature import CodeSignature
from seatrial.parsers.macho import Executable, read_executable
from seatrial.parsers.plist import PlistValue, text
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile, signing_kind

_PROFILES = ("embedded.mobileprovision", "embedded.provisionprofile")
# How the names of Apple's signing certificates start, and what an app without a profile is that they sign.
_BY_SIGNER = {
    "Apple iPhone OS Application Signing": SigningKind.APP_STORE,
    "Apple Mac OS Application Signing": SigningKind.APP_STORE,
    "Developer ID Application": SigningKind.DEVELOPER_ID,
    "Apple Development": SigningKind.DEVELOPMENT,
    "iPhone Developer": SigningKind.DEVELOPMENT,
    "Mac Developer": SigningKind.DEVELOPMENT,
}


class Code(NamedTuple):
    """What the app's own executable says."""

    member: Member | None = None
    executable: Executable | None = None

    @property
    def signature(self) -> CodeSignature | None:
        """The executable's code signature, where it has one."""
        return self.executable.signature if self.executable else None

    @property
    def platform(self) -> str | None:
        """The platform that the first slice says it is for, as Info.plist spells it."""
        return self.executable.slices[0].platform if self.executable else None


def read_code(tree: Tree, layout: Layout, values: dict[str, PlistValue], warnings: list[str]) -> Code:
    """Read the executable that Info.plist names; say in `warnings` what is wrong with it."""
    name = text(values.get("CFBundleExecutable")) or layout.folder.rpartition(".app/")[0].rpartition("/")[2]
    member = tree.find(layout.executables + name)
    use = "started" if layout.mac else "installed"
    if member is None:
        warnings.append(f"The app's executable is not in the archive; the app cannot be {use}.")
        return Code()
    try:
        executable = read_executable(tree.stream(member))
    except BuildFileInvalid as problem:
        warnings.append(problem.sentence)
        return Code(member)
    if executable is None:
        warnings.append(f"The app's executable is not a Mach-O file; the app cannot be {use}.")
    elif executable.encrypted:
        warnings.append(
            "The app is encrypted by the App Store (FairPlay); it runs for the account that bought it only."
        )
    if executable is not None and executable.out_of_reach:
        warnings.append("The app's executable is so large that its signature is not read.")
    return Code(member, executable)


def signing(tree: Tree, layout: Layout, code: Code, warnings: list[str]) -> Signing | None:
    """Tell who signed the app and for whom; `None` where it is signed and does not say."""
    profile, present = _profile(tree, layout, warnings)
    signature = code.signature
    signers = signature.signers if signature else ()
    team = signature.team if signature else None
    if profile is not None:
        return Signing(
            kind=signing_kind(profile),
            certificates=signers or profile.certificates,
            team=next(iter(profile.team_identifiers), team),
            profile=profile,
        )
    if signers or (code.executable and code.executable.encrypted):
        return Signing(kind=_kind_without_profile(code, signers), certificates=signers, team=team)
    if present:
        return None
    if signature is None and tree.find(layout.contents + "_CodeSignature/CodeResources") is not None:
        return None
    if signature is None:
        doing = "macOS warns of it or refuses it" if layout.mac else "it cannot be installed on a device"
        warnings.append(f"The app is not signed; {doing}.")
    return Signing(kind=SigningKind.UNSIGNED)


def _kind_without_profile(code: Code, signers: tuple[Certificate, ...]) -> SigningKind | None:
    if code.executable and code.executable.encrypted:
        return SigningKind.APP_STORE
    subject = signers[0].subject if signers else ""
    return next((kind for name, kind in _BY_SIGNER.items() if f"CN={name}" in subject), None)


def _profile(tree: Tree, layout: Layout, warnings: list[str]) -> tuple[ProvisioningProfile | None, bool]:
    """Read the embedded profile, and tell whether there is one."""
    for name in _PROFILES:
        member = tree.find(layout.contents + name)
        if member is None:
            continue
        try:
            return read_profile(tree.read(member, limits.current().profile_bytes)), True
        except (ProfileUnreadable, BuildFileInvalid) as problem:
            warnings.append(f"The provisioning profile cannot be read: {problem}")
            return None, True
    return None, False
