"""Signs APKs by schemes v2 and v3, rightly and in every wrong way; written from the scheme's description alone."""

import hashlib
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
PSS_SHA256, PSS_SHA512, PKCS1_SHA256, PKCS1_SHA512 = 0x0101, 0x0102, 0x0103, 0x0104
ECDSA_SHA256, UNKNOWN = 0x0201, 0x7777
PROOF_OF_ROTATION = 0x3BA06F8C
PLATFORMS = struct.pack("<2I", 28, 0x7FFFFFFF)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Signer:
    """One signer; what is not the default is wrong on purpose, or another choice that the scheme allows."""

    key: Key = RSA
    algorithms: tuple[int, ...] = (PKCS1_SHA256,)
    digest_algorithms: tuple[int, ...] | None = None
    certified: Key | None = None
    certificates: int = 1
    attributes: bytes = b""
    outer_platforms: bytes = PLATFORMS
    spoil: Callable[[bytes], bytes] = field(default=lambda signature: signature)


def unsigned_zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("AndroidManifest.xml", b"any bytes do here " * 100)
        archive.writestr("assets/big.bin", bytes(range(256)) * 5000)  # more than one chunk of 1 MiB
    return out.getvalue()


def signed(*signers: Signer, scheme: int = V2, data: bytes | None = None) -> bytes:
    """Put a signing block between the members and the directory."""
    data = unsigned_zip() if data is None else data
    end = data.rindex(b"PK\5\6")
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    sections = (data[:directory], data[directory:end], data[end:])
    value = prefixed(b"".join(prefixed(_signer(each, scheme, sections)) for each in signers))
    pair = struct.pack("<QI", len(value) + 4, scheme) + value
    size = struct.pack("<Q", len(pair) + 24)
    block = size + pair + size + b"APK Sig Block 42"
    moved = data[end : end + 16] + struct.pack("<I", directory + len(block)) + data[end + 20 :]
    return data[:directory] + block + data[directory:end] + moved


def lineage(*keys: Key, algorithm: int = ECDSA_SHA256, spoil: bool = False) -> bytes:
    """Write the attribute by which each key hands over to the next one."""
    levels = b""
    for number, key in enumerate(keys):
        given = algorithm if number else 0
        content = prefixed(certificate(key)) + struct.pack("<I", given)
        signature = sign(keys[number - 1], algorithm, content) if number else b""
        if spoil and number:
            signature = sign(key, algorithm, content)
        following = algorithm if number + 1 < len(keys) else 0
        levels += prefixed(prefixed(content) + struct.pack("<2I", 0x17, following) + prefixed(signature))
    return struct.pack("<2I", PROOF_OF_ROTATION, 1) + levels


def certificate(key: Key) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ec")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2099, 1, 1, tzinfo=UTC),
    )
    # The same bytes for the same key: RFC 6979 nonces are not to be had everywhere, so the RSA key certifies.
    return builder.sign(RSA, hashes.SHA256()).public_bytes(Encoding.DER)


def sign(key: Key, algorithm: int, data: bytes) -> bytes:
    hash_of = hashes.SHA512() if algorithm in {PSS_SHA512, PKCS1_SHA512} else hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hash_of))
    if algorithm in {PSS_SHA256, PSS_SHA512}:
        return key.sign(data, padding.PSS(padding.MGF1(hash_of), hash_of.digest_size), hash_of)
    return key.sign(data, padding.PKCS1v15(), hash_of)


def _signer(signer: Signer, scheme: int, sections: tuple[bytes, ...]) -> bytes:
    listed = signer.algorithms if signer.digest_algorithms is None else signer.digest_algorithms
    digests = [struct.pack("<I", each) + prefixed(_digest(each, sections)) for each in listed]
    certificates = [certificate(signer.certified or signer.key)] * signer.certificates
    versioned = scheme != V2
    content = (
        prefixed(b"".join(map(prefixed, digests)))
        + prefixed(b"".join(map(prefixed, certificates)))
        + (PLATFORMS if versioned else b"")
        + prefixed(prefixed(signer.attributes) if signer.attributes else b"")
    )
    signatures = [
        struct.pack("<I", each) + prefixed(signer.spoil(sign(signer.key, each, content))) for each in signer.algorithms
    ]
    public = signer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    platforms = signer.outer_platforms if versioned else b""
    return prefixed(content) + platforms + prefixed(b"".join(map(prefixed, signatures))) + prefixed(public)


def _digest(algorithm: int, sections: tuple[bytes, ...]) -> bytes:
    name = "sha512" if algorithm in {PSS_SHA512, PKCS1_SHA512} else "sha256"
    chunks = [part[at : at + (1 << 20)] for part in sections for at in range(0, len(part), 1 << 20)]
    digests = [hashlib.new(name, b"\xa5" + struct.pack("<I", len(each)) + each).digest() for each in chunks]
    return hashlib.new(name, b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)).digest()


def prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data
