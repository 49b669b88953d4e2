import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from sqlalchemy import select, text

from seatrial.db import tables
from seatrial.domain.access import ROLE_PERMISSIONS, AppScope, Role
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.signing_key import KeyOrigin
from seatrial.services.signing_keys import KeyLost, SigningKeys
from seatrial.storage.sealing import Sealer
from tests.services.rooms import Rooms

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "The team")])
Kind = Literal["rsa", "ec", "ed25519"]


def own_keystore(kind: Kind = "rsa", password: bytes = b"open sesame") -> tuple[bytes, x509.Certificate]:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    match kind:
        case "rsa":
            key = rsa.generate_private_key(65537, 2048)
        case "ec":
            key = ec.generate_private_key(ec.SECP256R1())
        case "ed25519":
            key = ed25519.Ed25519PrivateKey.generate()
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9000))
        .sign(key, None if kind == "ed25519" else hashes.SHA256())
    )
    encryption = BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(b"mine", key, certificate, None, encryption), certificate


def as_role(scope: AppScope, role: Role) -> AppScope:
    return replace(scope, principal=replace(scope.principal, permissions=ROLE_PERMISSIONS[role]))


def test_a_key_is_made_once_and_opens_to_what_was_shown(rooms: Rooms) -> None:
    with pytest.raises(EntityNotFound):
        rooms.signing_keys.get(rooms.scope)
    made = rooms.signing_keys.ensure(rooms.scope)
    assert rooms.signing_keys.ensure(rooms.scope) == rooms.signing_keys.get(rooms.scope) == made
    keystore = rooms.signing_keys.keystore(rooms.scope.app_id)
    _, certificate, _ = pkcs12.load_key_and_certificates(keystore.pkcs12, keystore.password.encode())
    assert certificate is not None
    data = certificate.public_bytes(Encoding.DER)
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert made.sha1 == hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert made.origin is KeyOrigin.GENERATED
    assert made.not_after - rooms.now() > timedelta(days=25 * 365)


def test_nothing_in_the_database_opens_the_key(rooms: Rooms) -> None:
    rooms.signing_keys.ensure(rooms.scope)
    password = rooms.signing_keys.keystore(rooms.scope.app_id).password
    with rooms.db.read() as tx:
        row = tx.execute(select(tables.signing_keys)).one()
    assert password not in repr(row)
    stranger = SigningKeys(rooms.db, Sealer([b"x" * 32]), rooms.idempotency, rooms.now)
    with pytest.raises(KeyLost):
        stranger.keystore(rooms.scope.app_id)


def test_an_encryption_key_rotates_with_an_overlap(rooms: Rooms) -> None:
    rooms.signing_keys.ensure(rooms.scope)
    keystore = rooms.signing_keys.keystore(rooms.scope.app_id)
    rotated = SigningKeys(rooms.db, Sealer([b"n" * 32, b"k" * 32]), rooms.idempotency, rooms.now)
    assert rotated.keystore(rooms.scope.app_id) == keystore


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_the_teams_own_key_signs_from_then_on(rooms: Rooms, kind: Kind) -> None:
    data, certificate = own_keystore(kind)
    shown = rooms.signing_keys.bring(rooms.scope, data, "open sesame", replace=False)
    assert (shown.origin, shown.subject) == (KeyOrigin.IMPORTED, "CN=The team")
    keystore = rooms.signing_keys.keystore(rooms.scope.app_id)
    _, kept, _ = pkcs12.load_key_and_certificates(keystore.pkcs12, keystore.password.encode())
    assert kept == certificate
    assert keystore.password != "open sesame"
    assert rooms.signing_keys.bring(rooms.scope, data, "open sesame", replace=False) == shown


def test_another_key_is_taken_only_when_that_is_meant(rooms: Rooms) -> None:
    made = rooms.signing_keys.ensure(rooms.scope)
    data, _ = own_keystore("ec")
    with pytest.raises(Conflict, match="replace"):
        rooms.signing_keys.bring(rooms.scope, data, "open sesame", replace=False)
    assert rooms.signing_keys.get(rooms.scope) == made
    assert rooms.signing_keys.bring(rooms.scope, data, "open sesame", replace=True).sha256 != made.sha256


def test_what_is_no_keystore_is_refused_by_name(rooms: Rooms) -> None:
    good, _ = own_keystore("ec")
    odd, _ = own_keystore("ed25519")
    for data, password in ((good, "wrong"), (b"junk", ""), (b"", ""), (good[:-7], "open sesame"), (odd, "open sesame")):
        with pytest.raises(InvalidRequest) as refusal:
            rooms.signing_keys.bring(rooms.scope, data, password, replace=False)
        assert "keystore" in refusal.value.fields


def test_who_may_only_read_sees_fingerprints_and_changes_nothing(rooms: Rooms) -> None:
    viewer = as_role(rooms.scope, Role.VIEWER)
    made = rooms.signing_keys.ensure(rooms.scope)
    assert rooms.signing_keys.get(viewer) == made
    with pytest.raises(Forbidden):
        rooms.signing_keys.ensure(viewer)
    with pytest.raises(Forbidden):
        rooms.signing_keys.bring(viewer, b"", "", replace=True)


def test_a_key_goes_with_its_app(rooms: Rooms) -> None:
    rooms.signing_keys.ensure(rooms.scope)
    with rooms.db.transaction() as tx:
        tx.execute(text("DELETE FROM apps WHERE id = :id"), {"id": rooms.scope.app_id})
        assert tx.execute(select(tables.signing_keys)).all() == []
