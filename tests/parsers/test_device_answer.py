"""What devices answer, and what only looks like it."""

import plistlib
import shutil
from pathlib import Path

import pytest

from seatrial.parsers.device_answer import DeviceAnswerUnreadable, read_device_answer
from tests.apple_devices import UDID, AppleDevice, Authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def device(authority: Authority) -> AppleDevice:
    return AppleDevice(authority)


def test_an_answer_says_who_the_device_is_and_who_vouches(authority: Authority, device: AppleDevice) -> None:
    found = read_device_answer(device.answer("a challenge", SERIAL="C39XXXX"), [authority.der])
    assert (found.udid, found.product, found.os_build) == (UDID, "iPhone15,4", "21B101")
    assert (found.serial, found.challenge, found.is_proven) == ("C39XXXX", "a challenge", True)
    stranger = Authority("Test iPhone Device CA")  # by the same name
    assert not read_device_answer(device.answer("x"), [stranger.der]).is_proven
    assert not read_device_answer(device.answer("x"), []).is_proven


def test_both_forms_of_a_property_list_and_of_cms_are_read(
    authority: Authority, device: AppleDevice, tmp_path: Path
) -> None:
    binary = plistlib.dumps({"UDID": UDID, "CHALLENGE": "c"}, fmt=plistlib.FMT_BINARY)
    bare = device.sign(device.attributes("c"), has_attributes=False)
    answers = [device.sign(binary), bare]
    if shutil.which("openssl"):
        answers.append(device.sign_as_old(device.attributes("c"), tmp_path))
    for answer in answers:
        found = read_device_answer(answer, [authority.der])
        assert (found.udid, found.challenge, found.is_proven) == (UDID, "c", True)


def test_what_no_device_says_is_refused(device: AppleDevice) -> None:
    good = device.answer("a challenge")
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE plist [<!ENTITY e0 "lol">{entities}]><plist><dict><key>UDID</key><string>&e8;</string></dict></plist>'
    for wrong in (
        b"",
        b"hello",
        b"\x30\x80" * 500,
        device.attributes("unsigned"),
        good.replace(b"iPhone15,4", b"iPhone15,5"),
        good[:-20],
        device.sign(b"no property list"),
        device.sign(plistlib.dumps(["a list"])),
        device.sign(bomb.encode()),
        device.sign(b"<plist>" + b"<dict><key>a</key>" * 5000 + b"</plist>"),
    ):
        with pytest.raises(DeviceAnswerUnreadable):
            read_device_answer(wrong, [])
