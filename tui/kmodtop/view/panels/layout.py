"""Which panel stands where, at any size from 1 by 1 on.

Asked by the first picture, by the app's layout, and by whoever has to know what
stands where; what stands there is composed in `screen`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..scene import Scene
from ..view import Page
from . import head, lanes
from .plot import LABEL

BOXED_WIDE, BOXED_HIGH = 120, 36
"""Cells and lines of a screen from which on panels have frames."""

_ASIDE_WIDE, _ASIDE_HIGH = 160, 9
"""Cells of a screen, and lines below its table, from which on more panels stand there."""


class Place(NamedTuple):
    """Where a panel stands, in cells of the screen."""

    panel: str
    x: int
    y: int
    wide: int
    high: int


def places(scene: Scene, wide: int, high: int) -> list[Place]:
    """The panels of the page, from the top down; none overlaps another but the message."""
    found = [Place("head", 0, 0, wide, 1)]
    body = max(0, high - 2)
    if body:
        found += _body(scene, wide, body)
    if high > 1:
        found.append(Place("foot", 0, high - 1, wide, 1))
    if scene.view.situation.note and high > 2:
        found.append(Place("message", 0, high - 2, wide, 1))
    return found


def _body(scene: Scene, wide: int, high: int) -> list[Place]:
    page, frame = scene.view.choice.page, scene.frame
    if page == Page.MAIN and frame is not None and frame.block is not None:
        return list(_main(scene, wide, high))
    if page == Page.DEMO_END and high >= 12:
        rows = min(4, high)
        return [
            Place("verdict", 0, 1, wide, rows),
            Place("page", 0, 2 + rows, wide, high - rows - 1),
        ]
    return [Place("page", 0, 1, wide, high)]


# ---- the first page ----------------------------------------------------------


class _Heights(NamedTuple):
    """Lines of each panel of an unframed screen; 0 is none."""

    verdict: int
    more: int
    path: int
    chart: int
    storms: int
    table: int


def heights(scene: Scene, wide: int, high: int) -> _Heights:
    """How `high` lines between head and foot are shared out.

    With few, first the free row gives way, then the chart down to two lines, then the load
    path, then when and what; with more, the chart takes a third, the table the rest.
    """
    # Of all rows, so that nothing moves while a filter is typed.
    needed = (len(scene.frame.rows) if scene.frame is not None else 0) + 1
    extra = 1 if scene.view.situation.deck is not None else 0
    least = min(9 - extra, max(5, needed))
    asked = {"verdict": 4 if wide >= 56 else 2, "more": 1, "path": 2, "chart": 6}
    steps = [("more", 0), ("chart", 3), ("path", 0), ("verdict", 3), ("verdict", 2)]
    if wide < 56:
        asked["more"] = 1 if head.trouble(scene) else 0
    while sum(asked.values()) + extra + least > high and steps:
        name, floor = steps[0]
        if asked[name] > floor:
            asked[name] -= 1
        else:
            steps.pop(0)
    while sum(asked.values()) + extra + least > high and least > 4:
        least -= 1
    for name in ("chart", "more"):
        if sum(asked.values()) + extra + least > high:
            asked[name] = 0
    left = high - sum(asked.values()) - extra
    while left < 2 and asked["verdict"] > 1:
        asked["verdict"] -= 1
        left += 1
    spare = left - max(needed, least)
    if asked["chart"] and spare > 0:
        third = (high + 2) // 3
        grow = max(0, min(spare, third - asked["chart"]))
        asked["chart"] += grow
        left -= grow
    return _Heights(**asked, storms=extra if left >= 2 else 0, table=max(0, left))


def _main(scene: Scene, wide: int, high: int) -> Iterator[Place]:
    if wide >= BOXED_WIDE and high + 2 >= BOXED_HIGH:
        yield from _boxed_main(scene, wide, high)
        return
    y = 1
    for name, rows in heights(scene, wide, high)._asdict().items():
        if rows:
            yield Place(name, 0, y, wide, rows)
            y += rows


def _boxed_main(scene: Scene, wide: int, high: int) -> Iterator[Place]:
    yield Place("verdict", 0, 1, wide, 4)
    yield Place("more", 0, 5, wide, 1)
    y, left = 6, high - 5
    upper = max(11, min(18, high // 3 - 1))
    chart_wide = lanes.lane_cells(wide) + LABEL + 2
    if scene.is_static:
        chart_wide = max(chart_wide, min(wide - 38, 2 * len(scene.rows) + LABEL))
    deck = scene.view.situation.deck is not None
    if deck:
        yield Place("chart_box", 0, y, wide, upper)
        y, left = y + upper, left - upper
        lower = 8
        yield Place("storms_box", 0, y, wide // 2, lower)
        yield Place("path_box", wide // 2, y, wide - wide // 2, lower)
        y, left = y + lower, left - lower
    else:
        yield Place("path_box", 0, y, wide - chart_wide, upper)
        yield Place("chart_box", wide - chart_wide, y, chart_wide, upper)
        y, left = y + upper, left - upper
    yield from _below(scene, wide, y, left)


def _below(scene: Scene, wide: int, y: int, left: int) -> Iterator[Place]:
    """The table, and where it leaves room, what else there is to say."""
    needed = (len(scene.frame.rows) if scene.frame is not None else 0) + 3
    needed = max(needed, 6)
    rest = left - needed
    if rest < _ASIDE_HIGH:
        rest = _ASIDE_HIGH + 7 if wide >= _ASIDE_WIDE and left >= 34 else 0
    table_high = left - rest
    yield Place("table_box", 0, y, wide, table_high)
    if not rest:
        return
    y += table_high
    if wide < _ASIDE_WIDE:
        yield Place("findings_box", 0, y, wide, rest)
        return
    room = max(74, wide * 43 // 100)
    yield Place("module_box", 0, y, room, rest)
    yield Place("findings_box", room, y, wide - room, rest)


def chart_cells(wide: int, high: int) -> int:
    """Cells of a recording's chart on a screen of that size, its labels included."""
    return wide - 2 if wide >= BOXED_WIDE and high >= BOXED_HIGH else wide


def table_room(scene: Scene, wide: int, high: int) -> int:
    """Rows that the table of the screen shows, at least one."""
    for place in places(scene, wide, high):
        if place.panel == "table":
            return max(1, place.high - 1)
        if place.panel == "table_box":
            return max(1, place.high - 3)
    return 1
