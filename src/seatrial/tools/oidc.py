"""OpenID Connect as its client: discovery, authorization code with PKCE, ID tokens (OpenID Connect Core 1.0).

The issuer is somebody else's server: it is asked within bounds of time and size, follows no redirects, and is believed
only what it signed.
"""

import base64
import hashlib
import json
import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

Claims = dict[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by keys that the issuer alone has: neither `none`, nor HMAC, whose key the client has too."""
LONGEST_ANSWER = 1 << 20
LONGEST_SECONDS = 30.0
"""For one whole answer; what a pause may take is the client's own limit."""
LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2."""
LEEWAY_SECONDS = 60
KEPT_SECONDS = 600.0
"""How long an issuer's description and keys are believed; a key that is missing is asked for at once."""
REFRESH_SECONDS = 10.0
"""How soon again an issuer is asked for a key that it did not have: tokens that name odd keys must not flood it."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class IssuerUnavailable(Exception):
    """The issuer cannot be reached, or does not speak OpenID Connect; the sentence says what happened."""


class TokenRefused(Exception):
    """What the issuer gave proves nothing; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """This server, as an issuer knows it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    """Empty for a public client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What ties the way back from the issuer to the way there."""

    state: str
    nonce: str
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The verifier as the issuer sees it first (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def new_ticket() -> Ticket:
    """Draw a ticket that nobody can guess."""
    return Ticket(state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))


@dataclass(slots=True)
class _Known:
    """An issuer's description and keys, and when they were fetched."""

    metadata: Claims
    metadata_at: float
    keys: KeySet | None = None
    keys_at: float = 0.0


@dataclass(slots=True)
class Issuers:
    """Talks to issuers; keeps what they say of themselves for a while."""

    http: httpx.Client
    allows_loopback: bool
    """Whether an issuer on this machine may be asked without TLS."""
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def authorization_url(self, client: Client, ticket: Ticket, redirect_uri: str, scopes: tuple[str, ...]) -> str:
        """Give the URL at the issuer that a browser is sent to.

        Raises IssuerUnavailable.
        """
        endpoint = self._endpoint(client.issuer, "authorization_endpoint")
        query = urlencode(
            {
                "response_type": "code",
                "client_id": client.client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(scopes),
                "state": ticket.state,
                "nonce": ticket.nonce,
                "code_challenge": ticket.challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    def redeem(
        self, client: Client, ticket: Ticket, code: str, redirect_uri: str, now: float, wanted: tuple[str, ...]
    ) -> Claims:
        """Trade a code in for who somebody is: the claims of the ID token.

        Those of the issuer's userinfo are added where one that is wanted is missing. Raises IssuerUnavailable,
        TokenRefused.
        """
        answer = self._exchange(client, ticket, code, redirect_uri)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("the identity provider gave no ID token")
        claims = self._verified(client.issuer, token)
        check_claims(claims, client, ticket.nonce, now)
        access = answer.get("access_token")
        if isinstance(access, str) and any(name not in claims for name in wanted):
            claims = self._userinfo(client.issuer, access, claims) | claims
        return claims

    def identify(self, issuer: str, token: str, now: float) -> Claims:
        """Give the claims of an identity token that this issuer signed and that is good now, whomever it is for.

        Raises IssuerUnavailable, TokenRefused.
        """
        claims = self._verified(issuer, token)
        if claims.get("iss") != issuer:
            raise TokenRefused("the token is of another issuer")
        _check_times(claims, now)
        return claims

    def _exchange(self, client: Client, ticket: Ticket, code: str, redirect_uri: str) -> Claims:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": ticket.verifier,
        }
        headers = {"Accept": "application/json"}
        methods = self._metadata(client.issuer).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if client.client_secret and "client_secret_basic" in methods:
            # Both are form-encoded before (RFC 6749, section 2.3.1).
            pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = client.client_id
            if client.client_secret:
                form["client_secret"] = client.client_secret
        endpoint = self._endpoint(client.issuer, "token_endpoint")
        status, answer = self._ask("POST", endpoint, headers, form)
        if status in {400, 401, 403}:
            reason = answer.get("error")
            said = reason if isinstance(reason, str) and reason.isascii() and reason.isprintable() else "no reason"
            raise TokenRefused(f"the identity provider refused the code ({said[:64]})")
        if status != 200:
            raise IssuerUnavailable(f"it answered {status} to a code")
        return answer

    def _verified(self, issuer: str, token: str) -> Claims:
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError, TypeError, AttributeError):
            raise TokenRefused("the ID token is no token") from None
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefused("the ID token is signed in a way that proves nothing")
        kid = header.get("kid")
        keys = self._keys(issuer)
        if kid is not None and all(key.kid != kid for key in keys.keys):
            keys = self._keys(issuer, older_than=REFRESH_SECONDS)  # the issuer's keys may have rotated
        candidates = [key for key in keys.keys if kid is None or key.kid == kid]
        for key in candidates:
            try:
                return dict(jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError, TypeError):
                continue  # of another kind, or not the one that signed
        raise TokenRefused("no key of the identity provider fits the signature of the ID token")

    def _userinfo(self, issuer: str, access_token: str, claims: Claims) -> Claims:
        if "userinfo_endpoint" not in self._metadata(issuer):
            return {}
        endpoint = self._endpoint(issuer, "userinfo_endpoint")
        status, answer = self._ask("GET", endpoint, {"Authorization": f"Bearer {access_token}"})
        if status != 200:
            return {}
        if answer.get("sub") != claims["sub"]:
            raise TokenRefused("the identity provider told of somebody else")
        return answer

    def _keys(self, issuer: str, older_than: float = KEPT_SECONDS) -> KeySet:
        known, now = self._known_issuer(issuer), self.clock()
        if known.keys is not None and now - known.keys_at < older_than:
            return known.keys
        _status, answer = self._ask("GET", self._endpoint(issuer, "jwks_uri"), {"Accept": "application/json"})
        try:
            signing = [key for key in answer["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]
            known.keys = KeySet.import_key_set({"keys": [key for key in signing if _is_known(key)]})
        except (KeyError, TypeError, AttributeError, ValueError, JoseError):
            raise IssuerUnavailable("its keys cannot be read") from None
        known.keys_at = now
        return known.keys

    def _metadata(self, issuer: str) -> Claims:
        return self._known_issuer(issuer).metadata

    def _known_issuer(self, issuer: str) -> _Known:
        with self._lock:
            known = self._known.get(issuer)
        now = self.clock()
        if known is not None and now - known.metadata_at < KEPT_SECONDS:
            return known
        self.check_url(issuer)
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        status, metadata = self._ask("GET", url, {"Accept": "application/json"})
        if status != 200:
            raise IssuerUnavailable(f"it answered {status} where its description should be")
        if metadata.get("issuer") != issuer:
            raise IssuerUnavailable("it calls itself by another name than the issuer's")
        fresh = _Known(metadata, now)
        with self._lock:
            if len(self._known) >= 100:
                self._known.clear()
            self._known[issuer] = fresh
        return fresh

    def _endpoint(self, issuer: str, name: str) -> str:
        url = self._metadata(issuer).get(name)
        if not isinstance(url, str):
            raise IssuerUnavailable(f"its description has no {name}")
        self.check_url(url)
        return url

    def check_url(self, url: str) -> None:
        """Let only addresses through that are safe from listeners.

        Raises IssuerUnavailable.
        """
        check_url(url, allows_loopback=self.allows_loopback)

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> tuple[int, Claims]:
        """Ask for a JSON object; of an answer that is none the status alone counts."""
        body, ends_at = bytearray(), self.clock() + LONGEST_SECONDS
        try:
            with self.http.stream(method, url, headers=dict(headers), data=dict(form) if form else None) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LONGEST_ANSWER:
                        raise IssuerUnavailable("it answered without end")
                    if self.clock() > ends_at:
                        raise IssuerUnavailable("it answered too slowly")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IssuerUnavailable(f"it cannot be reached ({type(error).__name__})") from error
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            if status == 200:
                raise IssuerUnavailable("it answered something that is no JSON object")
            return status, {}
        return status, said


def check_url(url: str, *, allows_loopback: bool) -> None:
    """Let only addresses of issuers through that are safe from listeners.

    Raises IssuerUnavailable.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise IssuerUnavailable("its address is none") from None
    if host is None or parts.fragment or parts.username:
        raise IssuerUnavailable("its address is none")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK and allows_loopback):
        raise IssuerUnavailable("its address does not begin with https://")


def check_claims(claims: Claims, client: Client, nonce: str, now: float) -> None:
    """Hold the claims of an ID token whose signature is right against OpenID Connect Core 1.0, section 3.1.3.7.

    Raises TokenRefused.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    if claims.get("iss") != client.issuer:
        raise TokenRefused("the ID token is of another issuer")
    if client.client_id not in audiences or (len(audiences) > 1 and party is None):
        raise TokenRefused("the ID token is for somebody else")
    if party is not None and party != client.client_id:
        raise TokenRefused("the ID token is for somebody else")
    _check_times(claims, now)
    if not isinstance(claims.get("nonce"), str) or not secrets.compare_digest(
        claims["nonce"].encode("utf-8", "surrogatepass"), nonce.encode()
    ):
        raise TokenRefused("the ID token is of another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise TokenRefused("the ID token says of nobody who it is")


def issuer_of(token: str) -> str:
    """Read which issuer a token says it is of, without believing it.

    Raises TokenRefused.
    """
    try:
        said = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        said = None
    issuer = said.get("iss") if isinstance(said, dict) else None
    if not isinstance(issuer, str) or "\0" in issuer:
        raise TokenRefused("the token is no identity token")
    return issuer


def _check_times(claims: Claims, now: float) -> None:
    expires, issued = _number(claims.get("exp")), _number(claims.get("iat"))
    if expires is None or expires + LEEWAY_SECONDS <= now:
        raise TokenRefused("the ID token has expired")
    if issued is None or max(issued, _number(claims.get("nbf")) or 0) - LEEWAY_SECONDS > now:
        raise TokenRefused("the ID token is of the future; is a clock wrong?")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None  # NaN is later than nothing, and would never expire


def _is_known(key: Claims) -> bool:
    """Whether a key can be read: an issuer may have kinds that we do not know beside those that we do."""
    try:
        KeySet.import_key_set({"keys": [key]})
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True
