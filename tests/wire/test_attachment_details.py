"""`details` of attachments: a key of our own beside the contract's, which stay as they are."""

from dataclasses import replace
from typing import Any

from seatrial.domain.attachment import Attachment, AttachmentKind, SymbolFile
from seatrial.domain.build import FileType
from seatrial.wire.builds import build_json
from tests.wire.sample_builds import ANDROID, LINKS, a_file, processed

FOUND = Attachment(
    kind=AttachmentKind.ELF_SYMBOLS,
    summary="Native symbols.",
    symbols=(SymbolFile(name="libpay.so", architecture="arm64", id="3f2a"),),
    facts={"debugInfo": True},
    counts={"files": 1},
    matches=False,
    match_note="Of another build.",
    warnings=("odd",),
)


def entries(details: Attachment | None) -> list[dict[str, Any]]:
    build = processed(ANDROID)
    files = (*(file for file in build.files if file.type is not FileType.ATTACHMENT), a_file(FileType.ATTACHMENT))
    shown = build_json(replace(build, files=tuple(replace(f, details=details) for f in files)), LINKS)["files"]
    assert isinstance(shown, list)
    return shown


def test_only_attachments_have_details() -> None:
    *others, attachment = entries(FOUND)
    assert others
    assert not any("details" in entry for entry in others)
    assert attachment["details"] == {
        "kind": "elf-symbols",
        "summary": "Native symbols.",
        "matches": False,
        "matchNote": "Of another build.",
        "symbols": [{"name": "libpay.so", "architecture": "arm64", "id": "3f2a"}],
        "facts": {"debugInfo": True},
        "counts": {"files": 1},
        "warnings": ["odd"],
    }


def test_what_is_not_known_yet_is_an_empty_object() -> None:
    assert entries(None)[-1]["details"] == {}


def test_the_contracts_keys_are_as_without_it() -> None:
    plain = {key: value for key, value in entries(FOUND)[-1].items() if key != "details"}
    assert list(plain) == ["id", "type", "description", "file", "createdAt", "updatedAt"]
