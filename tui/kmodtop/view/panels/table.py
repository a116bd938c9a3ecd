"""The table: which. Modules that were refused, the most wasteful first."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kmodtop_core.plain import clip_middle, fit, harmless, width
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.rows import Row

from ..lines import EMPTY, KEPT, Line, Span, crop, from_cells, marked
from ..rows import SORTS, UNKNOWN, Waste, cursor_place
from ..scene import Scene
from ..theme import Glyphs
from ..view import Look, View
from .columns import Columns, columns_for
from .figures import Given, bar, figures
from .lanes import Lanes


class _Shape(NamedTuple):
    """What is the same for all rows of a picture, and from one to the next."""

    name: int
    columns: tuple[tuple[str, int], ...]
    look: Look

    @property
    def glyphs(self) -> Glyphs:
        return self.look.glyphs


class _Table(NamedTuple):
    """What every row of a picture needs."""

    scene: Scene
    frame: Frame
    columns: Columns
    wastes: Mapping[str, Waste]
    most: float
    lanes: Lanes | None
    wide: int
    shape: _Shape

    @property
    def view(self) -> View:
        return self.scene.view

    @property
    def glyphs(self) -> Glyphs:
        return self.scene.look.glyphs


def table(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    """`high` lines of `wide` cells: heads, then the rows from view.top on, the cursor's marked."""
    frame, view = scene.frame, scene.view
    if frame is None or frame.block is None or high < 1:
        return []
    rows = list(scene.rows)
    known = scene.wastes
    columns = columns_for(scene, rows, known, wide, screen_wide)
    lanes = Lanes(scene, columns.cells["lanes"]) if "lanes" in columns.cells and rows else None
    sure = [known.get(row.module, UNKNOWN) for row in rows]
    most = max((waste.weight for waste in sure if not waste.at_most), default=0.0)
    cells = tuple(entry for entry in columns.cells.items() if entry[0] != "lanes")
    shape = _Shape(columns.name, cells, scene.look)
    made = _Table(scene, frame, columns, known, most, lanes, wide, shape)
    room = high - 1
    shown = rows[view.choice.top : view.choice.top + room]
    lines = [_heads(made, len(rows), room, is_boxed=wide < screen_wide)]
    if not rows:
        head = (Span(f"  MODULE   {_none(frame, view)}".ljust(wide), "head"),)
        return [head, *_nothing(frame, view, wide)][:high]
    place = cursor_place(rows, view) if view.choice.cursor is not None else -1
    for number, row in enumerate(shown, view.choice.top):
        line = crop(_row(row, made), wide, made.glyphs.ellipsis)
        lines.append(marked(line, wide) if number == place else line)
    if len(lines) < high and frame.block.cut_row and not view.choice.filter:
        lines.append(_cut(frame, view, wide))
    return lines[:high]


def scroll_hint(scene: Scene, high: int) -> str:
    """1–19 of 36 ↓: which rows are shown, and whether there are more."""
    if scene.frame is None:
        return ""
    count = len(scene.rows)
    glyphs, top = scene.look.glyphs, scene.view.choice.top
    last = min(count, top + high)
    more = f" {glyphs.down}" if last < count else ""
    return f"{top + 1}{glyphs.to}{last} of {count}{more}" if count else ""


# ---- heads -----------------------------------------------------------------

_TITLES = {"share": "SHARE", "bar": "", "times": "TIMES", "now": "+NOW", "refused": "REFUSED",
           "pattern": "PATTERN", "lanes": "GREW, on the time axis above"}  # fmt: skip
_LEFT = {"refused", "pattern", "lanes"}


def _heads(made: _Table, count: int, room: int, is_boxed: bool) -> Line:
    view, glyphs = made.view, made.glyphs
    hint = "" if is_boxed or count <= room else f"  {scroll_hint(made.scene, room)}"
    if len(hint) + 6 > made.columns.name:
        hint = hint.removesuffix(f" {glyphs.down}")
    titles = {"wasted": f"{glyphs.about}WASTED", **_TITLES}
    module = fit(f"MODULE{_mark('module', view)}{hint}", made.columns.name, False, glyphs.ellipsis)
    spans = [Span("  ", "head"), Span(module, _head_style("module", view), "sort_by('module')")]
    for column, cells in made.columns.cells.items():
        text = titles[column]
        if column in SORTS:
            text += _mark(column, view)
        if column == "lanes" and made.scene.view.situation.deck is not None:
            text = "GREW, whole recording"
        if column == "lanes":
            spans.append(Span(_before_lanes(made, spans), "head"))
            spans.append(Span(fit(text, cells, False, glyphs.ellipsis), "head"))
            continue
        action = f"sort_by('{column}')" if column in SORTS else ""
        is_left = column in _LEFT
        shown = fit(" " * is_left + text, cells + 1, not is_left, glyphs.ellipsis)
        spans.append(Span(shown, _head_style(column, view), action))
    return tuple(spans)


def _before_lanes(made: _Table, spans: Sequence[Span]) -> str:
    """Lanes stand at the right end, below the plot of the chart."""
    used = sum([width(span.text) for span in spans])
    return " " * max(0, made.wide - made.columns.cells["lanes"] - used)


def _mark(column: str, view: View) -> str:
    if view.choice.sort != column:
        return ""
    glyphs = view.look.glyphs
    return glyphs.sorted_up if view.choice.reverse else glyphs.sorted_down


def _head_style(column: str, view: View) -> str:
    return "head weight" if view.choice.sort == column else "head"


# ---- rows ------------------------------------------------------------------


def _row(row: Row, made: _Table) -> Line:
    answer, waste = made.view.situation.answer, made.wastes.get(row.module, UNKNOWN)
    pattern = answer.patterns.get(row.module, "") if answer is not None else ""
    heat = 0 if row.fallen else row.heat(made.frame.now)
    sign = _sign(row, heat, row.is_new(made.frame.now), made.glyphs)
    texts = figures(Given(row, waste, pattern, made.most, made.scene.look), made.shape.columns)
    line = _line(row.module, row.fallen, heat, row.reason, sign, texts, made.shape)
    if made.lanes is None:
        return line
    base = "quiet" if row.fallen else ""
    gap = Span(_before_lanes(made, line), base, line[0].action)
    return (*line, gap, *made.lanes.of(row, line[0].action))


@lru_cache(KEPT)
def _line(
    module: str,
    fallen: bool,
    heat: int,
    reason: FailReason,
    sign: tuple[str, str],
    texts: tuple[str, ...],
    shape: _Shape,
) -> Line:
    """All of it but its lane."""
    base = "quiet" if fallen else ""
    figure = "now" if heat == 2 else base or "weight"
    action = f"select({module!r})"
    ellipsis = shape.glyphs.ellipsis
    name = fit(clip_middle(harmless(module), shape.name, ellipsis), shape.name, ellipsis=ellipsis)
    spans = [
        Span(f"{sign[0]} ", sign[1], action),
        Span(name, "now" if heat == 2 else base, action),
    ]
    for (column, cells), text in zip(shape.columns, texts, strict=True):
        if column == "bar":
            spans.append(Span(" ", base, action))
            spans += from_cells(bar(reason, text, shape.look, cells), action)
        else:
            shown = fit(" " + text, cells + 1, column not in _LEFT, ellipsis)
            bold = figure if column in ("times", "now") else base
            spans.append(Span(shown, bold, action))
    return tuple(spans)


def _sign(row: Row, heat: int, is_new: bool, glyphs: Glyphs) -> tuple[str, str]:
    if row.fallen:
        return glyphs.gone, "quiet"
    if heat:
        return (glyphs.up, "now") if heat == 2 else (glyphs.warm, "late")
    return (glyphs.new, "") if is_new else (" ", "")


# ---- no rows ---------------------------------------------------------------


def _cut(frame: Frame, view: View, wide: int) -> Line:
    cut = frame.block.cut_row if frame.block else None
    assert cut is not None
    known = f"{cut.times} times" if cut.times is not None else "how often is not known"
    name = harmless(cut.module) or "a module"
    text = f"  {name}{view.look.glyphs.ellipsis} cut by the kernel's buffer, {known}"
    return crop((Span(text, "quiet"),), wide, view.look.glyphs.ellipsis)


def _none(frame: Frame, view: View) -> str:
    if frame.block is None or frame.block.table_missing:
        return "not known"
    return "none found" if view.choice.filter or view.choice.only else "none failed"


def _nothing(frame: Frame, view: View, wide: int) -> list[Line]:
    if frame.block and frame.block.table_missing:
        texts = ["which modules is not known: the table is missing in this text"]
    elif view.choice.filter or view.choice.only:
        texts = [
            f"no module's name contains {harmless(view.choice.filter)!r}; Esc clears the filter"
        ]
    elif frame.block and frame.block.stats.failed_requests:
        texts = ["no module is named: the kernel's table lists duplicates only"]
    else:
        texts = ["Modules that are asked for in vain are listed here, the most wasteful first."]
        if view.situation.demo is None and view.situation.deck is None:
            texts.append("d  demo: what a storm looks like     R  record what comes next")
    lines: list[Line] = [EMPTY] if "Modules that" in texts[0] else []
    return lines + [
        crop((Span(f"  {text}", "quiet"),), wide, view.look.glyphs.ellipsis) for text in texts
    ]
