"""The ratios as a picture: docs/performance.svg."""

from collections.abc import Sequence
from html import escape

from bench.table import Row

_WIDTH, _LEFT, _BAR, _STEP = 960, 520, 360, 26
_MOST = 1.5
"""Where the scale ends; a longer bar is cut there and says its number."""


def picture(rows: Sequence[Row]) -> str:
    """Draw a bar for each row that has a reference: how much of the reference's time ours takes.

    Colours come from the page's theme; a dotted line marks each goal.
    """
    compared = [row for row in rows if row.ratio is not None]
    height = 60 + _STEP * len(compared)
    at_reference = _LEFT + _BAR / _MOST
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif"'
            ' font-size="12" role="img" aria-label="Our time as a share of the time of the reference">'
        ),
        (
            "<style>text{fill:#222}.g{stroke:#888}.y{fill:#2a7d4f}.n{fill:#b3261e}"
            "@media(prefers-color-scheme:dark){text{fill:#ddd}.y{fill:#5bbf8a}.n{fill:#ff8a80}}</style>"
        ),
        f'<text x="{at_reference}" y="16" text-anchor="middle">the reference</text>',
        f'<line class="g" x1="{at_reference}" x2="{at_reference}" y1="22" y2="{height - 10}"/>',
    ]
    for number, row in enumerate(compared):
        lines += _bar(row, 30 + number * _STEP)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _bar(row: Row, top: int) -> list[str]:
    ratio = row.ratio or 0.0
    width = max(2.0, min(ratio, _MOST) / _MOST * _BAR)
    goal = _LEFT + min(row.most, _MOST) / _MOST * _BAR
    colour = "y" if row.is_met else "n"
    name = f"{row.what} / {row.reference_name}"
    shown = name if len(name) <= 84 else f"{name[:83]}…"
    return [
        f'<text x="{_LEFT - 10}" y="{top + 14}" text-anchor="end" font-size="10.5">{escape(shown)}</text>',
        f'<rect class="{colour}" x="{_LEFT}" y="{top + 3}" width="{width:.1f}" height="14" rx="2"/>',
        f'<line class="g" stroke-dasharray="2 2" x1="{goal:.1f}" x2="{goal:.1f}" y1="{top}" y2="{top + 20}"/>',
        f'<text x="{_LEFT + width + 6:.1f}" y="{top + 14}">{ratio:.2f}</text>',
    ]
