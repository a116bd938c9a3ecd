"""The plot: bars of amounts, stacked by stage, over a grid of labelled heights."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..lines import Line, Span, from_cells
from ..view import View

LABEL = 10
"""Cells of the labels at the left of a plot; on narrow screens they lie over it."""

_NICE = (1, 2, 3, 4, 6, 8, 10, 20, 30, 40, 60, 80, 100, 200, 300, 400, 600, 800, 1000)

Cells = list[tuple[str, str]]
"""(character, style) of each."""


class Column(NamedTuple):
    """Amounts that are stacked in a column: stages before becoming, becoming, load."""

    early: float = 0.0
    becoming: float = 0.0
    load: float = 0.0

    @property
    def total(self) -> float:
        """The height of the column."""
        return self.early + self.becoming + self.load


def label_cells(wide: int) -> int:
    """Cells left of the plot on a screen, or in a panel, of that width."""
    return LABEL if wide >= 48 else 1


def plot_cells(wide: int) -> int:
    """Columns of the plot."""
    return max(1, wide - label_cells(wide))


def nice_ceiling(value: float, how: str = "iec", least: float = 1024) -> float:
    """The next round number, so that the axis changes seldom."""
    base = 1000 if how == "si" else 1024
    value = max(value, least)
    power = base ** int(math.log(value, base))
    return float(next((n for n in _NICE if n * power >= value), base) * power)


def plot(
    columns: Sequence[Column | None],
    top: float,
    labels: tuple[str, str],
    view: View,
    wide: int,
    high: int,
    cursor: int | None = None,
    at: int | None = None,
) -> list[Line]:
    """`high` lines of bars. `labels` are those of the top and of half its height; the plot begins
    after `at` cells."""
    at = label_cells(wide) if at is None else at
    count = max(1, wide - at)
    bars = [_bar(column, top, high, view) for column in columns[:count]]
    middle = high // 2 if high >= 6 else None
    lines = []
    for row in range(high):
        cells: Cells = []
        is_grid = row in (0, middle)
        for x in range(count):
            bar = bars[x][high - 1 - row] if x < len(bars) else (" ", "")
            if bar[0] == " " and x == cursor:
                bar = (view.look.glyphs.cursor, "")
            elif bar[0] == " " and is_grid and (x % 2 == 0) and not _in_gap(columns, x):
                bar = (view.look.glyphs.grid, "quiet")
            cells.append(bar)
        label = labels[0] if row == 0 else labels[1] if row == middle else ""
        lines.append(labelled(label, cells, at, wide))
    return _with_gaps(lines, columns, at, high)


def labelled(label: str, cells: Cells, at: int, wide: int) -> Line:
    if at > 1:
        return (Span(f"{label:>{at - 1}} ", "quiet"), *from_cells(cells))
    over = [(char, "quiet") for char in label] + [(" ", "")] * bool(label)
    return (Span(" " * at), *from_cells([*over, *cells[len(over) :]]))


def _in_gap(columns: Sequence[Column | None], x: int) -> bool:
    return x < len(columns) and columns[x] is None


def _with_gaps(
    lines: list[Line], columns: Sequence[Column | None], at: int, high: int
) -> list[Line]:
    """The word in gaps that have room for it, in the lowest row."""
    if not lines:
        return lines
    x = 0
    row = [(char, span.style) for span in lines[-1] for char in span.text]
    while x < len(columns):
        first = x
        while x < len(columns) and columns[x] is None:
            x += 1
        if x - first >= 3 and first > 0:
            place = at + first + (x - first - 3) // 2
            row[place : place + 3] = [(char, "quiet") for char in "gap"]
        x += 1
    lines[-1] = from_cells(row)
    return lines


def _bar(column: Column | None, top: float, high: int, view: View) -> Cells:
    """(character, style) from the bottom up."""
    if column is None or column.total <= 0 or top <= 0:
        return [(" ", "")] * high
    scale = 8 * high / top
    total = max(1, round(column.total * scale))
    early = min(total, round(column.early * scale))
    below = min(total, round((column.early + column.becoming) * scale))
    if column.load and below == total and total > 1 and column.load * scale >= 0.5:
        below -= 1
    if early == 0 and column.early > column.becoming + column.load:
        early = total
    return [_cell(8 * row, early, below, total, view) for row in range(high)]


def _cell(low: int, early: int, below: int, total: int, view: View) -> tuple[str, str]:
    """A cell of a bar: from `low` eighths on. Early stages end at `early`, becoming at `below`."""
    glyphs = view.look.glyphs
    filled = min(8, total - low)
    if filled <= 0:
        return " ", ""
    middle = low + filled / 2
    style = "early" if middle < early else "becoming" if middle <= below else "load"
    if not view.look.theme.has_fills or glyphs.is_ascii:
        sign = {"early": glyphs.early, "becoming": glyphs.becoming, "load": glyphs.load}[style]
        return (sign, style) if filled >= 4 or low == 0 else (" ", "")
    if style == "early":
        return glyphs.early, style
    if filled == 8 and low < below < low + 8 and below > early:
        return glyphs.eighths[below - low], "border"
    return glyphs.eighths[max(1, filled)], style
