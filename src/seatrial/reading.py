"""From the operator's settings to the limits of parsers and their processes."""

from seatrial.config import Parsing
from seatrial.parsers.isolation_messages import ParseLimits
from seatrial.parsers.limits import ParserLimits


def parse_limits(said: Parsing) -> ParseLimits:
    """Give a parse pool what the operator allows."""
    readers = ParserLimits(**{name: int(value) for name, value in said.limits})
    return ParseLimits(
        memory=int(said.memory), cpu_seconds=said.cpu_seconds, wall_seconds=said.wall_seconds, readers=readers
    )
