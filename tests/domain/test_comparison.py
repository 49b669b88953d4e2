"""Two builds side by side: what came, what went, and whether the one installs over the other."""

from dataclasses import replace
from datetime import timedelta

from seatrial.domain.build import Build
from seatrial.domain.buildinfo import BuildInfo, Certificate, Format, Os, Signing, SigningKind
from seatrial.domain.comparison import Change, Difference, SizeChange, compare
from seatrial.domain.ids import BuildId
from tests.wire.sample_builds import pending

OLD = BuildInfo(
    format=Format.APK,
    os=Os.ANDROID,
    identifier="com.acme.wallet",
    version_name="1.0",
    permissions=("CAMERA", "INTERNET"),
    entitlements={"aps-environment": "development"},
    sizes={"code": 100, "assets": 900, "other": 5},
    debuggable=True,
)
NEW = replace(
    OLD,
    version_name="1.1",
    permissions=("INTERNET", "BLUETOOTH", "ALARM"),
    entitlements={"aps-environment": "production"},
    sizes={"code": 150, "assets": 300, "native": 40},
    debuggable=False,
)


def signed(info: BuildInfo, *sha256: str) -> BuildInfo:
    found = tuple(Certificate(subject="CN=a", issuer="CN=a", serial="1", sha1="", sha256=one) for one in sha256)
    return replace(info, signing=Signing(kind=SigningKind.RELEASE, certificates=found))


def pair(old: BuildInfo | None, new: BuildInfo | None) -> tuple[Build, Build]:
    first = replace(pending(), id=BuildId("1" * 24), info=old, size=1000)
    return first, replace(first, id=BuildId("2" * 24), info=new, size=1200, created_at=first.created_at + timedelta(1))


def test_the_older_build_comes_first_in_whatever_order_they_are_asked_for() -> None:
    old, new = pair(OLD, NEW)
    assert compare(old, new) == compare(new, old)
    assert (compare(new, old).before, compare(new, old).after) == (old, new)


def test_values_sets_and_sizes_say_what_changed() -> None:
    found = compare(*pair(OLD, NEW))
    values = {one.name: one for one in found.values}
    assert values["Size"] == Difference("Size", "1000", "1200")
    assert values["Version"] == Difference("Version", "1.0", "1.1")
    assert values["Debuggable"] == Difference("Debuggable", "yes", "no")
    assert values["Identifier"].is_same
    assert "Team" not in values  # neither of them says
    sets = {one.name: one for one in found.sets}
    assert sets["Permissions"] == Change("Permissions", ("ALARM", "BLUETOOTH"), ("CAMERA",), 1)
    assert sets["Entitlements"].added == ("aps-environment = production",)
    assert not sets["Entitlements"].is_same
    assert "Frameworks" not in sets
    assert list(found.sizes) == [
        SizeChange("assets", 900, 300),
        SizeChange("code", 100, 150),
        SizeChange("native", 0, 40),
        SizeChange("other", 5, 0),
    ]
    assert [one.delta for one in found.sizes] == [-600, 50, 40, -5]


def test_another_signer_is_told_where_both_are_signed() -> None:
    assert compare(*pair(signed(OLD, "a"), signed(NEW, "b"))).signer_changed
    assert compare(*pair(signed(OLD, "a", "c"), signed(NEW, "b", "a"))).signer_changed
    assert not compare(*pair(signed(OLD, "a"), signed(NEW, "a", "b"))).signer_changed
    assert not compare(*pair(signed(OLD, "a"), NEW)).signer_changed
    assert not compare(*pair(OLD, signed(NEW, "b"))).signer_changed


def test_a_build_that_nothing_is_known_of_is_compared_by_its_size() -> None:
    found = compare(*pair(None, NEW))
    assert [one.name for one in found.values] == ["Size"]
    assert (found.sets, found.sizes) == ((), ())
