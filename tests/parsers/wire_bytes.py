"""Protocol buffers written by hand, so that tests can lie in them."""

LENGTH = 2


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | LENGTH) + varint(len(data)) + data


def number(field_number: int, value: int) -> bytes:
    return varint(field_number << 3) + varint(value)


ANDROID = "http://schemas.android.com/apk/res/android"


def attribute(name: str, written: str, resource: int = 0, item: bytes = b"") -> bytes:
    """`XmlAttribute` of an element."""
    return field(
        4,
        (field(1, ANDROID) if resource else b"")
        + field(2, name)
        + field(3, written)
        + (number(5, resource) if resource else b"")
        + (field(6, item) if item else b""),
    )


def element(tag: str, *parts: bytes) -> bytes:
    """`XmlNode` with an element."""
    return field(1, field(3, tag) + b"".join(parts))


def child(node: bytes) -> bytes:
    return field(5, node)


def reference(resource: int, name: str = "") -> bytes:
    """`Item` that is a reference."""
    return field(1, (number(2, resource) if resource else b"") + (field(3, name) if name else b""))


def text(value: str) -> bytes:
    """`Item` that is a string."""
    return field(2, field(1, value))


def entry(entry_id: int, name: str, *values: tuple[str, bytes]) -> bytes:
    """`Entry` of a type, each value for a language."""
    choices = b"".join(
        field(6, field(1, field(3, language) if language else b"") + field(2, field(4, item)))
        for language, item in values
    )
    return field(3, field(1, number(1, entry_id) if entry_id else b"") + field(2, name) + choices)


def table(type_id: int, type_name: str, *entries: bytes) -> bytes:
    """`ResourceTable` with one type in the package 0x7f."""
    of_type = field(3, field(1, number(1, type_id)) + field(2, type_name) + b"".join(entries))
    return field(2, field(1, number(1, 0x7F)) + field(2, "org.seatrial.made") + of_type)
