"""The plot: bars of amounts, stacked by stage, over a grid of labelled heights."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..lines import KEPT, Line, Span, from_cells
from ..theme import Glyphs
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
    glyphs, has_fills = view.look.glyphs, view.look.theme.has_fills
    bars = [_bar(column, top, high, glyphs, has_fills) for column in columns[:count]]
    bars += [((" ", ""),) * high] * (count - len(bars))
    middle = high // 2 if high >= 6 else None
    lines = []
    for row, cells in enumerate(zip(*bars, strict=True)):
        if cursor is not None and 0 <= cursor < count and cells[cursor][0] == " ":
            cells = (*cells[:cursor], (glyphs.cursor, ""), *cells[cursor + 1 :])
        if row in (0, middle):
            cells = _over_grid(cells, columns, (glyphs.grid, "quiet"))
        label = labels[0] if row == 0 else labels[1] if row == middle else ""
        lines.append(_labelled(label, cells, at))
    return _with_gaps(lines, columns, at, high)


def _over_grid(
    cells: Sequence[tuple[str, str]], columns: Sequence[Column | None], grid: tuple[str, str]
) -> tuple[tuple[str, str], ...]:
    """A dotted line where nothing else stands."""
    return tuple(
        grid if cell[0] == " " and x % 2 == 0 and not _in_gap(columns, x) else cell
        for x, cell in enumerate(cells)
    )


@lru_cache(KEPT)
def _labelled(label: str, cells: tuple[tuple[str, str], ...], at: int) -> Line:
    return labelled(label, cells, at)


def labelled(label: str, cells: Sequence[tuple[str, str]], at: int) -> Line:
    """A line of a plot, its label at the left; over it, where there is no room beside it."""
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
    if not lines or None not in columns:
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


@lru_cache(2 * KEPT)
def _bar(
    column: Column | None, top: float, high: int, glyphs: Glyphs, has_fills: bool
) -> tuple[tuple[str, str], ...]:
    """(character, style) from the top down."""
    if column is None or column.total <= 0 or top <= 0:
        return ((" ", ""),) * high
    scale = 8 * high / top
    total = max(1, round(column.total * scale))
    early = min(total, round(column.early * scale))
    below = min(total, round((column.early + column.becoming) * scale))
    if column.load and below == total and total > 1 and column.load * scale >= 0.5:
        below -= 1
    if early == 0 and column.early > column.becoming + column.load:
        early = total
    return tuple(
        _cell(8 * row, early, below, total, glyphs, has_fills) for row in reversed(range(high))
    )


def _cell(
    low: int, early: int, below: int, total: int, glyphs: Glyphs, has_fills: bool
) -> tuple[str, str]:
    """A cell of a bar: from `low` eighths on. Early stages end at `early`, becoming at `below`."""
    filled = min(8, total - low)
    if filled <= 0:
        return " ", ""
    middle = low + filled / 2
    style = "early" if middle < early else "becoming" if middle <= below else "load"
    if not has_fills or glyphs.is_ascii:
        sign = {"early": glyphs.early, "becoming": glyphs.becoming, "load": glyphs.load}[style]
        return (sign, style) if filled >= 4 or low == 0 else (" ", "")
    if style == "early":
        return glyphs.early, style
    if filled == 8 and low < below < low + 8 and below > early:
        return glyphs.eighths[below - low], "border"
    return glyphs.eighths[max(1, filled)], style
