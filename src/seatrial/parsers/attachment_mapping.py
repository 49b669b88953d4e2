"""Mappings of ProGuard and R8, which tell what the short names of a shrunk app stand for.

Facts: the comment lines at the start, as R8 writes them (`# compiler: R8`, `# pg_map_id: 1a2b3c4` ...). The same id
is in the app's code, see `binaries`.
"""

import hashlib
import re
from uuid import NAMESPACE_DNS, UUID, uuid5

from seatrial.domain.attachment import Attachment, AttachmentKind, Fact
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.attachment_content import Content

MAX_BYTES = 512 << 20
"""Bytes of a mapping that are counted."""

_SPACE = uuid5(NAMESPACE_DNS, "guardsquare.com")
"""Tools for crash reports name a mapping by a UUID (version 5) of its bytes in this space."""
_LONGEST_LINE = 1 << 20
_COMMENT = re.compile(r"#\s*([a-z_]{1,40}):\s*(\S.{0,200}?)\s*")
_CLASS = re.compile(r"[^\s#]\S{0,1000} -> [^\s:]{1,1000}:\s*")
_NO_CLASSES = re.compile(rb"\n#[^\n]*:\r?(?=\n)")
_FACTS = {
    "compiler": "compiler",
    "compiler_version": "compilerVersion",
    "min_api": "minApi",
    "pg_map_id": "mapId",
    "pg_map_hash": "mapHash",
}


def is_mapping(head: bytes) -> bool:
    """Tell a mapping by its first line that is no comment, or by R8's comments where there is nothing to map."""
    text = head.decode(errors="replace")
    if "\0" in text:
        return False
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            return _CLASS.fullmatch(line) is not None
    return "compiler" in (facts := _header(text)) and "compilerVersion" in facts


def read_mapping(content: Content, name: str) -> Attachment:
    """Read what a mapping says of itself, and count what it maps."""
    facts: dict[str, Fact] = dict(_header(content.head.decode(errors="replace")))
    warnings: list[str] = []
    digest = hashlib.sha1(_SPACE.bytes, usedforsecurity=False)
    classes = size = 0
    rest = b""
    try:
        for chunk in content.chunks():
            size += len(chunk)
            if size > MAX_BYTES:
                warnings.append(f"Only the first {MAX_BYTES >> 20} MiB were counted.")
                break
            digest.update(chunk)
            cut = chunk.rfind(b"\n") + 1
            classes += _count(rest + chunk[:cut]) if cut else 0
            rest = chunk[cut:] if cut else (rest + chunk)[:_LONGEST_LINE]
        else:
            facts["uuid"] = str(UUID(bytes=digest.digest()[:16], version=5))
        classes += _count(rest + b"\n")
    except BuildFileInvalid as problem:
        warnings.append(problem.sentence)
    compiler = " ".join(str(facts[key]) for key in ("compiler", "compilerVersion") if key in facts)
    return Attachment(
        kind=AttachmentKind.MAPPING,
        summary=f"A mapping of {compiler or 'ProGuard or R8'}; classes: {classes:,}.",
        facts=facts | ({"member": name} if name else {}),
        counts={"classes": classes},
        warnings=tuple(warnings),
    )


def _header(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            if line.strip():
                break
            continue
        comment = _COMMENT.fullmatch(line)
        if comment and (key := _FACTS.get(comment[1])):
            found.setdefault(key, comment[2].removeprefix("SHA-256 "))
    return found


def _count(lines: bytes) -> int:
    """Count the lines about classes: they alone, and some comments, end in a colon. Far faster than line by line."""
    ends = lines.count(b":\n") + (lines.count(b":\r\n") if b"\r" in lines else 0)
    return ends - len(_NO_CLASSES.findall(b"\n" + lines)) if ends else 0
