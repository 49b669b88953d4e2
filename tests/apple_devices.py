"""Devices that answer as Apple's do, with a self-made authority in the place of Apple's."""

import plistlib
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from seatrial.domain.ids import new_entity_id
from tests.server import Server

UDID = "00008120-0012345A67B8901E"
OLD_UDID = "0123456789abcdef0123456789abcdef01234567"
# As Apple's authority of iPhones: it ended long ago, and devices are still vouched for by it.
BEGIN, END = datetime(2007, 4, 16, tzinfo=UTC), datetime(2014, 4, 16, tzinfo=UTC)


def make_known(server: Server) -> str:
    """Put a device into a server's organization behind its back; gives its id."""
    device, udid = new_entity_id(), uuid.uuid4().hex + "0" * 8
    server.write(
        "INSERT INTO known_devices (id, organization_id, udid, product, os_version, last_seen_at, created_at)"
        " VALUES (?, ?, ?, 'iPhone15,2', '17.5', ?, ?)",
        *(device, server.organization["id"], udid, now := time.time_ns() // 10**6, now),
    )
    return device


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


@dataclass
class Authority:
    """Who gives devices their certificates."""

    name: str = "Test iPhone Device CA"
    key: rsa.RSAPrivateKey = field(default_factory=_key)

    @property
    def certificate(self) -> x509.Certificate:
        return self.vouch(self.key.public_key(), self.name)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def vouch(self, key: rsa.RSAPublicKey, name: str) -> x509.Certificate:
        builder = x509.CertificateBuilder(_name(self.name), _name(name), key, 4711, BEGIN, END)
        return builder.sign(self.key, hashes.SHA256())


@dataclass
class AppleDevice:
    """A device with its key."""

    authority: Authority
    udid: str = UDID
    product: str = "iPhone15,4"
    key: rsa.RSAPrivateKey = field(default_factory=_key)

    @property
    def certificate(self) -> x509.Certificate:
        return self.authority.vouch(self.key.public_key(), self.udid)

    def attributes(self, challenge: str, **more: object) -> bytes:
        said = {"UDID": self.udid, "PRODUCT": self.product, "VERSION": "21B101", "CHALLENGE": challenge}
        return plistlib.dumps(said | more)

    def answer(self, challenge: str, **more: object) -> bytes:
        """Answer a profile: a property list in CMS, in DER, with the device's certificate."""
        return self.sign(self.attributes(challenge, **more))

    def sign(self, content: bytes, *, has_attributes: bool = True) -> bytes:
        options = [pkcs7.PKCS7Options.Binary]
        options += [] if has_attributes else [pkcs7.PKCS7Options.NoAttributes]
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        return builder.sign(serialization.Encoding.DER, options)

    def sign_as_old(self, content: bytes, folder: Path) -> bytes:
        """Sign by another program, and with SHA-1, as devices did for long."""
        key, certificate, data = folder / "key.pem", folder / "certificate.pem", folder / "content"
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        key.write_bytes(self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
        certificate.write_bytes(self.certificate.public_bytes(encoding))
        data.write_bytes(content)
        command = ["openssl", "cms", "-sign", "-nodetach", "-binary", "-md", "sha1", "-outform", "DER",
                   "-in", str(data), "-inkey", str(key), "-signer", str(certificate)]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=True).stdout
