"""Every URL that the API hands out."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode


class LinkedFile(Protocol):
    """What the URL of a file is made of."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def original_name(self) -> str:
        """What it was called where it came from."""


class Signed(Protocol):
    """The right to one URL for a while."""

    @property
    def expires(self) -> int:
        """The end, in seconds since 1970."""

    @property
    def signature(self) -> str:
        """The proof."""


_DOT_SEGMENTS = ("", ".", "..")  # URL parsers fold these away, even percent-encoded


@dataclass(frozen=True, slots=True)
class Links:
    """The public base URLs, without a slash at their end."""

    api: str
    upload: str
    download: str
    sdk: str

    def location(self, file: LinkedFile) -> str:
        """Give the URL of a file's bytes; reading it needs credentials (decision 34)."""
        return f"{self.api}/v1/files/{_path(file)}"

    def picture(self, file_id: str) -> str:
        """Give the URL of an app's picture, empty for none; reading it needs credentials, as with a build's icon."""
        return f"{self.api}/v1/files/{file_id}/picture.png" if file_id else ""

    def signed(self, file: LinkedFile, expires: int, signature: str) -> str:
        """Give the URL of a file's bytes for whoever holds it, until `expires` (Unix seconds)."""
        return f"{self.download}/v1/files/{_path(file)}?{urlencode({'expires': expires, 'signature': signature})}"

    def feedback_video(self, feedback_id: str, proof: Signed) -> str:
        """Give the URL that a film is sent to, once."""
        query = urlencode({"expires": proof.expires, "signature": proof.signature})
        return f"{self.upload}/v1/feedback/{feedback_id}/video?{query}"

    def redeem(self, token: str) -> str:
        """Give the URL that a download token is redeemed at (contract 1.5)."""
        return f"{self.download}/v1/download/{quote(token, safe='')}"

    def publication(self, slug: str) -> str:
        """Give the URL of a publication's page."""
        return f"{self.api}/{slug}"

    def store(self, organization: str) -> str:
        """Give the URL of an organization's store, the list of its publications."""
        return f"{self.api}/store/{organization}"

    def manifest(self, token: str) -> str:
        """Give the URL of Apple's installation manifest for a download token."""
        return f"{self.redeem(token)}/manifest.plist"


def last_segment(file: LinkedFile) -> str:
    """Give the name at the end of a file's URL, as the server reads it."""
    name = "file" if file.original_name in _DOT_SEGMENTS else file.original_name
    return name.encode("utf-8", "replace").decode()


def _path(file: LinkedFile) -> str:
    return f"{file.id}/{quote(last_segment(file), safe='')}"
