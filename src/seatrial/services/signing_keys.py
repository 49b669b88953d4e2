"""The keys that apps' bundles are signed with: one for each app, made once, kept encrypted, shown by fingerprint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from seatrial.db import audit_log, signing_keys
from seatrial.db.engine import Database
from seatrial.db.signing_keys import SealedKey
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.errors import Conflict, EntityNotFound
from seatrial.domain.ids import AppId
from seatrial.domain.signing_key import Keystore, SigningKey
from seatrial.services import keystores
from seatrial.services.idempotency import Idempotency, meaning
from seatrial.storage.sealing import Sealer, Unsealable


def _nothing(_tx: Connection) -> None:
    """Take no part."""


class KeyLost(Exception):
    """The key is there, and this server's encryption keys do not open it."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """What callers may do with an app's key, and what conversion needs of it."""

    db: Database
    sealer: Sealer
    idempotency: Idempotency
    now: Callable[[], datetime]

    def get(self, scope: AppScope) -> SigningKey:
        """Show an app's key by its fingerprints.

        Raises Forbidden, EntityNotFound while there is none.
        """
        scope.require(Permission.APP_GET)
        with self.db.read() as tx:
            found = signing_keys.find(tx, scope.app_id)
        if found is None:
            raise EntityNotFound
        return found.key

    def ensure(self, scope: AppScope) -> SigningKey:
        """Make the app's key unless there is one; services that want a fingerprint can be told it ahead of any build.

        Raises Forbidden.
        """
        scope.require(Permission.APP_UPDATE)
        return self._ensured(scope.app_id, scope).key

    def once(
        self, scope: AppScope, pkcs12: bytes, password: str, key: str, *, replace: bool
    ) -> tuple[SigningKey, bool]:
        """Take the team's own key under an idempotency key; tells whether it was done before.

        Raises what `bring` raises, and Conflict for a key that was used for something else.
        """
        scope.require(Permission.APP_UPDATE)
        means = meaning("signing key", replace, [("keystore", "", sha256(pkcs12).hexdigest())])
        return self.idempotency.once(
            scope,
            key,
            means,
            lambda: self.bring(
                scope,
                pkcs12,
                password,
                replace=replace,
                also=lambda tx: self.idempotency.keep(tx, scope, key, means, scope.app_id),
            ),
            lambda _app_id: self.get(scope),
        )

    def bring(
        self,
        scope: AppScope,
        pkcs12: bytes,
        password: str,
        *,
        replace: bool,
        also: Callable[[Connection], None] = _nothing,
    ) -> SigningKey:
        """Take the team's own key; with `replace`, builds that were installed before can no longer be updated.

        `also` takes part in the transaction.

        Raises Forbidden, InvalidRequest for what is no PKCS #12 with one key, Conflict where there is another key.
        """
        scope.require(Permission.APP_UPDATE)
        key, keystore = keystores.take(scope.app_id, pkcs12, password, self.now())
        sealed = self._sealed(key, keystore)
        with self.db.transaction() as tx:
            also(tx)
            before = signing_keys.find(tx, scope.app_id, hold=True)
            if before is not None and before.key.sha256 == key.sha256:
                return before.key
            if before is not None and not replace:
                raise Conflict(
                    "The app has a signing key already. With another one, devices refuse to update what they have; "
                    "send replace: true if that is meant."
                )
            signing_keys.put(tx, sealed)
            audit_log.record(tx, scope, "app.signingKey.import", scope.app_id, key.created_at, {"sha256": key.sha256})
        return key

    def keystore(self, app_id: AppId) -> Keystore:
        """Open an app's key to sign with, making it where there is none yet.

        Raises KeyLost.
        """
        found = self._ensured(app_id, None)
        try:
            return Keystore(
                pkcs12=self.sealer.open(found.keystore),
                password=self.sealer.open(found.password).decode(),
                alias=found.alias,
            )
        except Unsealable:
            raise KeyLost from None

    def _ensured(self, app_id: AppId, scope: AppScope | None) -> SealedKey:
        with self.db.read() as tx:
            found = signing_keys.find(tx, app_id)
        if found is not None:
            return found
        key, keystore = keystores.generate(app_id, self.now())
        with self.db.transaction() as tx:
            # Somebody else may have been faster: theirs counts, ours was never used.
            added = signing_keys.add(tx, self._sealed(key, keystore))
            found = signing_keys.find(tx, app_id)
            if added and scope is not None:
                audit_log.record(tx, scope, "app.signingKey.create", app_id, key.created_at, {"sha256": key.sha256})
        assert found is not None
        return found

    def _sealed(self, key: SigningKey, keystore: Keystore) -> SealedKey:
        return SealedKey(
            key=key,
            alias=keystore.alias,
            keystore=self.sealer.seal(keystore.pkcs12),
            password=self.sealer.seal(keystore.password.encode()),
        )
