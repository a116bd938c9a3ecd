"""Lanes: when each module grew, on the time axis of the chart above."""

from itertools import pairwise
from weakref import WeakKeyDictionary

from kmodtop_core.tracking.history import Past
from kmodtop_core.tracking.rows import Row

from ..grid import Grid, grid_of, ticks
from ..lines import KEPT, Line, from_cells
from ..scene import Scene
from .plot import Cells

_LEAST_WIDE, _LEAST_CELLS, _TENTHS = 120, 44, 7
"""From that width on, so many cells, and that many tenths of what the screen is wider."""


def lane_cells(wide: int) -> int:
    """Columns of a lane on a screen of that width; 0 where there is no room for any."""
    if wide < _LEAST_WIDE:
        return 0
    return _LEAST_CELLS + (wide - _LEAST_WIDE) * _TENTHS // 10


_last: WeakKeyDictionary[Past, tuple[object, dict[object, Line]]] = WeakKeyDictionary()
"""Of each past: the columns of the picture before, and the lanes that were drawn in them."""


class Lanes:
    """The lanes of one picture: `count` columns."""

    def __init__(self, scene: Scene, count: int) -> None:
        assert scene.frame is not None
        self._scene, self.count = scene, count
        self.grid: Grid = grid_of(scene.frame, scene.reach, scene.view, count)
        self._edges = self.grid.edges()
        self._ticks = set(ticks(self.grid))
        self._drawn = self._drawn_before()

    def _drawn_before(self) -> dict[object, Line]:
        """Those of the picture before, where it had the same columns of the same past."""
        grid, reach = self.grid, self._scene.reach
        kind = grid.origin, grid.step, self.count, self._scene.look.glyphs
        kept, lines = _last.get(reach, (None, {}))
        if kept != kind or len(lines) > KEPT:
            lines = {}
            _last[reach] = kind, lines
        return lines

    def of(self, row: Row, action: str = "") -> Line:
        """That of a module; a click on it is the action. One that was drawn is not drawn anew
        while the module has not grown, and the columns are the same."""
        key = row.module, row.count, row.last_grew, row.first_seen, action
        line = self._drawn.get(key)
        if line is None:
            line = self._drawn[key] = from_cells(self._cells(row), action)
        return line

    def _cells(self, row: Row) -> Cells:
        """The more it grew in a column, the higher."""
        glyphs = self._scene.look.glyphs
        counts = self._scene.reach.counts(row.module, self._edges)
        grown = [max(0, (b or 0) - (a or 0)) for a, b in pairwise(counts)]
        if self._known_before(row, counts):
            grown[0] = 0
        most = max(grown, default=0)
        cells = [(" ", "quiet")] * self.count
        for x in self._ticks:
            cells[x] = (glyphs.dot, "quiet")
        bars = [(_sign(glyphs.eighths, height), "becoming") for height in range(1, 8)]
        for x, number in enumerate(grown[: self.count]):
            if number:
                cells[x] = bars[max(0, round(7 * number / most) - 1)]
        return cells

    def _known_before(self, row: Row, counts: list[int | None]) -> bool:
        """What had failed before anybody looked has no moment."""
        known = [count for count in counts if count is not None]
        return bool(known) and counts[0] is None and row.first_seen is None


def _sign(eighths: str, height: int) -> str:
    """A height that can be seen, also where there are few."""
    return next(char for char in eighths[height:] if char != " ")
