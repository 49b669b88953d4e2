"""Breakpad symbol files: one line `MODULE system architecture id name`, then records.

Format: "symbol_files.md" of Breakpad's documents.
"""

import re

from seatrial.domain.attachment import Attachment, AttachmentKind, Fact, SymbolFile
from seatrial.parsers.attachment_content import Content

_MODULE = re.compile(rb"MODULE (\S{1,20}) (\S{1,20}) ([0-9A-Fa-f]{33,48}) ([^\r\n]{1,500})\r?(?:\n|$)")
_CODE_ID = re.compile(rb"^INFO CODE_ID ([0-9A-Fa-f]{1,128})", re.MULTILINE)


def is_breakpad(head: bytes) -> bool:
    """Tell symbols by their first line."""
    return _MODULE.match(head) is not None


def read_module(content: Content) -> SymbolFile | None:
    """Read the module that symbols are for."""
    found = _MODULE.match(content.head)
    if found is None:
        return None
    _, architecture, identifier, name = (part.decode(errors="replace") for part in found.groups())
    return SymbolFile(name=name, architecture=architecture, id=identifier.upper())


def read_breakpad(content: Content) -> Attachment:
    """Describe one symbol file."""
    module = read_module(content)
    found = _MODULE.match(content.head)
    assert module is not None
    assert found is not None
    facts: dict[str, Fact] = {"os": found[1].decode(errors="replace")}
    if code_id := _CODE_ID.search(content.head, 0, 4096):
        facts["codeId"] = code_id[1].decode().lower()
    return Attachment(
        kind=AttachmentKind.BREAKPAD,
        summary=f"Breakpad symbols of {module.name} ({module.architecture}).",
        symbols=(module,),
        facts=facts,
    )


def breakpad_id_of_uuid(uuid: str) -> str:
    """Give the id that Breakpad makes of a Mach-O UUID: its digits, and an age of 0."""
    return uuid.replace("-", "").upper() + "0"


def breakpad_id_of_build_id(build_id: str) -> str:
    """Give the id that Breakpad makes of a GNU build id: a GUID of its first 16 bytes, and an age of 0."""
    raw = bytes.fromhex(build_id)[:16].ljust(16, b"\0")
    return (raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]).hex().upper() + "0"
