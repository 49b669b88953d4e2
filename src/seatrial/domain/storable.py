"""Texts that files of strangers hold, made fit to be kept."""

_REPLACEMENT = "\ufffd"


def storable(text: str, limit: int | None = None) -> str:
    """Replace what no database keeps alike (NUL, halves of surrogate pairs), and cut after `limit` characters."""
    kept = text.replace("\0", _REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return kept[:limit]
