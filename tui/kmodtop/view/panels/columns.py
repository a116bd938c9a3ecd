"""Which columns the table has on a screen of some width."""

from collections.abc import Mapping
from typing import NamedTuple

from kmodtop_core import units
from kmodtop_core.plain import harmless, width
from kmodtop_core.tracking.rows import Row

from ..rows import Waste
from ..scene import Scene
from .lanes import lane_cells

_NAMES = ((56, 17), (100, 23), (150, 24), (1 << 30, 29))
"""Below that width of the screen, the cells that names have at most."""

_DROPPED = ("share", "lanes", "pattern", "refused", "bar", "wasted", "now")
"""Columns that give way on narrow screens, the first of these first."""


class Columns(NamedTuple):
    """Cells of each column that is shown, in order; those of the name are `name`."""

    name: int
    cells: dict[str, int]


def columns_for(
    scene: Scene, rows: list[Row], known: Mapping[str, Waste], wide: int, screen_wide: int
) -> Columns:
    """Which columns there is room for."""
    most_name = next(cells for below, cells in _NAMES if screen_wide < below)
    longest = max([width(harmless(row.module)) for row in rows], default=12)
    name = max(min(12, most_name), min(longest, most_name))
    name = most_name if screen_wide < 150 else max(name, 24)
    if scene.is_static and screen_wide >= 100:
        name = 30
    cells = _wanted(scene, rows, known, screen_wide)
    dropped = list(_DROPPED)
    while dropped and sum_of(name, cells) > wide:
        cells.pop(dropped.pop(0), None)
    if sum_of(name, cells) > wide:
        name = max(4, name - (sum_of(name, cells) - wide))
    if "lanes" not in cells and "bar" in cells:
        cells["bar"] = min(36, cells["bar"] + max(0, wide - sum_of(name, cells) - 2))
    return Columns(name, cells)


def _wanted(
    scene: Scene, rows: list[Row], known: Mapping[str, Waste], screen_wide: int
) -> dict[str, int]:
    lanes = 0 if scene.is_static else lane_cells(screen_wide)
    times = len(units.count(max([row.count for row in rows], default=0)))
    grown = max([len(grown_text(row)) for row in rows if row.recent], default=0)
    cells = {
        "wasted": 9,
        "share": 5,
        "bar": 16 if screen_wide >= 180 else 8 if lanes else 10,
        "times": max(5, times),
        "now": max(4 if screen_wide < 56 else 5, grown),
        "refused": 8,
        "pattern": 8,
        "lanes": lanes,
    }
    if scene.is_static:
        del cells["now"]
    if not lanes:
        del cells["lanes"]
    elif screen_wide < 150:
        del cells["pattern"]
    has_bytes = any(w.bytes is not None and not w.at_most for w in known.values())
    if not has_bytes or (screen_wide < 180 and not (scene.is_static and screen_wide >= 100)):
        del cells["share"]
    return cells


def sum_of(name: int, cells: dict[str, int]) -> int:
    return 2 + name + sum(number + 1 for number in cells.values())


def grown_text(row: Row) -> str:
    if row.recent > 0:
        return f"+{units.count(row.recent)}"
    return str(row.recent) if row.recent else ""
