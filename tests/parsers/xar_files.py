"""xar archives written in memory for the tests of installers, in the form that Apple's tools give them."""

import base64
import gzip
import io
import struct
import zlib
from xml.sax.saxutils import escape

GZIP = "application/x-gzip"
PLAIN = "application/octet-stream"


def xar(
    files: dict[str, bytes],
    *,
    certificates: tuple[bytes, ...] | None = None,
    encoding: str = GZIP,
    extra: str = "",
) -> io.BytesIO:
    """Write an archive; folders are made of the names, `certificates` are those of an RSA signature."""
    heap = bytearray(bytes(20))
    tree: dict[str, object] = {}
    for name, content in files.items():
        data = zlib.compress(content) if encoding == GZIP else content
        place = tree
        *folders, last = name.split("/")
        for folder in folders:
            found = place.setdefault(folder, {})
            assert isinstance(found, dict)
            place = found
        place[last] = (len(content), len(data), len(heap))
        heap += data
    table = f"<xar><toc>{_signature(certificates)}{_entries(tree, encoding)}{extra}</toc></xar>"
    return bare(b'<?xml version="1.0" encoding="UTF-8"?>\n' + table.encode(), bytes(heap))


def bare(table: bytes, heap: bytes = b"", *, unpacked: int | None = None) -> io.BytesIO:
    """Write an archive around any table of contents."""
    packed = zlib.compress(table)
    size = len(table) if unpacked is None else unpacked
    return io.BytesIO(struct.pack(">4s2H2QL", b"xar!", 28, 1, len(packed), size, 1) + packed + heap)


def cpio(files: dict[str, bytes], *, mode: int = 0o100644) -> bytes:
    """Write a cpio archive in the old character form."""
    out = bytearray()
    for name, content in [*files.items(), ("TRAILER!!!", b"")]:
        raw = name.encode() + b"\0"
        numbers = (0, 0, mode, 0, 0, 1, 0)
        out += b"070707" + b"".join(b"%06o" % n for n in numbers) + b"%011o" % 0
        out += b"%06o" % len(raw) + b"%011o" % len(content) + raw + content
    return bytes(out)


def payload(files: dict[str, bytes]) -> bytes:
    """Pack a payload as old installers do."""
    return gzip.compress(cpio(files), mtime=0)


def _signature(certificates: tuple[bytes, ...] | None) -> str:
    if certificates is None:
        return ""
    texts = "".join(f"<X509Certificate>{base64.encodebytes(c).decode()}</X509Certificate>" for c in certificates)
    return (
        '<signature style="RSA"><offset>20</offset><size>256</size>'
        '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">'
        f"<X509Data>{texts}</X509Data></KeyInfo></signature>"
    )


def _entries(tree: dict[str, object], encoding: str) -> str:
    parts = []
    for name, found in tree.items():
        if isinstance(found, dict):
            parts.append(f"<file><name>{escape(name)}</name><type>directory</type>{_entries(found, encoding)}</file>")
            continue
        assert isinstance(found, tuple)
        size, length, offset = found
        parts.append(
            f"<file><data><length>{length}</length><offset>{offset}</offset><size>{size}</size>"
            f'<encoding style="{encoding}"/></data><type>file</type><name>{escape(name)}</name></file>'
        )
    return "".join(parts)
