"""XML documents of strangers, read event by event, so that a huge one needs no memory.

Declared entities and everything that leads outside of the document are refused (by `defusedxml`).
"""

from collections.abc import Iterable
from typing import Protocol
from xml.etree.ElementTree import ParseError

MAX_ELEMENTS = 200_000
"""Elements of one document; the largest installers list some thousands of files."""
MAX_DEPTH = 100
MAX_TOKEN = 256 << 10
"""Bytes of one tag with its attributes, or of one comment; text comes in pieces and is not meant."""
_FEED = 64 << 10


class XmlUnreadable(Exception):
    """A document that is not well-formed, declares entities, or is larger than the limits."""


class Events(Protocol):
    """What reads a document: tags as they come, without their namespaces."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a start tag."""

    def end(self, tag: str) -> None:
        """Take an end tag."""

    def data(self, text: str) -> None:
        """Take a piece of the text in between; one text may come in several pieces."""


def read_xml(pieces: Iterable[bytes], events: Events) -> None:
    """Hand the tags and texts of a document to `events`; raise `XmlUnreadable` for one that is none."""
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # it has no type information
    from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]  # as above

    bounded = _Bounded(events)
    parser = DefusedXMLParser(target=bounded)
    try:
        for piece in pieces:
            for start in range(0, len(piece), _FEED):
                part = piece[start : start + _FEED]
                bounded.expect(len(part))
                parser.feed(part)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        # Wrong encodings raise the last two.
        raise XmlUnreadable("it is not well-formed XML, or declares entities") from None


class _Bounded:
    """Stands between the parser and the reader of events: counts, and removes namespaces."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._elements = self._depth = self._silent = 0

    def expect(self, size: int) -> None:
        """Note how many bytes are on their way; refuse those that go on and on without making an event."""
        self._silent += size
        if self._silent > MAX_TOKEN + _FEED:
            raise XmlUnreadable(f"one of its tags has more than {MAX_TOKEN >> 10} kB")

    def data(self, text: str) -> None:
        self._silent = 0
        self._events.data(text)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS or self._depth > MAX_DEPTH:
            raise XmlUnreadable(f"it has more than {MAX_ELEMENTS:,} elements, or nests them too deep")
        self._events.start(_local(tag), attributes)

    def end(self, tag: str) -> None:
        self._silent = 0
        self._depth -= 1
        self._events.end(_local(tag))

    def close(self) -> None:
        """End the document; the parser asks for this method."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
