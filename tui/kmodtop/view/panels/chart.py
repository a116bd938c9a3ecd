"""The chart: when. What was wasted over time; without waste, how many loads there were.

Where one text is all there is, the modules stand in the order in which they
failed first instead.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from kmodtop_core import units
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.history import LOADED

from ..grid import Grid, grid_of
from ..lines import EMPTY, KEPT, Line, Span, from_cells
from ..scene import Scene
from ..view import View
from .axis import axis, cursor_column
from .order import in_order
from .plot import Cells, Column, label_cells, labelled, nice_ceiling, plot, plot_cells

_MOST_SAMPLES = 1000
"""Moments that are looked at for the greatest second of each column."""


def is_per_second(view: View) -> bool:
    """A replay shows bytes a second, as totals hide the second storm; T turns it round."""
    chosen = view.choice.per_second
    return view.situation.deck is not None if chosen is None else chosen


def chart(scene: Scene, wide: int, high: int) -> list[Line]:
    """`high` lines: the plot, and its axis."""
    if scene.frame is None or scene.frame.block is None or high < 2:
        return [EMPTY] * high
    if scene.is_static:
        return in_order(scene, wide, high)
    if not scene.frame.block.stats.failed_requests:
        return _unchanged(scene, high) if scene.is_unchanged else _quiet(scene, wide, high)
    grid = grid_of(scene.frame, scene.reach, scene.view, plot_cells(wide))
    values = scene.reach.at(grid.edges())
    columns = _columns(scene, grid, values)
    top = nice_ceiling(max((c.total for c in columns if c), default=0.0), scene.look.units)
    ending = "/s" if is_per_second(scene.view) else ""
    label = units.round_size(top, scene.look.units) + ending
    middle = units.round_size(top / 2, scene.look.units) + ending
    lines = plot(
        columns, top, (label, middle), scene.view, wide, high - 1, cursor_column(scene, grid)
    )
    return [*_with_stage(lines, scene.view, wide), axis(scene, grid, wide, values)]


def _with_stage(lines: list[Line], view: View, wide: int) -> list[Line]:
    """Which stage is shown, if it is one only, at the right end of the first line."""
    stage = view.choice.stage
    if stage == "all" or not lines:
        return lines
    text = f" {stage} only"
    cells = [(char, span.style) for span in lines[0] for char in span.text]
    room = max(0, wide - len(text))
    cells = [*cells, *[(" ", "")] * (room - len(cells))][:room]
    return [(*from_cells(cells), Span(text, "weight")), *lines[1:]]


def moment_at(scene: Scene, wide: int, x: int) -> float | None:
    """The moment (seconds since boot) that stands at that cell; None beside the plot."""
    if scene.frame is None or scene.frame.block is None or scene.is_static:
        return None
    grid = grid_of(scene.frame, scene.reach, scene.view, plot_cells(wide))
    column = x - label_cells(wide)
    return grid.uptime(column) if 0 <= column < grid.columns else None


def column_s(scene: Scene, wide: int) -> float:
    """Seconds that a column of a chart of that width stands for."""
    assert scene.frame is not None
    return grid_of(scene.frame, scene.reach, scene.view, plot_cells(wide)).step


# ---- amounts ---------------------------------------------------------------


def _columns(
    scene: Scene, grid: Grid, values: Sequence[tuple[float, ...] | None]
) -> list[Column | None]:
    if is_per_second(scene.view):
        return _greatest(scene, grid, grid.edges())
    stage = scene.view.choice.stage
    return [None if value is None else _stacked(tuple(value), stage) for value in values[1:]]


@lru_cache(KEPT)
def _stacked(value: tuple[float, ...], chosen: str) -> Column:
    lost = [max(0.0, amount) for amount in value[: len(STAGES)]]
    if chosen != "all":
        lost = [
            amount if stage.name == chosen else 0.0
            for stage, amount in zip(STAGES, lost, strict=True)
        ]
    return Column(lost[0] + lost[1], lost[2], lost[3])


def _greatest(scene: Scene, grid: Grid, edges: list[float]) -> list[Column | None]:
    """The greatest second of each column, so that the peak is the one that is told in words.

    Of columns that are shorter than a second: of the second that ends with the column.
    """
    parts = max(1, min(math.ceil(grid.step), _MOST_SAMPLES // max(1, len(edges))))
    ends: list[float] = []
    for left, right in pairwise(edges):
        ends += [left + (right - left) * part / parts for part in range(1, parts + 1)]
    span = max(1.0, grid.step / parts)
    first = scene.reach.first or 0.0
    begins = [max(first, end - span) for end in ends]
    # Most end where the next begins: sums that differ by less than a nanosecond are one moment.
    moments = {round(at, 9): at for at in (*begins, *ends)}
    places = sorted(moments)
    known = dict(zip(places, scene.reach.at([moments[at] for at in places]), strict=True))
    rates = [
        _rate(known[round(begin, 9)], known[round(end, 9)], max(1.0, end - begin), scene.view)
        for begin, end in zip(begins, ends, strict=True)
    ]
    found: list[Column | None] = []
    for place in range(0, len(rates), parts):
        some = [rate for rate in rates[place : place + parts] if rate is not None]
        found.append(max(some, key=lambda c: c.total) if some else None)
    return found


def _rate(
    left: Sequence[float] | None, right: Sequence[float] | None, seconds: float, view: View
) -> Column | None:
    if left is None or right is None:
        return None
    rates = tuple([(b - a) / seconds for a, b in zip(left, right, strict=True)])
    return _stacked(rates, view.choice.stage)


def peak(scene: Scene, wide: int, begin: float, end: float) -> float | None:
    """The greatest second between two moments (seconds since boot) that a chart of that width
    shows, in bytes; None where nothing is known."""
    if scene.frame is None:
        return None
    grid = grid_of(scene.frame, scene.reach, scene.view, plot_cells(wide))
    columns = _greatest(scene, grid, grid.edges())
    first, last = (
        max(0, min(len(columns) - 1, math.floor((at - grid.zero - grid.origin) / grid.step)))
        for at in (begin, end)
    )
    known = [column.total for column in columns[first : last + 1] if column is not None]
    return max(known, default=None)


def _unchanged(scene: Scene, high: int) -> list[Line]:
    """Of a file that does not change: it tells no times."""
    text = " a file tells no times; it has not changed since it was first read"
    return [EMPTY, (Span(text, "quiet"),), *[EMPTY] * high][:high]


def _quiet(scene: Scene, wide: int, high: int) -> list[Line]:
    """Without waste: how many loads there were, as a line."""
    assert scene.frame is not None
    glyphs = scene.look.glyphs
    grid = grid_of(scene.frame, scene.reach, scene.view, plot_cells(wide))
    values = scene.reach.at(grid.edges())
    loads = [None if value is None else value[LOADED] for value in values[1:]]
    top = nice_ceiling(max((n for n in loads if n is not None), default=1), "si", least=1)
    rows, at, cursor = high - 1, label_cells(wide), cursor_column(scene, grid)
    middle = rows // 2 if rows >= 6 else None
    lines = []
    for row in range(rows):
        cells: Cells = [
            (glyphs.grid if row in (0, middle) and x % 2 == 0 else " ", "quiet")
            for x in range(grid.columns)
        ]
        for x, loaded in enumerate(loads[: grid.columns]):
            if loaded is not None and rows - 1 - min(rows - 1, int(loaded / top * rows)) == row:
                cells[x] = (glyphs.line, "good")
        if cursor is not None and cells[cursor][0] in (" ", glyphs.grid):
            cells[cursor] = (glyphs.cursor, "")
        label = f"{units.count(round(top))} loads" if row == 0 else ""
        label = units.count(round(top / 2)) if row == middle and top >= 2 else label
        lines.append(labelled(label, cells, at))
    return [*lines, axis(scene, grid, wide, values)]
