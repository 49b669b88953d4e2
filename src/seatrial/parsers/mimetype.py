"""Media types: of attachments by their first bytes, of build files by their format. Names decide nothing."""

import codecs
import re

from seatrial.domain.buildinfo import Format

HEAD = 64 << 10
"""Bytes from the start of a file that are enough."""

OCTETS = "application/octet-stream"

MIMETYPES: dict[Format, str] = {
    Format.APK: "application/vnd.android.package-archive",
    Format.AAB: "application/x-authorware-bin",
    Format.APKS: "application/zip",
    Format.XAPK: "application/zip",
    Format.IPA: OCTETS,  # what Apple's over-the-air instructions ask for
    Format.MAC_APP_ZIP: "application/zip",
    Format.PKG: "application/vnd.apple.installer+xml",
    Format.DMG: "application/x-apple-diskimage",
    Format.MSI: "application/x-msi",
    Format.MSIX: "application/msix",
    Format.EXE: "application/vnd.microsoft.portable-executable",
    Format.DEB: "application/vnd.debian.binary-package",
    Format.RPM: "application/x-rpm",
    Format.APPIMAGE: "application/vnd.appimage",
    Format.HAP: "application/zip",
    Format.ZIP: "application/zip",
    Format.TAR_GZ: "application/gzip",
    Format.OPAQUE: OCTETS,
}

# Magic bytes at the very start. Longer ones stand before their own beginnings.
_AT_START: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\3\4", "application/zip"),
    (b"PK\5\6", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"bplist0", "application/x-bplist"),
    (b"xar!", "application/x-xar"),
    (b"!<arch>\ndebian-binary", "application/vnd.debian.binary-package"),
    (b"\xed\xab\xee\xdb", "application/x-rpm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x7fELF", "application/x-elf"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
)

_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def mimetype_of(head: bytes) -> str:
    """Tell the media type from the first `HEAD` bytes (or all, when there are fewer)."""
    for magic, kind in _AT_START:
        if head.startswith(magic):
            return kind
    return _structured(head) or _textual(head) or OCTETS


def _structured(head: bytes) -> str | None:
    """Formats whose magic is short, or not at the very start."""
    found: str | None = None
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        found = "image/webp"
    elif head[4:8] == b"ftyp":  # ISO/IEC 14496-12, 4.3
        found = "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    elif head.startswith(b"MZ") and len(head) >= 64:
        found = "application/vnd.microsoft.portable-executable"
    elif head.startswith(b"\xca\xfe\xba\xbe") and len(head) >= 8 and int.from_bytes(head[4:8], "big") < 32:
        found = "application/x-mach-binary"  # a Java class file has its version there: 45 and more
    elif head[257:262] == b"ustar":  # POSIX.1-2017, pax
        found = "application/x-tar"
    return found


def _textual(head: bytes) -> str | None:
    text = _decoded(head[:HEAD])
    if text is None or not text:
        return None
    start = text.lstrip("\ufeff \t\r\n")
    if _HTML.match(start[:4096]):
        return "text/html"
    if start.startswith("<?xml"):
        return "image/svg+xml" if re.search(r"<svg[\s>]", start[:4096]) else "application/xml"
    if start.startswith(("{", "[")) and re.match(r'[{\[]\s*+["\[{}\]\-\dtfn]', start):
        return "application/json"
    return "text/plain"


def _decoded(head: bytes) -> str | None:
    """Decode UTF-8, of which the last character may be cut off; `None` for other bytes and for control codes."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text
