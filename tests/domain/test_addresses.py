"""Which addresses are of the inside, in every form that leads to one (RFC 6890, 4291, 6052, 3056)."""

import ipaddress

import pytest

from seatrial.domain.addresses import AddressPolicy, literal

INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "168.63.129.16",
    "192.88.99.1",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:1:2:3:4:5:6",
    "2001:db8::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "4000::1",
]
OUTSIDE = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "127.000.000.001",
    "127.0.0.1.",
    "[::1]",
    "::1",
    "[::ffff:7f00:1]",
    "0",
    "0x0",
    "169.254.43518",
    "2852039166",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_inside_is_refused(address: str) -> None:
    assert AddressPolicy().refuses(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_not(address: str) -> None:
    assert not AddressPolicy().refuses(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", SPELLINGS)
def test_every_spelling_of_an_address_is_seen_through(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert AddressPolicy().refuses(address)


@pytest.mark.parametrize("host", ["example.com", "localhost", "127.0.0.1.example.com", "", "1.2.3.4.5", "0x"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


def test_the_operator_opens_networks_and_no_more_than_those() -> None:
    policy = AddressPolicy((ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8")))
    opened = ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd12::1")
    closed = ("10.2.0.1", "::ffff:10.2.0.1", "127.0.0.1", "::1", "fe80::1")
    assert not any(policy.refuses(ipaddress.ip_address(address)) for address in opened)
    assert all(policy.refuses(ipaddress.ip_address(address)) for address in closed)
