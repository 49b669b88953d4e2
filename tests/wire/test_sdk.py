"""What SDKs send and read, against their own data types and mocks (Android 5.0.0, iOS 4.5.1)."""

import base64
import json
from datetime import UTC, datetime

import pytest

from seatrial.domain.access import Person
from seatrial.domain.app import App
from seatrial.domain.buildinfo import Os
from seatrial.domain.device import Device
from seatrial.domain.download import Download
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.feedback import FeedbackQuery, FeedbackStatus, FeedbackType
from seatrial.domain.ids import AppId, BuildId, OrganizationId
from seatrial.domain.sdk import SDK_SYSTEMS, LastBuild, Offer, SdkChanges, SdkRules, SdkState
from seatrial.wire.devices import device_of
from seatrial.wire.download_csv import COLUMNS, csv_head, csv_lines
from seatrial.wire.feedbacks import feedback_said, feedback_status, feedbacks_query
from seatrial.wire.sdk import configuration_json, sdk_settings, sdk_settings_json

THEN = datetime(2024, 11, 11, 11, 27, 35, 446000, tzinfo=UTC)
APP = App(
    id=AppId("a" * 24),
    organization_id=OrganizationId("0" * 24),
    name="Wallet",
    slug="wallet",
    description="",
    picture="",
    notify_collaborators=False,
    notify_employees=False,
    created_at=THEN,
    updated_at=THEN,
)
FOR_IOS = {
    "minVersion",
    "forceUpdate",
    "lastBuildId",
    "mustUpdateMsg",
    "ota",
    "lastBuildVersion",
    "updateMsg",
    "forceAuth",
}
FOR_ANDROID = {"forceAuth", "forceUpdate", "lastBuildId", "lastBuildVersion", "minVersion", "ota"}


def body(**said: object) -> bytes:
    return json.dumps(said).encode()


def refused(said: bytes) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refusal:
        sdk_settings(said)
    return refusal.value.fields


def test_every_key_that_the_sdks_decode_is_there_and_of_its_type() -> None:
    rules = dict.fromkeys(SDK_SYSTEMS, SdkRules())
    shown = configuration_json(APP, ("android", "ps5"), rules, dict.fromkeys(SDK_SYSTEMS, Offer()))
    assert {key: type(shown[key]) for key in ("id", "slug", "name", "description", "oss", "sdk")} == {
        **dict.fromkeys(("id", "slug", "name", "description"), str),
        "oss": list,
        "sdk": dict,
    }
    assert shown["oss"] == ["android"]
    told = shown["sdk"]
    assert isinstance(told, dict)
    assert set(told["ios"]) == FOR_IOS
    assert set(told["android"]) == FOR_ANDROID
    for one in told.values():
        assert {key: type(value) for key, value in one.items()} == {
            key: bool if key in {"forceAuth", "forceUpdate", "ota"} else str for key in one
        }


def test_a_message_for_android_is_told_where_there_is_one() -> None:
    rules = {Os.IOS: SdkRules(), Os.ANDROID: SdkRules(update_message="New!")}
    shown = configuration_json(APP, (), rules, dict.fromkeys(SDK_SYSTEMS, Offer()))
    assert isinstance(shown["sdk"], dict)
    assert set(shown["sdk"]["android"]) == FOR_ANDROID | {"updateMsg"}


def test_settings_are_read_by_system_and_the_rest_is_ignored() -> None:
    said = {"minVersion": 12, "ota": True, "detected": {}, "lastBuildId": "x", "lastBuildVersion": 3}
    assert sdk_settings(body(android=said, ios=None, windows={})) == {
        Os.ANDROID: SdkChanges(ota=True, min_version="12")
    }
    assert sdk_settings(body(ios={"minVersion": " 1.4.2 ", "mustUpdateMsg": None})) == {
        Os.IOS: SdkChanges(min_version="1.4.2", must_update_message="")
    }
    assert sdk_settings(body(android={"minVersion": ""})) == {Os.ANDROID: SdkChanges(min_version="")}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"android": {"minVersion": "1.2"}}, "android.minVersion"),
        ({"android": {"minVersion": 2**31}}, "android.minVersion"),
        ({"android": {"minVersion": -1}}, "android.minVersion"),
        ({"ios": {"minVersion": "1.2-beta"}}, "ios.minVersion"),
        ({"ios": {"minVersion": "1.2.3.4.5"}}, "ios.minVersion"),
        ({"ios": {"minVersion": True}}, "ios.minVersion"),
        ({"ios": {"forceAuth": "yes"}}, "ios.forceAuth"),
        ({"ios": {"updateMsg": "x" * 1001}}, "ios.updateMsg"),
        ({"ios": []}, "ios"),
    ],
)
def test_what_no_sdk_could_use_is_refused_by_name(said: dict[str, object], name: str) -> None:
    assert set(refused(body(**said))) == {name}


def test_a_least_version_that_nobody_can_have_is_warned_of() -> None:
    last = LastBuild(
        id=BuildId("b" * 24), app_id=APP.id, os=Os.ANDROID, identifier="x", version_name="1.2", version_code="9"
    )
    rules = SdkRules(force_update=True, min_version="10")
    shown = sdk_settings_json({Os.ANDROID: SdkState(rules=rules, last=last), Os.IOS: SdkState()})
    assert isinstance(shown["warnings"], list)
    assert len(shown["warnings"]) == 1
    assert "android.minVersion is 10" in shown["warnings"][0]


def test_headers_never_break_anything() -> None:
    odd = {"x-device-vendor": "x" * 9999, "x-device-model": " a\x1b[31m\x00b ", "x-os-name": "Ünï"}
    assert device_of(odd) == Device(vendor="x" * 128, model="a[31m\ufffdb", os_name="Ünï")
    assert device_of({}) == Device()


PNG = b"\x89PNG not really"


def test_feedback_from_android_is_read() -> None:
    said = feedback_said(
        body(
            type="bug",
            message="It\nbreaks",
            email=None,
            hasVideo=False,
            screenshot=f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
            packageInfo={"name": "Wallet", "version": "142", "versionName": "1.4.2", "other": "x"},
            deviceInfo={
                "device": {"battery": "80", "batteryStatus": True, "ramTotal": 4, "model": "x" * 999, "odd": []},
                "os": {"name": "android", "version": "15"},
            },
        )
    )
    assert (said.type, said.message, said.email, said.screenshot) == (FeedbackType.BUG, "It\nbreaks", "", PNG)
    assert said.package == {"name": "Wallet", "version": "142", "versionName": "1.4.2"}
    device = {"battery": "80", "batteryStatus": True, "ramTotal": "4", "model": "x" * 255}
    assert said.device == {"device": device, "os": {"name": "android", "version": "15"}}


def test_the_head_alone_that_the_sdk_for_ios_sends_is_no_picture() -> None:
    assert feedback_said(body(type="feedback", message="x", screenshot="data:image/jpeg;base64,")).screenshot is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"message": "x"}, "type"),
        ({"type": "praise", "message": "x"}, "type"),
        ({"type": "bug", "message": "  "}, "message"),
        ({"type": "bug", "message": "x" * 20_001}, "message"),
        ({"type": "bug", "message": 3}, "message"),
        ({"type": "bug", "message": "x", "screenshot": "https://example.com/a.png"}, "screenshot"),
        ({"type": "bug", "message": "x", "screenshot": "data:image/png;base64,*"}, "screenshot"),
        ({"type": "bug", "message": "x", "screenshot": "data:image/svg+xml;base64,AAAA"}, "screenshot"),
        ({"type": "bug", "message": "x", "hasVideo": "yes"}, "hasVideo"),
        ({"type": "bug", "message": "x", "email": "x" * 257}, "email"),
    ],
)
def test_feedback_that_says_nothing_usable_is_refused_by_name(said: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        feedback_said(body(**said))
    assert set(refusal.value.fields) == {name}


def test_filters_of_feedback() -> None:
    query = feedbacks_query(
        [("type", "bug"), ("status", "open"), ("sort", "updatedAt:asc"), ("limit", "5"), ("x", "y")]
    )
    expected = FeedbackQuery(
        type=FeedbackType.BUG, status=FeedbackStatus.OPEN, sort="updatedAt", descending=False, limit=5
    )
    assert query == expected
    for pair in (("type", "praise"), ("status", "x"), ("sort", "message:asc"), ("limit", "0"), ("iniDate", "x")):
        with pytest.raises(InvalidRequest):
            feedbacks_query([pair])
    assert feedback_status(b"{}") is None
    assert feedback_status(body(status="CLOSED")) is FeedbackStatus.CLOSED


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(begin: str) -> None:
    download = Download(
        id="d" * 24,
        build_id=BuildId("b" * 24),
        origin="sdk",
        member_type="employee",
        member=Person(id="", email="", first_name=f'{begin}1+1,"x"', last_name="O'Hara"),
        created_at=THEN,
        user_agent=f"{begin}cmd",
    )
    line = csv_lines([download]).decode()
    quoted = f'"\'{begin}1+1,""x"""'
    assert quoted in line
    assert f"'{begin}cmd" in line
    assert "O'Hara" in line
    assert csv_head().decode() == ",".join(COLUMNS) + "\r\n"
