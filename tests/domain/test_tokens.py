"""Secrets: random, told by their prefix, and checked by their end."""

import re
import zlib

import pytest

from seatrial.domain.tokens import PATTERN, TokenKind, derived, digest, is_ours, kind_of, mint

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("kind", TokenKind)
def test_a_secret_is_found_by_scanners_and_checks_itself(kind: TokenKind) -> None:
    minted = {mint(kind).secret for _ in range(50)}
    assert len(minted) == 50
    for secret in minted:
        assert re.fullmatch(PATTERN, secret)
        assert (kind_of(secret), is_ours(secret)) == (kind, True)
        check = 0
        for digit in secret[-6:]:
            check = check * 62 + BASE62.index(digit)
        assert check == zlib.crc32(secret[:-6].encode())
        changed = secret[:10] + ("0" if secret[10] != "0" else "1") + secret[11:]
        assert not is_ours(changed)


@pytest.mark.parametrize("text", ["", "sta_", "sta_" + "0" * 38, "sta_8iRQ4mVXsQ0ePpDOH0cW5l9lFf2sKk7d", "é" * 42])
def test_what_is_no_secret_is_not_taken_for_one(text: str) -> None:
    assert not is_ours(text)


def test_what_is_kept_is_a_digest() -> None:
    minted = mint(TokenKind.APP)
    assert minted.digest == digest(minted.secret)
    assert minted.secret not in minted.digest
    assert minted.secret not in repr(minted)


def test_a_derived_secret_is_its_seed_s_own() -> None:
    made = derived(TokenKind.SETUP, "seed")
    assert made == derived(TokenKind.SETUP, "seed")
    assert is_ours(made.secret)
    assert made.digest == digest(made.secret)
    assert made.secret not in {derived(TokenKind.SETUP, "other").secret, derived(TokenKind.APP, "seed").secret}
