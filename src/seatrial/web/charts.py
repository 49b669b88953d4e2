"""Pictures of numbers as SVG, drawn here: they need no script, follow the theme by classes, and can be read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle of a treemap, in percent of its width and of its height."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float


def treemap(parts: Sequence[tuple[str, int]], aspect: float = 3.2) -> list[Tile]:
    """Lay values out as rectangles whose areas are their shares, squarish (Bruls, Huizing, van Wijk, 2000).

    `aspect` is the width of the whole divided by its height.
    """
    wanted = sorted(((name, value) for name, value in parts if value > 0), key=lambda part: -part[1])
    total = sum(value for _, value in wanted)
    if not total:
        return []
    areas = [(name, value, value / total * aspect) for name, value in wanted]
    tiles: list[Tile] = []
    x, y, width, height = 0.0, 0.0, aspect, 1.0
    while areas:
        row = _row(areas, min(width, height))
        area = sum(one[2] for one in row)
        across = height <= width
        thickness = area / (height if across else width)
        place = y if across else x
        for name, value, own in row:
            length = own / thickness
            left, top, wide, high = (x, place, thickness, length) if across else (place, y, length, thickness)
            tiles.append(Tile(name, value, left / aspect * 100, top * 100, wide / aspect * 100, high * 100))
            place += length
        if across:
            x, width = x + thickness, width - thickness
        else:
            y, height = y + thickness, height - thickness
        areas = areas[len(row) :]
    return tiles


def _row(areas: Sequence[tuple[str, int, float]], side: float) -> Sequence[tuple[str, int, float]]:
    """Take as many of the first areas as make the row's rectangles the most like squares."""
    best = 1
    for count in range(2, len(areas) + 1):
        if _worst(areas[:count], side) > _worst(areas[: count - 1], side):
            break
        best = count
    return areas[:best]


def _worst(row: Sequence[tuple[str, int, float]], side: float) -> float:
    total = sum(one[2] for one in row)
    return max(max(side**2 * one[2] / total**2, total**2 / (side**2 * one[2])) for one in row)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart over time, in units of its view box."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars: 600 wide and 120 high, with the value that its top stands for."""

    bars: tuple[Bar, ...]
    top: int
    total: int


def bars(values: Sequence[tuple[str, int]]) -> Bars:
    """Draw one bar for each value; the top is a round number, so that charts can be read."""
    most = max((value for _, value in values), default=0)
    top = _round_up(most)
    step = 600 / max(1, len(values))
    drawn = tuple(
        Bar(label, value, index * step + step * 0.12, 120 - 120 * value / top, step * 0.76, 120 * value / top)
        for index, (label, value) in enumerate(values)
    )
    return Bars(drawn, top, sum(value for _, value in values))


def _round_up(value: int) -> int:
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size >= value:
                return factor * size
        size *= 10
