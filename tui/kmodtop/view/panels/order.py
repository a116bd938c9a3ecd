"""Of one text, which tells no times: the modules in the order in which they failed first."""

from collections.abc import Sequence

from kmodtop_core import units
from kmodtop_core.plain import clip, fit, harmless
from kmodtop_core.stats.values import STAGES, Duplicate, FailReason

from ..lines import EMPTY, Line, Span, from_cells
from ..scene import Scene
from ..view import View
from .plot import Cells, Column, label_cells, plot

_WIDEST = 14
"""Cells of a bar and the gap beside it at most."""

_NAMED = 9
"""Cells from which on each bar has its module's name below it."""


def in_order(scene: Scene, wide: int, high: int) -> list[Line]:
    """Bars of how often each failed, on one scale; below them their names, or the ends' ones."""
    block = scene.frame.block if scene.frame else None
    assert block is not None
    modules = list(reversed(block.stats.duplicates))
    if not modules:
        return _stages_only(scene, wide, high)
    most = max(row.times for row in modules)
    failed = f" {scene.look.glyphs.failed}"
    labels = (f"{units.count(most)}{failed}", units.count(most // 2) if most >= 2 else "")
    at = min(len(labels[0]) + 3, label_cells(wide))
    count = max(1, wide - at)
    each = max(1, min(_WIDEST, (count + 1) // len(modules)))
    shown = modules[-(count // each) :] if len(modules) * each > count + 1 else modules
    bar = max(1, each - 1)
    columns: list[Column | None] = []
    for row in shown:
        columns += [_by_reason(row)] * bar + [Column()] * (each - bar)
    lines = plot(columns, float(most), labels, scene.view, wide, high - 1, None, at)
    lines = [_split_both(line, shown, each, at, scene.view) for line in lines]
    return [*lines, _axis(scene, [harmless(m.module) for m in shown], each, at, count)]


def _by_reason(row: Duplicate) -> Column:
    late = row.reason == FailReason.LOAD
    return Column(0.0, 0.0, float(row.times)) if late else Column(0.0, float(row.times))


def _split_both(line: Line, shown: Sequence[Duplicate], each: int, at: int, view: View) -> Line:
    """Modules that failed at both stages: becoming left, load right."""
    glyphs = view.look.glyphs
    if not view.look.theme.has_fills or glyphs.is_ascii:
        return line
    cells = [(char, span.style) for span in line for char in span.text]
    bar = max(1, each - 1)
    for place, row in enumerate(shown):
        first = at + place * each
        if row.reason != FailReason.BECOMING | FailReason.LOAD or first >= len(cells):
            continue
        if cells[first][0] != glyphs.load:
            continue
        if bar == 1:
            cells[first] = (glyphs.edge, "border")
        else:
            late = range(first + (bar + 1) // 2, min(first + bar, len(cells)))
            for x in late:
                cells[x] = (glyphs.load, "load")
    return from_cells(cells)


def _axis(scene: Scene, names: list[str], each: int, at: int, count: int) -> Line:
    glyphs = scene.look.glyphs
    zero = Span(f"{'0':>{at - 1}} " if at > 1 else " ", "quiet")
    if each >= _NAMED:
        room = each - 1
        texts = [fit(clip(name, room, glyphs.ellipsis), each) for name in names]
        return (zero, Span("".join(texts), "quiet"))
    end = min(count, (len(names) - 1) * each + 1)
    cells: Cells = [(glyphs.floor if x < end else " ", "quiet") for x in range(count)]
    last = f"{names[-1]} last" if len(names) > 1 else ""
    room = max(end, min(count, 48))
    first = clip(f"{names[0]} failed first", max(8, room - len(last) - 1), glyphs.ellipsis)
    for x, char in enumerate(first[:count]):
        cells[x] = (char, "quiet")
    for x, char in enumerate(last, max(len(first) + 1, room - len(last))):
        if x < count:
            cells[x] = (char, "quiet")
    return (zero, *from_cells(cells))


def _stages_only(scene: Scene, wide: int, high: int) -> list[Line]:
    """Failures of which no module is known: how many at each stage, as bars on one scale."""
    block = scene.frame.block if scene.frame else None
    assert block is not None
    glyphs = scene.look.glyphs
    text = "no module is named: the kernel lists duplicates only"
    if block.table_missing:
        text = "which modules failed is not known: the table is missing"
    lines: list[Line] = [(Span(f" {text}"[:wide], "quiet"),)]
    failed = [block.stats.counter(stage.failures) for stage in STAGES]
    room = max(1, wide - 30)
    for place, (stage, number) in enumerate(zip(STAGES, failed, strict=True)):
        known = stage.failures not in block.missing
        bar = max(1, round(number / max(failed) * room)) if number and known else 0
        style = ("early", "early", "becoming", "load")[place]
        sign = glyphs.early if place < 2 else glyphs.becoming if place == 2 else glyphs.load
        if scene.look.theme.has_fills and not glyphs.is_ascii and place >= 2:
            sign = glyphs.load
        lines.append(
            (Span(f" {place + 1} {stage.name:<11}", "weight" if number else "quiet"),
             Span(f"{units.count(number) if known else '?':>7} {glyphs.failed}  "),
             Span(sign * bar, style))
        )  # fmt: skip
    return [*lines, *[EMPTY] * high][:high]
