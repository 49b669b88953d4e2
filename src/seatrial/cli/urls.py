"""URLs that other people will read."""

from urllib.parse import urlsplit


def without_credentials(url: str) -> str:
    """Take user names and passwords out of a URL; of one that cannot be taken apart nothing is left.

    A name alone stays outside of http: `ssh://git@host/x` and `git@host:x` are how such places are called.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        return "" if ":" in url.partition("@")[0] and "@" in url else url.strip()
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # a ValueError here: what looks like a host is half of a password
    except ValueError:
        return ""
    user, at, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    keep = f"{name}@" if at and name and scheme.lower() not in {"http", "https"} else ""
    return f"{scheme}://{keep}{host}{rest[len(parts.netloc) :]}"
