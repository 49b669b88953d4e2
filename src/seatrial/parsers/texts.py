"""Words of strangers, made fit to be stored: bounded, of one line, and valid in JSON."""

MAX_TEXT = 1_000

_BLANKS = dict.fromkeys([*range(0x20), 0x7F], " ")


def told(value: object) -> str | None:
    """Clean a string, or bytes that should be UTF-8; `None` for anything else and for nothing but blanks.

    Control characters become blanks, bytes that are no text become U+FFFD, and text beyond `MAX_TEXT` is cut off.
    """
    if isinstance(value, bytes | bytearray):
        value = bytes(value[: 4 * MAX_TEXT]).decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    start = value[: 2 * MAX_TEXT]
    # JSON may hold halves of surrogate pairs, which no encoder of ours takes.
    whole = start.encode("utf-8", "replace").decode() if not start.isascii() else start
    cleaned = whole.translate(_BLANKS).strip()
    return cleaned[:MAX_TEXT] or None


def listed(values: object, most: int) -> tuple[str, ...]:
    """Clean a list of strings: each once, in order, at most `most`; what is no text is left out."""
    if not isinstance(values, list | tuple):
        return ()
    return tuple(list(dict.fromkeys(text for value in values if (text := told(value))))[:most])
