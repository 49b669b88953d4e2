"""Which reminder is due, and what of a signature is the team's own to renew."""

from datetime import UTC, datetime, timedelta

import pytest

from seatrial.domain.buildinfo import Certificate, ProvisioningProfile, Signing
from seatrial.domain.expiration import ExpirationKind, endings, threshold

END = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (timedelta(days=61), None),
        (timedelta(days=60, milliseconds=1), None),
        (timedelta(days=60), 60),
        (timedelta(days=46), 60),
        (timedelta(days=45), 45),
        (timedelta(days=31), 45),
        (timedelta(days=30), 30),
        (timedelta(days=14), 14),
        (timedelta(days=8), 14),
        (timedelta(days=7), 7),
        (timedelta(days=1), 1),
        (timedelta(milliseconds=1), 1),
        (timedelta(), None),
        (timedelta(days=-1), None),
    ],
)
def test_the_nearest_reminder_that_has_passed_is_due(left: timedelta, due: int | None) -> None:
    assert threshold(END, END - left) == due


def certificate(subject: str, issuer: str, days: int | None = 0) -> Certificate:
    return Certificate(
        subject=subject,
        issuer=issuer,
        serial="1",
        sha1="1" * 40,
        sha256=(subject * 64)[:64],
        not_after=None if days is None else END + timedelta(days=days),
    )


def test_only_what_a_team_can_renew_counts() -> None:
    leaf, middle, root = certificate("leaf", "middle"), certificate("middle", "root"), certificate("root", "root")
    own = certificate("own", "own", 9000)
    assert [one.name for one in endings(Signing(certificates=(middle, leaf, root)))] == ["leaf"]
    assert [one.name for one in endings(Signing(certificates=(own,)))] == ["own"]
    assert endings(Signing(certificates=(certificate("leaf", "root", None),))) == []
    assert endings(None) == []
    assert endings(Signing()) == []


def test_a_profile_ends_with_its_own_date() -> None:
    profile = ProvisioningProfile(uuid="U", name="In-House", expires=END)
    [found] = endings(Signing(profile=profile))
    assert (found.kind, found.identifier, found.name, found.expires_at) == (
        ExpirationKind.PROFILE,
        "U",
        "In-House",
        END,
    )
    [nameless] = endings(Signing(profile=ProvisioningProfile(expires=END)))
    assert (nameless.identifier, nameless.name) == ("profile", "")
