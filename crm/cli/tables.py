"""Tables in a terminal, where a Chinese character takes two columns."""

from collections.abc import Sequence
from unicodedata import east_asian_width

import click


def padded(text: str, width: int, *, is_figure: bool) -> str:
    """Filled up to a width: figures from the left, words from the right."""
    blanks = " " * (width - width_of(text))
    return blanks + text if is_figure else text + blanks


def width_of(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them; the first one holds words, the others figures."""
    lines = [titles, *rows]
    widths = [max(map(width_of, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            padded(cell, width, is_figure=n > 0)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        click.echo("  ".join(cells).rstrip())
