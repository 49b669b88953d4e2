"""Test reports in JUnit's XML, as far as its many writers agree.

That is `testsuites`, `testsuite` and `testcase`, with `failure`, `error` and `skipped` inside. Tests are counted one by
one while reading, whatever the totals in the attributes say.
"""

import re
from typing import Any

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # it has no types
from defusedxml.ElementTree import ParseError, XMLParser  # type: ignore[import-untyped]  # it has no types

from seatrial.domain.attachment import Attachment, AttachmentKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.attachment_content import Content

MAX_BYTES = 1 << 30
_LONGEST_TOKEN = 4 << 20
"""Bytes without the end of a tag or a text, with which reading ends: the reader would have to keep them all."""
_ROOT = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,4000}?-->\s*)*<(?:testsuites?)[\s>/]", re.DOTALL)
_BAD = ("failure", "error", "skipped")


class _Counter:
    """Handlers that count; no tree is built."""

    def __init__(self) -> None:
        self.counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0, "suites": 0}
        self.suite_seconds = self.case_seconds = 0.0
        self.total_seconds: float | None = None
        self.name = ""
        self._depth = 0
        self._suites = 0
        self._verdict = ""

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if tag == "testcase":
            self.counts["tests"] += 1
            self.case_seconds += _seconds(attributes)
            self._verdict = ""
        elif tag in _BAD:
            self._judge(tag)
        elif tag == "testsuite":
            self.counts["suites"] += 1
            if not self._suites:
                self.suite_seconds += _seconds(attributes)
            self._suites += 1
        if self._depth == 1:
            self.name = attributes.get("name", "")[:200]
            if tag == "testsuites" and "time" in attributes:
                self.total_seconds = _seconds(attributes)

    def finish(self, tag: str) -> None:
        self._depth -= 1
        if tag == "testsuite":
            self._suites -= 1

    def _judge(self, tag: str) -> None:
        """Count a test once, by the first thing that is wrong with it."""
        if not self._verdict:
            self._verdict = tag
            self.counts[tag if tag == "skipped" else tag + "s"] += 1

    @property
    def seconds(self) -> float:
        return round(self.total_seconds or self.suite_seconds or self.case_seconds, 3)


def is_junit(head: bytes) -> bool:
    """Tell a report by its first element."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[:32_768].decode("utf-16", "replace").encode(errors="replace")
    return _ROOT.match(head.removeprefix(b"\xef\xbb\xbf")[:16_384]) is not None


def read_junit(contents: list[Content]) -> Attachment:
    """Count the tests of one report, or of several that are one."""
    counter = _Counter()
    warnings: list[str] = []
    name = ""
    seconds = 0.0
    for content in contents:
        one = _counted(content, warnings)
        counter.counts = {key: value + one.counts[key] for key, value in counter.counts.items()}
        seconds += one.seconds
        name = name or one.name
    bad = counter.counts["failures"] + counter.counts["errors"]
    return Attachment(
        kind=AttachmentKind.JUNIT,
        summary=f"A test report; tests: {counter.counts['tests']:,}, failed: {bad:,}, "
        f"skipped: {counter.counts['skipped']:,}.",
        facts={"seconds": round(seconds, 3)} | ({"name": name} if name else {}),
        counts=counter.counts,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _counted(content: Content, warnings: list[str]) -> _Counter:
    counter = _Counter()
    parser: Any = XMLParser(target=counter, forbid_dtd=True)
    # Its own handlers against entities stay; those that would build a tree make way for ours.
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = counter.begin, counter.finish
    expat.ordered_attributes = False
    expat.DefaultHandlerExpand = None
    given = 0
    try:
        for chunk in content.chunks():
            parser.feed(chunk)
            given += len(chunk)
            if given - expat.CurrentByteIndex > _LONGEST_TOKEN or given > MAX_BYTES:
                warnings.append("The report is too large to be counted to its end.")
                return counter
        parser.close()
    except BuildFileInvalid as problem:
        warnings.append(problem.sentence)
    except DefusedXmlException:
        warnings.append("The report has a document type or entities, which are not read; write it without them.")
    except (ParseError, LookupError, ValueError) as problem:  # the second and third: an encoding that nobody knows
        warnings.append(f"The report is damaged or cut off ({problem}); only what stands before that was counted.")
    return counter


def _seconds(attributes: dict[str, str]) -> float:
    try:
        seconds = float(attributes.get("time", "0").replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e9 else 0.0
