"""The chart of wasted bytes over time: stacked by stage, total or per second.

Columns are buckets of time, so that a tick changes the last one only and
everything moves one column on when it is full.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from kmodtop_core import units
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past

from ..lines import Line, Span, crop
from ..view import STAGE_CHOICES, View, window_of

_LABEL = 11
"""Cells for the labels of the axis of bytes."""

_STEPS = (
    1,
    1.5,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    15,
    20,
    30,
    40,
    50,
    60,
    80,
    100,
    150,
    200,
    300,
    400,
    500,
    600,
    800,
    1000,
)

Column = tuple[float, ...] | None
"""Heights to be stacked in one column, or None where nothing is known."""


def trend(frame: Frame, past: Past, view: View, wide: int, high: int) -> list[Line]:
    """`high` lines: the plot, and below it the axis of time."""
    columns, from_s = _columns(frame, past, view, plot_width(wide))
    used = _used(frame, view, plot_width(wide))
    top = nice_ceiling(max((sum(c) for c in columns if c), default=0.0), view.look.units)
    rows = high - 1
    label = units.round_size(top, view.look.units) + ("/s" if view.choice.per_second else "")
    plot = chart(columns, top, rows, view, label, "0")
    return [*plot, _time_axis(view, wide, from_s, used)]


def plot_width(wide: int) -> int:
    """Columns of a plot on a screen of that width, besides the labels; at least one."""
    return max(1, wide - _LABEL - 3)


def moment_at(frame: Frame, view: View, wide: int, x: int) -> float | None:
    """The moment on the tracker's time line that stands at that cell; None beside the plot."""
    column = x - (wide - plot_width(wide))
    edges, _ = edges_of(frame, view, plot_width(wide))
    return edges[column + 1] if 0 <= column < len(edges) - 1 else None


def _columns(frame: Frame, past: Past, view: View, count: int) -> tuple[list[Column], float]:
    """One value for each stage and column, and how many seconds ago the first begins."""
    edges, width = edges_of(frame, view, count)
    values = past.at(edges)
    chosen = (
        range(len(STAGES))
        if view.choice.stage == "all"
        else (STAGE_CHOICES.index(view.choice.stage) - 1,)
    )
    columns: list[Column] = []
    for left, right in pairwise(values):
        columns.append(_column(left, right, chosen, width if view.choice.per_second else 0.0))
    return columns, frame.now if window_of(frame, view).seconds is None else width * count


def _used(frame: Frame, view: View, count: int) -> int:
    """Columns up to now: where all is shown, from the left end on, the last may be empty."""
    if window_of(frame, view).seconds is not None:
        return count
    _, width = edges_of(frame, view, count)
    return max(1, min(count, math.ceil(frame.now / width)))


def edges_of(frame: Frame, view: View, count: int) -> tuple[list[float], float]:
    """The moments between `count` columns, on the tracker's time line, and their distance."""
    seconds = window_of(frame, view).seconds
    if seconds is None:
        span = max(frame.now, 1.0)
        width = 0.1 * 2 ** math.ceil(math.log2(max(1.0, span / count / 0.1)))
        # Everything since the start: from the left end on.
        return [min(i * width, _last(frame, i * width, width)) for i in range(count + 1)], width
    width = seconds / count
    last = math.floor(frame.now / width) + 1
    edges = [(last - count + i) * width for i in range(count + 1)]
    return [*edges[:-1], min(edges[-1], frame.now)], width


def _last(frame: Frame, edge: float, width: float) -> float:
    """The column that is being filled ends now."""
    return frame.now if edge - width < frame.now < edge else edge


def _column(
    left: tuple[float, ...] | None,
    right: tuple[float, ...] | None,
    chosen: Sequence[int],
    per: float,
) -> Column:
    if right is None:
        return None
    if not per:
        return tuple(max(0.0, right[i]) for i in chosen)
    if left is None:
        return None
    return tuple(max(0.0, right[i] - left[i]) / per for i in chosen)


def nice_ceiling(value: float, how: str = "iec", least: float = 1024) -> float:
    """The next round number, so that the axis changes seldom."""
    base = 1024 if how == "iec" else 1000
    value = max(value, least)
    power = base ** int(math.log(value, base))
    return float(next((step for step in _STEPS if step * power >= value), base) * power)


def chart(
    columns: list[Column], top: float, rows: int, view: View, top_label: str, bottom_label: str
) -> list[Line]:
    """The plot: `rows` lines with labels at the left, stages stacked from the bottom."""
    cells = [_cells(column, top, rows, view) for column in columns]
    lines: list[Line] = []
    for row in range(rows - 1, -1, -1):
        label = top_label if row == rows - 1 else bottom_label if row == 0 else ""
        axis = view.look.glyphs.origin if row == 0 else view.look.glyphs.axis
        spans = [Span(f"{label:>{_LABEL}} {axis}", "dim")]
        for column in cells:
            char, style = column[row]
            if spans[-1].style == style and len(spans) > 1:
                spans[-1] = spans[-1]._replace(text=spans[-1].text + char)
            else:
                spans.append(Span(char, style))
        lines.append(tuple(spans))
    return lines


def _cells(column: Column, top: float, rows: int, view: View) -> list[tuple[str, str]]:
    """(character, style) from the bottom up."""
    if column is None:
        return [(" ", "")] * rows
    glyphs = view.look.glyphs
    total = sum(column)
    full = total / top * rows if top else 0.0
    if total > 0:
        full = max(full, 1 / 8)
    cells: list[tuple[str, str]] = []
    for row in range(rows):
        stage = _stage_at(column, (row + 0.5) / rows * top, view)
        if row + 1 <= full:
            cells.append((glyphs.fills[stage], f"stage{stage}"))
        elif row < full:
            part = glyphs.eighths[max(1, round((full - row) * 8))]
            cells.append((part, f"stage{_stage_at(column, total, view)}"))
        else:
            cells.append((" ", ""))
    if total == 0 and rows:
        cells[0] = (glyphs.dash, "dim")
    return cells


def _stage_at(column: tuple[float, ...], height: float, view: View) -> int:
    """The stage whose layer is at that height of the stack."""
    if len(column) == 1:
        return (
            STAGE_CHOICES.index(view.choice.stage) - 1
            if view.choice.stage != "all"
            else len(STAGES) - 1
        )
    below = 0.0
    for stage, value in enumerate(column):
        below += value
        if value and height <= below:
            return stage
    return max((i for i, value in enumerate(column) if value), default=len(STAGES) - 1)


def _time_axis(view: View, wide: int, seconds: float, used: int) -> Line:
    what = "wasted a second" if view.choice.per_second else "wasted in all"
    whose = "by stage" if view.choice.stage == "all" else f"at {view.choice.stage}"
    middle = f"{what}, {whose}"
    return axis(wide, seconds, middle, view, used)


def axis(wide: int, seconds: float, middle: str, view: View, used: int) -> Line:
    """The axis of time: how long ago the left end is, what is shown, and now, below the last of
    the `used` columns."""
    now = f"{view.situation.deck.position:,.2f} s" if view.situation.deck else "now"
    left, right = f"{view.look.glyphs.minus}{units.span(seconds)}", now
    room = used - len(left) - len(right)
    text = f"{middle:^{room}}" if room > len(middle) else " " * max(1, room)
    return crop(
        (Span(f"{' ' * (_LABEL + 2)}{left}{text}{right}", "dim"),), wide, view.look.glyphs.ellipsis
    )
