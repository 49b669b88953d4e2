"""What the two forms of Android's XML share, binary in an APK and protocol buffers in a bundle: trees and manifests."""

from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive


class Tree:
    """An element and what is below it."""

    __slots__ = ()
    tag: str
    children: Any  # of its own kind

    def named(self, tag: str) -> Iterator[Self]:
        """Find the direct children of one name."""
        return (child for child in self.children if child.tag == tag)

    def walk(self) -> Iterator[Self]:
        """Visit this element and all below it in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))


T = TypeVar("T", bound=Tree)


def read_manifest(
    archive: Archive,
    path: str,
    parse: Callable[[bytes], T],
    *,
    broken: tuple[type[Exception], ...],
    missing: str,
    called: str,
    form: str,
    refusal: Callable[[str], BuildFileInvalid],
) -> T:
    """Read the document that describes an app; `called` and `form` are what a refusal says of it.

    Raises BuildFileInvalid where it is missing, or not what `parse` takes without raising one of `broken`.
    """
    member = archive.find(path)
    if member is None:
        raise BuildFileInvalid(ProcessingCode.MANIFEST_MISSING, missing)
    data = archive.read(member, limits.current().manifest_bytes)
    try:
        root = parse(data)
    except broken as problem:
        is_text = data.lstrip()[:1] == b"<"
        reason = f"it is text, not {form} that the Android build makes of it" if is_text else problem
        raise refusal(f"{called} cannot be read ({reason})") from None
    if root.tag != "manifest":
        raise refusal(f"{called} does not begin with a manifest element")
    return root
