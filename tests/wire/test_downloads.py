from datetime import UTC, datetime

from seatrial.domain.access import Person
from seatrial.domain.device import Device
from seatrial.domain.download import Download, DownloadToken
from seatrial.domain.ids import BuildId
from seatrial.wire.downloads import download_json, download_token_json
from seatrial.wire.envelope import ok
from tests.wire.shapes import golden, shape

EMPTY_DEVICE = (
    *("vendor", "model", "type", "osName", "osVersion", "sdkVersion"),
    *("packageName", "appVersion", "packageVersion"),
)
MOMENT = datetime(2024, 11, 11, 11, 27, 35, 446000, tzinfo=UTC)


def test_token_has_the_shape_that_the_document_prints() -> None:
    shown = ok(download_token_json(DownloadToken(secret="std_abc", expires_at=MOMENT)))
    assert shape(shown) == golden("download_token")
    assert shown["data"] == {"token": "std_abc", "expiresAt": "2024-11-11T11:27:35.446Z"}


def test_download_says_where_from_and_by_whom() -> None:
    download = Download(
        id="552ae3cfcb5abfc58d733b99",
        build_id=BuildId("552ae3cfcb5abfc58d733b81"),
        origin="integrationApi",
        member_type="user",
        member=Person(id="552ae3cfcb5abfc58d733b03", email="someone@example.com", first_name="Some", last_name="One"),
        created_at=MOMENT,
        address="203.0.113.0",
        user_agent="okhttp/5",
        device=Device(vendor="Google"),
    )
    assert download_json(download) == {
        "id": "552ae3cfcb5abfc58d733b99",
        "build": "552ae3cfcb5abfc58d733b81",
        "from": "integrationApi",
        "member": {
            "type": "user",
            "memberId": "552ae3cfcb5abfc58d733b03",
            "email": "someone@example.com",
            "firstName": "Some",
            "lastName": "One",
            "picture": "",
            "user": "552ae3cfcb5abfc58d733b03",
            "employee": "",
        },
        "ipAddress": "203.0.113.0",
        "userAgent": "okhttp/5",
        "device": dict.fromkeys(EMPTY_DEVICE, "") | {"vendor": "Google"},
        "createdAt": "2024-11-11T11:27:35.446Z",
    }
