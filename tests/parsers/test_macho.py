import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.parsers.forward import Forward
from seatrial.parsers.macho import MAX_REACH, Executable, read_executable
from tests.fixtures import build_ipa
from tests.parsers.macho_files import ARM64, X86_64, thin, universal


def read(data: bytes, size: int = 1000) -> Executable | None:
    return read_executable(iter([data[at : at + size] for at in range(0, len(data), size)]))


def test_universal_executables_name_all_processors() -> None:
    executable = read(universal((12, 9), (12, 11), (ARM64, 0), (ARM64, 0x80000002), (7, 3)))
    assert executable is not None
    assert executable.architectures == ("armv7", "armv7s", "arm64", "arm64e", "i386")


def test_each_slice_says_what_it_is_for() -> None:
    one = thin(
        ARM64,
        struct.pack("<2L16s", 0x1B, 24, bytes(range(16))),
        struct.pack("<6L", 0x32, 24, 11, 1 << 16 | 2 << 8 | 3, 0, 0),
    )
    two = thin(X86_64, struct.pack("<4L", 0x25, 16, 8 << 16, 0), struct.pack("<6L", 0x2C, 24, 0x4000, 0, 1, 0))
    executable = read(universal((ARM64, 0), (X86_64, 3), bodies=[one, two]))
    assert executable is not None
    vision, simulator = executable.slices
    assert vision.uuid == "00010203-0405-0607-0809-0A0B0C0D0E0F"
    assert (vision.platform, vision.min_os, vision.encrypted) == ("xros", "1.2.3", False)
    assert (simulator.platform, simulator.min_os, simulator.encrypted) == ("iphonesimulator", "8.0", True)
    assert executable.encrypted
    assert executable.signature is None


def test_slices_in_another_order_than_their_places_are_read() -> None:
    body = thin(ARM64, struct.pack("<2L16s", 0x1B, 24, bytes(16)))
    data = universal((ARM64, 0), (X86_64, 3), bodies=[body, body])
    swapped = data[:8] + data[28:48] + data[8:28] + data[48:]
    executable = read(swapped)
    assert executable is not None
    assert executable.architectures == ("x86_64", "arm64")
    assert all(each.uuid for each in executable.slices)


def test_the_sample_says_what_its_source_says() -> None:
    executable = read(build_ipa.executable())
    assert executable is not None
    (only,) = executable.slices
    assert (only.architecture, only.platform, only.min_os) == ("arm64", "iphoneos", "15.0")
    assert only.uuid == "5EA72141-0000-4000-8000-00000000DE30"


def test_what_is_too_far_away_is_told_and_not_read() -> None:
    executable = read(thin(ARM64, struct.pack("<4L", 0x1D, 16, MAX_REACH + 1, 100)))
    assert executable is not None
    assert executable.out_of_reach


@pytest.mark.parametrize(
    "head", [b"", b"#!/bin/sh", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(50), b"\xcf\xfa\xed\xfe", bytes(99)]
)
def test_other_heads_are_no_executables(head: bytes) -> None:
    assert read(head) is None


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe\0\0\0\2", b"\xfe\xed\xfa\xce"])
)
def test_no_head_breaks_the_reader(head: bytes, magic: bytes) -> None:
    read(magic + head)


def test_a_stream_is_read_at_rising_places_only() -> None:
    file = Forward(iter([b"0123", b"4567", b"", b"89"]))
    assert file.at(1, 2) == b"12"
    assert file.at(1, 6) == b"123456"
    assert file.at(3, 1) == b"3"
    assert file.at(2, 1) == b""
    assert file.at(9, 5) == b"9"
    assert file.at(50, 5) == b""
