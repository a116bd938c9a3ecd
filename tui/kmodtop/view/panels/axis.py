"""The axis: zero, on which bars stand; labels of time; and below it where something failed."""

import math
from collections.abc import Sequence

from kmodtop_core.diagnosis.finding import Level
from kmodtop_core.tracking.history import FAILED

from ..grid import Grid, grown, ticks
from ..lines import Line, Span, from_cells
from ..scene import Scene
from .plot import Cells, label_cells

Values = Sequence[tuple[float, ...] | None]


def axis(scene: Scene, grid: Grid, wide: int, values: Values) -> Line:
    """Zero, on which bars stand; labels of time; below it where something failed.

    `values`: those at the grid's edges.
    """
    glyphs, at = scene.look.glyphs, label_cells(wide)
    failed = [n > 0 for n in grown(values, FAILED)]
    failed += [False] * (grid.columns - len(failed))
    gaps = [value is None for value in values[1:]]
    now = _now_columns(scene, grid)
    styles = [
        ("now" if x in now else "late") if has_failed else "" for x, has_failed in enumerate(failed)
    ]
    cells = [
        (glyphs.strip, style) if style else
        (" ", "") if x < len(gaps) and gaps[x] else (glyphs.floor, "quiet")
        for x, style in enumerate(styles)
    ]  # fmt: skip
    numbers, cursor = _storm_columns(scene, grid), cursor_column(scene, grid)
    for column, label in ticks(grid).items():
        taken = [*numbers, *([] if cursor is None else [cursor])]
        if not any(column <= other <= column + len(label) for other in taken):
            _write(cells, column, glyphs.tick, label, styles)
    for column, (number, style) in numbers.items():
        cells[column] = (number, style)
    if cursor is not None:
        cells[cursor] = (glyphs.up, "weight")
    zero = f"{'0':>{at - 1}} " if at > 1 else " "
    return (Span(zero, "quiet"), *from_cells(cells))


def _write(cells: Cells, column: int, tick: str, label: str, styles: Sequence[str]) -> None:
    """A label goes before the strip, and takes its colour."""
    if column + len(label) + 1 > len(cells):
        return
    if not styles[column]:
        cells[column] = (tick, "quiet")
    under = [style for style in styles[column + 1 : column + 1 + len(label)] if style]
    for x, char in enumerate(label, column + 1):
        cells[x] = (char, under[0] if under else "quiet")


def _now_columns(scene: Scene, grid: Grid) -> Sequence[int]:
    """Those that belong to the storm that is under way."""
    answer = scene.view.situation.answer
    if answer is None or answer.verdict.level is not Level.STORM_NOW or not answer.storms:
        return ()
    origin, shown = grid.zero + grid.origin, scene.frame.at.uptime if scene.frame else 0.0
    first = math.ceil((answer.storms[-1].began - origin) / grid.step - 1 - 1e-9)
    last = grid.columns - 1
    if grid.zero + grid.end > shown + 1e-6:  # a recording tells of what comes later, too
        last = min(last, math.floor((shown + 1e-6 - origin) / grid.step))
    return range(max(0, first), last + 1)


def _storm_columns(scene: Scene, grid: Grid) -> dict[int, tuple[str, str]]:
    """Their numbers and styles by column, where there are several."""
    deck = scene.view.situation.deck
    if deck is None or not 2 <= len(deck.storms) < 10:
        return {}
    found = {}
    for number, storm in enumerate(deck.storms, 1):
        column = grid.column(storm.began - grid.zero)
        if column is not None:
            is_here = storm.began <= deck.position <= storm.ended
            found[column] = (str(number), "now" if is_here else "late")
    return found


def cursor_column(scene: Scene, grid: Grid) -> int | None:
    """The column of the moment that is shown, where it can be another than the last."""
    deck = scene.view.situation.deck
    if deck is None:
        return None
    return grid.column(max(grid.origin, min(deck.position - grid.zero, grid.end) - 1e-9))
