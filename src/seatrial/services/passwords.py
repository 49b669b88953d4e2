"""Passwords: argon2id at rest, and the same work for a name that nobody has."""

from functools import cache

import argon2
from argon2.exceptions import VerificationError

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD

_hasher = argon2.PasswordHasher()


def check_password(password: str) -> str:
    """Return a password as it is.

    Raises InvalidRequest where it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidRequest({"password": f"must be {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"})
    return password


def hash_password(password: str) -> str:
    """Make what is kept of a password; takes tens of milliseconds and 64 MiB on purpose."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Compare a password; without a hash it takes as long and is never right, so that names cannot be guessed."""
    dummy = _of_nobody()
    try:
        _hasher.verify(password_hash or dummy, password)
    except VerificationError:
        return False
    return bool(password_hash)


def rehashed(password_hash: str, password: str) -> str | None:
    """Hash a password that was right anew, where today's parameters are others than those of its hash."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(password_hash) else None


@cache
def _of_nobody() -> str:
    return _hasher.hash("nobody has this password, because no account has this hash")
