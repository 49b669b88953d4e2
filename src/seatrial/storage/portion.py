"""How much each of those at work may hold in memory: less, the more of them there are."""

MOST = 1 << 20
"""Bytes that are worth a thread's time, and a call to the disk."""
LEAST = 64 << 10
TOGETHER = 64 << 20


def portion(among: int) -> int:
    """Give the bytes that one of so many may hold before it hands them on."""
    return max(LEAST, min(MOST, TOGETHER // max(1, among)))
