"""What stands in for a picture: of an app, of a person."""

import re


def initials(name: str) -> str:
    """Give one or two letters that stand for a name; of a mail address, of what is before its `@`."""
    words = re.findall(r"[^\W_]+", name.partition("@")[0] or name)
    return "".join(word[0] for word in words[:2]).upper() or "·"
