from dataclasses import asdict

from seatrial.config import Parsing, ReaderLimits
from seatrial.parsers.isolation_messages import ParseLimits
from seatrial.parsers.limits import ParserLimits
from seatrial.reading import parse_limits


def test_without_settings_the_limits_are_those_that_parsers_have_by_themselves() -> None:
    assert parse_limits(Parsing()) == ParseLimits()


def test_every_limit_is_a_setting_of_the_same_name_and_default() -> None:
    said = {name: int(value) for name, value in ReaderLimits()}
    assert said == asdict(ParserLimits())


def test_what_the_operator_says_reaches_the_readers() -> None:
    said = Parsing.model_validate({"memory": "1GiB", "limits": {"entries": 7, "icon_bytes": "1MiB"}})
    limits = parse_limits(said)
    assert (limits.memory, limits.readers.entries, limits.readers.icon_bytes) == (1 << 30, 7, 1 << 20)
