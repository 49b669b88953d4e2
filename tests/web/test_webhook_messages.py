"""Messages that no request of these tests brings about, against their descriptions."""

import json
from datetime import timedelta

from seatrial.domain.app import Organization
from seatrial.domain.build import ApplicationInfo
from seatrial.domain.event import Event, EventKind
from seatrial.domain.expiration import Ending, Expiration, ExpirationKind, PublishedBuild
from seatrial.domain.ids import AppId, BuildId, OrganizationId
from seatrial.domain.webhook import Happening
from seatrial.web.context import PublicUrls
from seatrial.web.openapi.document import build
from seatrial.wire.links import Links
from seatrial.wire.webhooks import Messages
from tests.db.sample_rows import START
from tests.openapi import Described, Json

BASE = "https://builds.example.com"
LINKS = Links(api=BASE, upload=BASE, download=BASE, sdk=BASE)
DESCRIBED = Described(build(PublicUrls(), LINKS))
ORGANIZATION, APP, BUILD = OrganizationId("a" * 24), AppId("b" * 24), BuildId("c" * 24)


def message(kind: EventKind, **facts: object) -> Json:
    """Write a message, hold it against its description, and give its data."""
    happening = Happening(
        event=Event(kind=kind, organization_id=ORGANIZATION, app_id=APP, subject=BUILD, at=START, facts=facts),
        organization=Organization(
            id=ORGANIZATION,
            name="Acme",
            slug="acme",
            integrations_enabled=True,
            workspace_enabled=True,
            created_at=START,
            updated_at=START,
        ),
        application=ApplicationInfo(id=APP, name="Wallet", slug="wallet"),
    )
    said: Json = json.loads(Messages(LINKS).event(happening))
    request = DESCRIBED.document["webhooks"][kind.value]["post"]["requestBody"]
    assert DESCRIBED.complaints(request["content"]["application/json"]["schema"], said) == []
    data: Json = said["data"]
    return data


def test_what_ends_is_told_with_its_builds_and_days() -> None:
    ending = Ending(
        kind=ExpirationKind.PROFILE, identifier="U-1", name="In-House", expires_at=START + timedelta(days=13.5)
    )
    application = ApplicationInfo(id=APP, name="Wallet", slug="wallet")
    published = PublishedBuild(
        id=BUILD,
        organization_id=ORGANIZATION,
        application=application,
        version_name="1.2",
        version_code="12",
        os="ios",
        slug="wallet",
        endings=(ending,),
    )
    found = Expiration(ending=ending, organization_id=ORGANIZATION, application=application, builds=(published,))
    data = message(EventKind.CERTIFICATE_EXPIRING, expiration=found, threshold=14)
    assert data["expiration"] == {
        "kind": "profile",
        "name": "In-House",
        "identifier": "U-1",
        "expiresAt": "2026-03-15T00:00:00.000Z",
        "daysLeft": 13,
        "threshold": 14,
        "builds": [{"id": BUILD, "versionName": "1.2", "versionCode": "12", "os": "ios"}],
    }


def test_feedback_is_told_as_far_as_it_is_known() -> None:
    data = message(EventKind.FEEDBACK_CREATED, type="bug", message="It is broken", hasScreenshot=True)
    assert data["feedback"]["message"] == "It is broken"
    assert (data["feedback"]["author"], data["feedback"]["hasVideo"]) == ("", False)
