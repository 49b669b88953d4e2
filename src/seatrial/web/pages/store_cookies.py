"""What the store keeps in a visitor's browser: that they gave a password or accepted terms, and proofs for forms.

All of it is signed or random, unreadable to scripts, and sent back to the page that it is for and to no other.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.publication import Publication
from seatrial.storage.signing import UrlSigner

PASSWORD_COOKIE, TERMS_COOKIE, FORM_COOKIE = "seatrial_open", "seatrial_terms", "seatrial_form"
DEVICE_COOKIE = "seatrial_device"
PASSWORD_SECONDS, TERMS_SECONDS = 7 * 24 * 3600, 365 * 24 * 3600
_FORM_BYTES = 24


@dataclass(frozen=True, slots=True)
class StoreCookies:
    """Signs and reads the cookies of publications' pages."""

    signer: UrlSigner
    now: Callable[[], datetime]

    def has_password(self, request: Request, publication: Publication) -> bool:
        """Whether the visitor gave the password that the publication has now."""
        return self._is_good(request, PASSWORD_COOKIE, "password", publication.id, publication.password_hash or "")

    def keep_password(self, request: Request, response: Response, publication: Publication) -> None:
        """Remember that the visitor gave the password; another password makes it worthless."""
        subject = ("password", publication.id, publication.password_hash or "")
        self._keep(request, response, publication, PASSWORD_COOKIE, PASSWORD_SECONDS, *subject)

    def has_terms(self, request: Request, publication: Publication) -> bool:
        """Whether the visitor accepted the terms as they are now, or there are none."""
        said = publication.settings
        return not said.terms_active or self._is_good(
            request, TERMS_COOKIE, "terms", publication.id, sha256(said.terms_text.encode()).hexdigest()
        )

    def keep_terms(self, request: Request, response: Response, publication: Publication) -> None:
        """Remember that the visitor accepted the terms; other words are asked for again."""
        subject = ("terms", publication.id, sha256(publication.settings.terms_text.encode()).hexdigest())
        self._keep(request, response, publication, TERMS_COOKIE, TERMS_SECONDS, *subject)

    def _is_good(self, request: Request, name: str, *subject: str) -> bool:
        expires, _, signature = request.cookies.get(name, "").partition(".")
        if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
            return False
        now = int(self.now().timestamp())
        return self.signer.verify(signature, "store", *subject, expires=int(expires), now=now)

    def _keep(
        self, request: Request, response: Response, publication: Publication, name: str, seconds: int, *subject: str
    ) -> None:
        expires = int(self.now().timestamp()) + seconds
        value = f"{expires}.{self.signer.sign('store', *subject, expires=expires)}"
        set_cookie(request, response, name, value, f"/{publication.settings.slug}", seconds)


def device_cookie(organization_id: str) -> str:
    """Name the cookie that knows the device: organizations on one server do not share what they know."""
    return f"{DEVICE_COOKIE}_{organization_id}"


def set_cookie(request: Request, response: Response, name: str, value: str, path: str, seconds: int | None) -> None:
    """Set a cookie that scripts cannot read and foreign forms do not bring along."""
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def form_proof(request: Request) -> str:
    """Give the proof that a form must bring: the one that the browser has already, or a new one."""
    kept = request.cookies.get(FORM_COOKIE, "")
    return kept if 16 <= len(kept) <= 64 and kept.replace("-", "").replace("_", "").isalnum() else _new_proof()


def is_own_form(request: Request, said: str) -> bool:
    """Whether a form came from a page of ours: it brings what is in the cookie, which other sites cannot read."""
    kept = request.cookies.get(FORM_COOKIE, "")
    return bool(kept) and hmac.compare_digest(kept.encode(), said.encode("utf-8", "replace"))


def _new_proof() -> str:
    return secrets.token_urlsafe(_FORM_BYTES)
