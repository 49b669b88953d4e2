"""The server's own secrets: from the settings, or made once in the data directory."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from seatrial.config import Settings

KEY_BYTES = 32


class SettingsInvalid(Exception):
    """A setting that cannot be worked with; the sentence names it."""


def signing_keys(settings: Settings) -> list[bytes]:
    """Give the keys of signed URLs, the one that signs first.

    Raises SettingsInvalid.
    """
    return _keys("url_signing_keys", settings.url_signing_keys, settings.data_dir / "keys" / "url-signing")


def encryption_keys(settings: Settings) -> list[bytes]:
    """Give the keys that secrets in the database are encrypted with, the one that encrypts first.

    Raises SettingsInvalid.
    """
    return _keys("encryption_keys", settings.encryption_keys, settings.data_dir / "keys" / "encryption")


def _keys(name: str, said: tuple[SecretStr, ...], path: Path) -> list[bytes]:
    if said:
        return [_decoded(name, key.get_secret_value()) for key in said]
    if not path.exists():
        _write_secret(path, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    return [_decoded(str(path), line) for line in path.read_text().split()]


def _decoded(name: str, text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise SettingsInvalid(f"{name}: each key must be at least {KEY_BYTES} bytes in base64url")
    return key


def _write_secret(path: Path, content: bytes) -> None:
    """Make a file that only its owner can read; of two processes that try at once, one wins and both read the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
