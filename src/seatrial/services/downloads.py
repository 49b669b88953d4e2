"""Getting files out: tokens that are redeemed once, signed links that live for minutes, and the record of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from seatrial.db import app_files, audit_log, build_files, builds, download_tokens, downloads, feedbacks
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission, Principal, PrincipalKind
from seatrial.domain.app import PictureFile
from seatrial.domain.build import Build, BuildFile, BuildStatus, FileType
from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.device import AddressPolicy, Visitor, kept_address
from seatrial.domain.download import Download, DownloaderType, DownloadOrigin, DownloadToken, DownloadType, Holder
from seatrial.domain.errors import (
    BuildDisabled,
    BuildNotProcessed,
    DownloadTokenExpired,
    EntityNotFound,
    InvalidRequest,
    InvalidToken,
)
from seatrial.domain.event import Event, EventKind
from seatrial.domain.feedback import FeedbackFile
from seatrial.domain.file_names import content_disposition
from seatrial.domain.ids import AppId, OrganizationId, may_name, new_entity_id
from seatrial.domain.quota import Item
from seatrial.domain.storable import storable
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.events import Events
from seatrial.services.quotas import Quotas
from seatrial.storage import BlobStore, BlobStores
from seatrial.storage.signing import UrlSigner

APPLE_MANIFEST_SYSTEMS = frozenset({Os.IOS.value, Os.TVOS.value, Os.VISIONOS.value})
"""Systems that install over the air from a manifest."""

FORGET_TOKENS_AFTER = timedelta(days=30)
"""Until then a token that was used or has expired is told apart from one that never was (decision 38)."""

LONGEST_USER_AGENT = 255
STRANGER = Visitor()


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A file and the proof that whoever has it may read it until then; `expires` in seconds since 1970."""

    file: BuildFile
    expires: int
    signature: str
    url: str | None = None
    """A link of the file's own store, to be given out instead; `None` where the bytes come from here."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """Where a token leads: to a file, or to Apple's manifest of the build."""

    link: SignedLink
    is_manifest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What Apple's installer wants to know."""

    package: SignedLink
    icon: SignedLink | None
    identifier: str
    version: str
    title: str


@dataclass(frozen=True, slots=True)
class Readable:
    """A file that the caller may read, and where its bytes are."""

    file: BuildFile | PictureFile | FeedbackFile
    store: BlobStore
    path: Path | None
    """On this machine; `None` where the bytes are elsewhere."""

    @property
    def is_picture(self) -> bool:
        """Whether it is to be shown and never changes, rather than to be kept."""
        return not isinstance(self.file, BuildFile) or self.file.type is FileType.ICON

    def open(self) -> BinaryIO:
        """Open it for seekable reading, wherever it is.

        Raises EntityNotFound, StorageUnavailable.
        """
        try:
            return self.store.open(self.file.key)
        except FileNotFoundError:
            raise EntityNotFound from None


@dataclass(frozen=True, slots=True)
class Downloads:
    """Issues, redeems and records."""

    db: Database
    blobs: BlobStores
    signer: UrlSigner
    token_life: timedelta
    link_life: timedelta
    quotas: Quotas
    now: Callable[[], datetime]
    events: Events = field(default_factory=Events)
    addresses: AddressPolicy = AddressPolicy.TRUNCATED
    """What the record keeps of network addresses."""

    def issue(self, scope: AppScope, build_id: str, file_id: str | None, kind: DownloadType) -> DownloadToken:
        """Make a short-lived, single-use token for a file of a build, for the caller.

        Raises Forbidden, EntityNotFound, BuildNotProcessed, BuildDisabled, InvalidRequest.
        """
        scope.require(Permission.BUILD_GET)
        is_person = scope.principal.kind is PrincipalKind.SESSION
        holder = Holder(
            origin=DownloadOrigin.INTEGRATION_API,
            type=DownloaderType.USER if is_person else DownloaderType.UNKNOWN,
            person=scope.principal.person,
        )
        return self.issue_to(scope, build_id, holder, file_id=file_id, kind=kind)

    def issue_to(
        self,
        scope: AppScope,
        build_id: str,
        holder: Holder,
        *,
        file_id: str | None = None,
        kind: DownloadType = DownloadType.AUTO,
        admit: Callable[[Connection, Build], None] = lambda _tx, _build: None,
    ) -> DownloadToken:
        """Make a token for somebody whom the caller lets in; `admit` may still object, once the build is known.

        Raises EntityNotFound, BuildNotProcessed, BuildDisabled, InvalidRequest, and what `admit` raises.
        """
        minted = mint(TokenKind.DOWNLOAD)
        now = self.now()
        with self.db.transaction() as tx:
            build = builds.get(tx, scope, build_id)
            admit(tx, build)
            self._choose(build, file_id, kind)
            if build.disabled:
                raise BuildDisabled
            token = download_tokens.TokenRow(
                digest=minted.digest,
                organization_id=scope.organization_id,
                app_id=scope.app_id,
                build_id=build.id,
                file_id=file_id,
                type=kind,
                origin=holder.origin.value,
                member_type=holder.type.value,
                member=holder.person,
                expires_at=now + self.token_life,
                used_at=None,
                created_at=now,
                device=holder.device,
            )
            download_tokens.insert_token(tx, token)
            audit_log.record(tx, scope, "downloadToken.create", build.id, now)
        return DownloadToken(secret=minted.secret, expires_at=token.expires_at)

    def redeem(self, secret: str, visitor: Visitor = STRANGER) -> Redemption:
        """Use a token up; of any number of callers exactly one gets here. A quota that is used up leaves the token be.

        Raises EntityNotFound, DownloadTokenExpired, BuildDisabled, StorageUnavailable, DownloadsExhausted.
        """
        # A look first: late callers must not queue for the write lock, nor a store that is gone use the token up.
        link = self._sign(self.peek(secret))
        now = self.now()
        with self.db.transaction() as tx:
            if not download_tokens.use(tx, digest(secret), now):
                raise DownloadTokenExpired
            token, build, file = self._resolve(tx, secret, hold=True)
            if token.recorded_at is None:
                self._record(tx, token, file, visitor, now)
        is_auto = token.file_id is None and token.type is DownloadType.AUTO
        return Redemption(link if link.file == file else self._sign(file), is_auto and _installs_over_the_air(build))

    def peek(self, secret: str) -> BuildFile:
        """Tell which file an unused token leads to, without using it.

        Raises EntityNotFound, DownloadTokenExpired, BuildDisabled.
        """
        with self.db.read() as tx:
            _token, _build, file = self._resolve(tx, secret, unused=True)
        return file

    def manifest(self, secret: str, visitor: Visitor | None = None) -> Manifest:
        """Describe an Apple build to its installer; works until the token expires, used or not (decision 50).

        A visitor's first look at the manifest of an unused token is noted as the download that it begins: the vendor's
        SDK for iOS sends installers here at once, and nobody redeems its tokens.

        Raises EntityNotFound, DownloadTokenExpired, BuildDisabled, DownloadsExhausted.
        """
        with self.db.read() as tx:
            token, build, package = self._resolve(tx, secret)
        if token.file_id is not None or not _installs_over_the_air(build) or build.info is None:
            raise EntityNotFound
        if visitor is not None and token.used_at is None and token.recorded_at is None:
            now = self.now()
            with self.db.transaction() as tx:
                if download_tokens.note(tx, token.digest, now):
                    self._record(tx, token, package, visitor, now)
        icon = build.file(FileType.ICON)
        return Manifest(
            package=self._sign(package),
            icon=self._sign(icon) if icon else None,
            identifier=build.info.identifier or "",
            version=build.info.version_name or build.version_name,
            title=build.info.display_name or build.application.name,
        )

    def read_signed(self, file_id: str, expires: int, signature: str) -> Readable:
        """Open a file to whoever holds a valid signature.

        Raises InvalidToken, DownloadTokenExpired, EntityNotFound, BuildDisabled.
        """
        now = int(self.now().timestamp())
        if not self.signer.verify(signature, file_id, expires=expires, now=now):
            raise DownloadTokenExpired if expires <= now else InvalidToken
        with self.db.read() as tx:
            found = build_files.find(tx, file_id)
            said = feedbacks.find_file(tx, file_id) if found is None else None
        return self._open(said) if said is not None else self._readable(found)

    def organization_of(self, file_id: str) -> OrganizationId | None:
        """Tell whose a file is, so that a credential for several organizations can be looked at for this one."""
        if not may_name(file_id):
            return None
        with self.db.read() as tx:
            return (
                build_files.organization_of(tx, file_id)
                or app_files.organization_of(tx, file_id)
                or feedbacks.organization_of(tx, file_id)
            )

    def read_as(self, scope: OrganizationScope, file_id: str) -> Readable:
        """Open a file, an app's picture, or what came with feedback, to a caller with credentials for its app.

        Raises EntityNotFound, Forbidden, BuildDisabled.
        """
        if not may_name(file_id):
            raise EntityNotFound
        with self.db.read() as tx:
            found = build_files.find_in_organization(tx, scope, file_id)
            picture = app_files.find_in_organization(tx, scope, file_id) if found is None else None
            said = feedbacks.find_file(tx, file_id, scope) if found is None and picture is None else None
        owner = found or picture or said
        if owner is None or (isinstance(scope, AppScope) and scope.app_id != owner.app_id):
            raise EntityNotFound
        own = scope if isinstance(scope, AppScope) else scope.in_app(AppId(owner.app_id))
        own.require(Permission.BUILD_GET if said is None else Permission.FEEDBACK_LIST)
        kept = picture or said
        return self._open(kept) if kept is not None else self._readable(found)

    def forget_old_tokens(self) -> int:
        """Remove tokens that expired long ago; gives how many."""
        with self.db.transaction() as tx:
            return download_tokens.delete_expired(tx, self.now() - FORGET_TOKENS_AFTER)

    def _record(
        self, tx: Connection, token: download_tokens.TokenRow, file: BuildFile, visitor: Visitor, now: datetime
    ) -> None:
        download = Download(
            id=new_entity_id(),
            build_id=token.build_id,
            origin=token.origin,
            member_type=token.member_type,
            member=token.member,
            created_at=now,
            address=kept_address(visitor.address, self.addresses),
            user_agent=storable(visitor.user_agent, LONGEST_USER_AGENT),
            device=token.device,
        )
        downloads.insert_download(tx, download, token, file.id)
        self.events.tell(
            tx,
            Event(
                kind=EventKind.BUILD_DOWNLOADED,
                organization_id=token.organization_id,
                app_id=token.app_id,
                subject=token.build_id,
                at=now,
                facts={"download": download.id},
            ),
        )
        self.quotas.hold(tx, token.organization_id, token.app_id, Item.DOWNLOADS)

    def _resolve(
        self, tx: Connection, secret: str, *, unused: bool = False, hold: bool = False
    ) -> tuple[download_tokens.TokenRow, Build, BuildFile]:
        token = download_tokens.find(tx, digest(secret))
        if token is None:
            raise EntityNotFound
        if token.expires_at <= self.now() or (unused and token.used_at is not None):
            raise DownloadTokenExpired
        build = builds.get(tx, _scope_of(token), token.build_id, hold=hold)
        if build.disabled:
            raise BuildDisabled
        return token, build, self._choose(build, token.file_id, token.type)

    def _choose(self, build: Build, file_id: str | None, kind: DownloadType) -> BuildFile:
        if file_id is not None:
            named = next((file for file in build.files if file.id == file_id), None)
            if named is None or named.type is FileType.SUBMITTED_ICON:
                raise EntityNotFound
            # A build that could not be understood is kept for those who name the file: only its installer is missing.
            if build.status is not BuildStatus.PROCESSED and build.status is not BuildStatus.ERROR:
                raise BuildNotProcessed
            return named
        if build.status is not BuildStatus.PROCESSED:
            raise BuildNotProcessed
        original = build.file(FileType.ORIGINAL)
        if kind is DownloadType.AAB:
            if build.info is None or build.info.format is not Format.AAB or original is None:
                raise InvalidRequest(
                    {"type": "aab is only for builds uploaded as Android App Bundle; use auto or file"}
                )
            return original
        chosen = build.file(FileType.PACKAGE) or original
        if chosen is None:
            raise EntityNotFound
        return chosen

    def _sign(self, file: BuildFile) -> SignedLink:
        expires = int((self.now() + self.link_life).timestamp())
        disposition = content_disposition(file.original_name)
        life = int(self.link_life.total_seconds())
        url = self.blobs.at(file.storage_provider_id).signed_link(file.key, life, disposition, file.mimetype)
        return SignedLink(file, expires, self.signer.sign(file.id, expires=expires), url)

    def _readable(self, found: build_files.FoundFile | None) -> Readable:
        if found is None or found.file.type is FileType.SUBMITTED_ICON:
            raise EntityNotFound
        if found.build_disabled and found.file.type is not FileType.ICON:
            raise BuildDisabled
        return self._open(found.file)

    def _open(self, file: BuildFile | PictureFile | FeedbackFile) -> Readable:
        store = self.blobs.at(file.storage_provider_id)
        try:
            return Readable(file, store, store.path(file.key))
        except FileNotFoundError:
            raise EntityNotFound from None


def _installs_over_the_air(build: Build) -> bool:
    """Whether Apple's installer takes it; a bare app in a ZIP archive is for simulators and developers."""
    return build.os in APPLE_MANIFEST_SYSTEMS and (build.info is None or build.info.format is Format.IPA)


def _scope_of(token: download_tokens.TokenRow) -> AppScope:
    """Give a token's holder the sight of the token's own app and nothing else."""
    principal = Principal(
        kind=PrincipalKind.DOWNLOAD_TOKEN, id=token.digest[:24], person=token.member, permissions=frozenset()
    )
    return AppScope(organization_id=token.organization_id, app_id=token.app_id, principal=principal)
