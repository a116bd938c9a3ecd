"""The table of duplicate modules: signs, figures, order, cursor."""

from collections.abc import Callable
from typing import NamedTuple

from kmodtop_core import units
from kmodtop_core.plain import fit, harmless
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.rows import Row

from ..lines import Line, Span, crop, styled
from ..view import View, cursor_place, rows_shown


class Column(NamedTuple):
    """`sort` is its name in SORTS; `cell` makes the text of a row; `need` is how wide the screen
    must be for it."""

    sort: str
    title: str
    cells: int
    need: int
    cell: Callable[[Row, Frame, View], str]


_SHORT_REASON = {FailReason.BECOMING | FailReason.LOAD: "Bec & Load", FailReason(0): "Bug-on-st."}


def _now(row: Row, frame: Frame, view: View) -> str:
    return (
        f"+{units.count(row.recent)}" if row.recent > 0 else str(row.recent) if row.recent else ""
    )


def _rate(row: Row, frame: Frame, view: View) -> str:
    return units.per_second(row.rate) if row.rate and row.rate > 0 else ""


def _start(row: Row, frame: Frame, view: View) -> str:
    return f"+{units.count(row.since_start)}" if row.since_start > 0 else ""


def _first(row: Row, frame: Frame, view: View) -> str:
    return "before" if row.first_seen is None else units.age(frame.now - row.first_seen)


def _grew(row: Row, frame: Frame, view: View) -> str:
    return "" if row.last_grew is None else units.age(frame.now - row.last_grew)


def _short_reason(row: Row, frame: Frame, view: View) -> str:
    return _SHORT_REASON.get(row.reason, row.reason.label)


COLUMNS = (
    Column("times", "TIMES", 7, 0, lambda row, frame, view: units.count(row.count)),
    Column("now", "+NOW", 6, 0, _now),
    Column("rate", "RATE", 6, 76, _rate),
    Column("start", "+START", 7, 60, _start),
    Column("reason", "REASON", 10, 50, _short_reason),
    Column("first", "FIRST", 6, 76, _first),
    Column("grew", "GREW", 6, 70, _grew),
)
_WIDE_REASON = Column("reason", "REASON", 15, 96, lambda row, frame, view: row.reason.label)
_LEFT = {"reason"}


def columns_for(wide: int) -> list[Column]:
    """The columns that a screen of that width has, besides the module's name."""
    return [
        _WIDE_REASON if column.sort == "reason" and wide >= _WIDE_REASON.need else column
        for column in COLUMNS
        if column.need <= wide
    ]


def table(frame: Frame, view: View, wide: int, high: int) -> list[Line]:
    """`high` lines: titles, then the rows from view.top on, the cursor's marked."""
    columns = columns_for(wide)
    room = wide - 2 - sum(column.cells + 1 for column in columns)
    rows = rows_shown(frame, view)
    lines = [_titles(frame, view, columns, room, rows)]
    place = cursor_place(rows, view) if view.choice.cursor is not None else -1
    for number, row in enumerate(
        rows[view.choice.top : view.choice.top + high - 1], view.choice.top
    ):
        line = _row(row, frame, view, columns, room)
        lines.append(styled(line, "cursor") if number == place else line)
    if not rows:
        lines.append(_nothing(frame, view, wide))
    elif len(lines) < high and frame.block and frame.block.cut_row and not view.choice.filter:
        lines.append(_cut(frame, view, wide))
    return lines[:high]


def rows_high(high: int) -> int:
    """How many rows a table of `high` lines shows."""
    return max(1, high - 1)


def _titles(frame: Frame, view: View, columns: list[Column], room: int, rows: list[Row]) -> Line:
    growing = sum(row.heat(frame.now) == 2 for row in rows if not row.fallen)
    counts = f"{len(rows)} of {len(frame.rows)}" if view.choice.filter else str(len(frame.rows))
    note = f" ({counts}{f', {growing} growing' if growing else ''})"
    spans = [Span("  ", "head"), _title("module", "MODULE", room, view, note)]
    for column in columns:
        spans.append(_title(column.sort, column.title, column.cells + 1, view))
    return tuple(spans)


def _title(sort: str, text: str, cells: int, view: View, note: str = "") -> Span:
    if view.choice.sort == sort:
        mark = view.look.glyphs.sorted_up if view.choice.reverse else view.look.glyphs.sorted_down
        text = text + mark if len(text) < cells - 1 else mark + text[: cells - 2]
    left = sort in _LEFT or sort == "module"
    lead = " " if sort in _LEFT else ""
    shown = fit(lead + text + note, cells, not left, view.look.glyphs.ellipsis)
    return Span(shown, "head", f"sort_by('{sort}')")


def _row(row: Row, frame: Frame, view: View, columns: list[Column], room: int) -> Line:
    heat = row.heat(frame.now)
    figures = ("", "warm", "hot")[heat]
    base = "dim" if row.fallen else ""
    glyphs = view.look.glyphs
    new = row.is_new(frame.now) and not row.fallen
    sign = (
        glyphs.gone if row.fallen else glyphs.up if heat == 2 else glyphs.warm if heat else " "
    ) + (glyphs.new if new else " ")
    action = f"select({row.module!r})"
    name = fit(harmless(row.module), room, ellipsis=glyphs.ellipsis)
    spans = [Span(sign, figures or base, action), Span(name, "hot" if heat == 2 else base, action)]
    for column in columns:
        text = column.cell(row, frame, view)
        left = column.sort in _LEFT
        shown = fit((" " if left else "") + text, column.cells + 1, not left, glyphs.ellipsis)
        hot = column.sort in ("now", "rate", "times", "grew") and heat
        spans.append(Span(shown, figures if hot else base, action))
    return tuple(spans)


def _cut(frame: Frame, view: View, wide: int) -> Line:
    cut = frame.block.cut_row if frame.block else None
    assert cut is not None
    known = f"{cut.times} times" if cut.times is not None else "how often is not known"
    name = harmless(cut.module) or "a module"
    text = f"  {name}{view.look.glyphs.ellipsis} cut by the kernel's buffer, {known}"
    return crop((Span(text, "dim"),), wide, view.look.glyphs.ellipsis)


def _nothing(frame: Frame, view: View, wide: int) -> Line:
    if frame.block and frame.block.table_missing:
        text = "duplicates are unknown: the table is missing in this text"
    elif view.choice.filter:
        text = f"no module's name contains “{harmless(view.choice.filter)}”; Esc clears the filter"
        text = text if view.look.glyphs.dash == "─" else text.replace("“", '"').replace("”", '"')
    else:
        text = "no duplicates: no module was asked for while it was already there"
    return crop((Span(f"  {text}", "dim"),), wide, view.look.glyphs.ellipsis)
