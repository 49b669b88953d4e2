"""What is said about archives that are not read further."""

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode


def shown(name: str) -> str:
    """Cut a stranger's name so that it can stand in a sentence."""
    printable = "".join(c if c.isprintable() else "�" for c in name[:81])
    return printable if len(printable) <= 80 else printable[:80] + "…"


def corrupt(sentence: str) -> BuildFileInvalid:
    """Say that the archive is damaged."""
    return BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, sentence)


def overlapping() -> BuildFileInvalid:
    """Say that members share bytes, as in bombs that quote each other's headers."""
    return BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, "A member of the archive overlaps another one; it is refused.")
