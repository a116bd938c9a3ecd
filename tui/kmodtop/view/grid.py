"""Grid: the columns of time that a chart and its lanes share.

The first column is the first reading. Where the last is full, columns merge and
the step becomes the next larger one, so that nothing ever scrolls and a tick of
the clock costs one column. Columns of a live view begin at round moments of the
boot; a recording, which gets no longer, fills the plot.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from kmodtop_core import units
from kmodtop_core.sources.base import Means
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past

from .view import Deck, View, window_of

_STEPS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200,
    3600, 7200, 14400, 43200, 86400,
)  # fmt: skip
"""Seconds a column; beyond the last, whole numbers of days."""

_LEAST_LIVE_S = 0.2
"""A live view begins with columns of so many seconds, or of the interval between readings."""

_TICKS = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600,
    7200, 14400, 43200, 86400, 604800,
)  # fmt: skip

_LONG_S = 3600.0
"""Seconds from which on the axis tells the time of day."""

_APART = 9
"""Columns between two labels at least."""


class Grid(NamedTuple):
    """So many `columns` of `step` seconds from `origin` on, of which all up to `end` are known.

    `origin` and `end` lie on the tracker's time line, `zero` is the uptime of its beginning;
    `wall`: what makes an uptime a Unix time, None where that is not known.
    """

    origin: float
    step: float
    columns: int
    end: float
    zero: float
    wall: float | None = None

    def edges(self) -> list[float]:
        """The moments between the columns, on the time line; none lies after the end."""
        return [min(self.origin + self.step * i, self.end) for i in range(self.used + 1)]

    @property
    def used(self) -> int:
        """Columns that have begun."""
        return max(1, min(self.columns, math.ceil((self.end - self.origin) / self.step - 1e-9)))

    def column(self, moment: float) -> int | None:
        """The column in which that moment of the time line lies; None beside the plot."""
        if not math.isfinite(moment):
            return None
        place = math.floor((moment - self.origin) / self.step + 1e-9)
        return place if 0 <= place < self.columns else None

    def uptime(self, column: int) -> float:
        """Seconds since boot of a column's right edge, as far as it is known."""
        return self.zero + min(self.origin + self.step * (column + 1), self.end)


def grid_of(frame: Frame, past: Past, view: View, count: int) -> Grid:
    """The grid for a plot of so many columns, of all that was seen or of a window of it."""
    count = max(1, count)
    deck = view.situation.deck
    zero = frame.at.uptime - frame.now
    wall = None if frame.at.wall is None else frame.at.wall - frame.at.uptime
    if deck is not None:
        begin, end = deck.begin - zero, deck.end - zero
    else:
        # What was before this boot, on the same time line, is another one's.
        begin, end = max(past.first or 0.0, -zero), frame.now
    window = window_of(view)
    if window.seconds is not None and end - begin > window.seconds:
        begin, end = _page(begin, _shown(end, frame, deck), window.seconds, end)
    if deck is not None and not deck.twin:  # it gets no longer: it fills the plot
        return Grid(begin, max(1e-3, (end - begin) / count), count, end, zero, wall)
    least = 0.0 if deck is not None else max(_LEAST_LIVE_S, _interval(view))
    step = _step(begin + zero, end + zero, count, least)
    origin = math.floor((begin + zero) / step + 1e-9) * step - zero
    return Grid(origin, step, count, end, zero, wall)


def _shown(end: float, frame: Frame, deck: Deck | None) -> float:
    return end if deck is None else min(end, frame.now)


def _page(begin: float, shown: float, seconds: float, end: float) -> tuple[float, float]:
    """A fixed window turns by a quarter of it, so that it seldom moves."""
    quarter = seconds / 4
    first = begin + max(0, math.ceil((shown - begin - seconds) / quarter)) * quarter
    return first, min(end, first + seconds)


def _interval(view: View) -> float:
    """Seconds between readings, where nothing comes in between."""
    source = view.situation.source
    return source.interval if source.means == Means.POLLED else 0.0


def _step(begin: float, end: float, count: int, least: float) -> float:
    """The smallest step with which all of it fits."""
    for step in chain(_STEPS, _days()):
        if step >= least and end - math.floor(begin / step + 1e-9) * step <= count * step + 1e-9:
            return step
    return max(1.0, end)


def _days() -> Iterator[float]:
    """More of them at a time, without end but that of numbers."""
    return (86400.0 * 2**power for power in range(1, 900))


def ticks(grid: Grid) -> dict[int, str]:
    """Labels by the column at which each begins."""
    every = next(
        (t for t in _TICKS if t >= grid.step * _APART),
        math.ceil(grid.step * _APART / 86400) * 86400,
    )
    is_clock = grid.wall is not None and grid.step * grid.columns >= _LONG_S
    offset = _midnight(grid) if is_clock else 0.0
    begin = grid.zero + grid.origin
    first = math.ceil((begin - offset) / every - 1e-9)
    found = {}
    for number in range(first, first + grid.columns):
        moment = offset + number * every
        column = round((moment - begin) / grid.step)
        if column >= grid.columns:
            break
        found[column] = _label(moment, every, grid if is_clock else None)
    return found


def _midnight(grid: Grid) -> float:
    """What makes an uptime begin at a round time of day: labels are local ones."""
    assert grid.wall is not None
    import time

    now = grid.wall + grid.zero + grid.origin
    try:
        local = time.localtime(now)
    except (OverflowError, OSError, ValueError):
        return 0.0
    return now - (local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec) - grid.wall


def _label(moment: float, every: float, clock: Grid | None) -> str:
    if clock is not None and clock.wall is not None:
        return units.clock(clock.wall + moment)[:5]
    if every < 1:
        return f"{moment:,.{2 if every < 0.1 else 1}f} s"
    return f"{moment:,.0f} s" if moment < 10 * _LONG_S else units.span(moment)


def grown(values: Sequence[tuple[float, ...] | None], place: int) -> list[float]:
    """By how much one of the values grew in each column; 0 where that is not known."""
    found = []
    for left, right in pairwise(values):
        known = left is not None and right is not None
        found.append(max(0.0, right[place] - left[place]) if known and left and right else 0.0)
    return found
