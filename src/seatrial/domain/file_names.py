"""What files are called where they are saved."""

from urllib.parse import quote


def content_disposition(name: str, *, inline: bool = False) -> str:
    """Name a file to whoever saves it (RFC 6266): plain ASCII for old clients, the true name for the rest."""
    kind = "inline" if inline else "attachment"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    extended = quote(name, safe="", errors="replace")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{extended}"
