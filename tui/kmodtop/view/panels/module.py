"""One module: how often it was refused, what that cost, when, with which others, and by whom."""

import textwrap
from collections.abc import Iterator

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.diagnosis.module_bytes import ModuleBytes
from kmodtop_core.plain import clip, fit, harmless
from kmodtop_core.reports.answer import basis_of
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.rows import Row

from ..grid import grid_of
from ..lines import EMPTY, Line, Span, crop
from ..rows import UNKNOWN, cursor_place
from ..scene import Scene
from .axis import axis, cursor_column
from .figures import BOTH
from .lanes import Lanes
from .plot import Column, label_cells, nice_ceiling, plot, plot_cells
from .verdict import believed, told

_REASONS = {
    FailReason.BECOMING: "refused at becoming: its file was read for nothing each time",
    FailReason.LOAD: "refused at load: its place was allocated for nothing too",
    FailReason.BECOMING | FailReason.LOAD: "refused at becoming, its file read in vain, or at load,"
    " its place too",
    FailReason(0): "the kernel's own bookkeeping is wrong for this module (Bug-on-stats)",
}

_MOST_WITH = 4
_NEAR_S = 1.0
"""Seconds within which others failed first that may have to do with it."""


def selected(scene: Scene) -> Row | None:
    """The module under the cursor; without a cursor the first of the table."""
    if scene.frame is None:
        return None
    if scene.view.choice.cursor is not None:
        rows = [r for r in scene.frame.rows if r.module == scene.view.choice.cursor]
        return rows[0] if rows else None
    rows = list(scene.rows)
    return rows[cursor_place(rows, scene.view)] if rows else None


def page(scene: Scene, wide: int, high: int) -> list[Line]:
    """The module under the cursor, whole."""
    frame, row = scene.frame, selected(scene)
    if frame is None or row is None:
        return [EMPTY, (Span("  This module is not in the table any more.", "weight"),)]
    glyphs = scene.look.glyphs
    lines = _head(scene, frame, row, wide)
    facts = list(_facts(scene, frame, row, wide))
    room = high - len(lines) - len(facts) - 2
    if room >= 4 and not scene.is_static:
        lines += [
            (Span(" Failed so far", "quiet"),),
            *_chart(scene, frame, row, wide, min(room, max(6, high // 3))),
        ]
        room = high - len(lines) - len(facts) - 2
        if room >= 2:
            lines += _with(scene, frame, row, wide, min(_MOST_WITH, room - 1))
    lines += [EMPTY, *facts]
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def panel(scene: Scene, wide: int, high: int) -> list[Line]:
    """The same beside the table of a large screen, without a chart."""
    frame, row = scene.frame, selected(scene)
    if frame is None or row is None:
        return [(Span(" no module was refused", "quiet"),)]
    lines: list[Line] = [(Span(f" {text}"),) for text in _lost(scene, frame, row)]
    lines += [EMPTY, *_facts(scene, frame, row, wide)]
    return [crop(line, wide, scene.look.glyphs.ellipsis) for line in lines[:high]]


def _head(scene: Scene, frame: Frame, row: Row, wide: int) -> list[Line]:
    """Four rows as of a verdict: how it stands, what, when, who."""
    glyphs, heat = scene.look.glyphs, row.heat(frame.now)
    words = ("FAILED", "GREW LATELY", "GROWS NOW")
    word, style = words[heat], ("", "late", "now")[heat]
    sign = (glyphs.dot, glyphs.warm, glyphs.up)[heat]
    if row.fallen:
        sign, word = glyphs.gone, "NO LONGER PRINTED"
    edge = Span(glyphs.edge, style)
    text = told("; ".join(_lost(scene, frame, row)), glyphs)
    lines: list[Line] = [
        (edge, Span(f" {sign} {word}", f"weight {style}".strip()), Span(f"  {text}"))
    ]
    for name, said in (
        ("what", _REASONS[row.reason & BOTH]), ("when", _when(frame, row)),
        ("who", _who(scene, row)),
    ):  # fmt: skip
        lines.append((edge, Span(f" {name:<5} ", "quiet"), Span(told(said, glyphs))))
    return [crop(line, wide, glyphs.ellipsis) for line in lines]


def _lost(scene: Scene, frame: Frame, row: Row) -> list[str]:
    waste = scene.wastes.get(row.module, UNKNOWN)
    parts = [f"{units.count(row.count)} time{'s' if row.count != 1 else ''} in vain"]
    entry = _entry(scene.view.situation.answer, row.module)
    if waste.bytes is None:
        share = f"about {100 * waste.share:.0f} % of all waste, by usual lengths of modules"
        parts.append(share if waste.share else "how much it wasted is not known")
    else:
        how = "at most " if waste.at_most else "" if entry and entry.basis == "exact" else "about "
        share = f", {100 * waste.share:.0f} % of all waste" if waste.share >= 0.01 else ""
        parts.append(f"{how}{units.brief(waste.bytes, scene.look.units)}{share}")
    if row.fallen:
        parts.append("no longer printed by the kernel, the last figures are kept")
    return parts


def _entry(answer: Answer | None, module: str) -> ModuleBytes | None:
    entries = answer.modules if answer is not None else ()
    return next((entry for entry in entries if module in entry.modules), None)


def _when(frame: Frame, row: Row) -> str:
    zero = frame.at.uptime - frame.now
    if row.first_seen is None:
        first = "before it was watched"
        if row.last_grew is None:
            return f"{first}; not since"
        return f"first {first}; last {zero + row.last_grew:,.1f} s after boot"
    if row.last_grew is None or row.last_grew - row.first_seen < 0.1:
        return f"{zero + row.first_seen:,.1f} s after boot"
    return f"{zero + row.first_seen:,.1f} s to {zero + row.last_grew:,.1f} s after boot"


def _who(scene: Scene, row: Row) -> str:
    """Who asked for it, where that was told; else who is blamed by a finding about it."""
    answer = scene.view.situation.answer
    if answer is None:
        return "not known"
    asked = [a for a in answer.askers if row.module in a.modules]
    if asked:
        parts = [f"{a.who} {units.count(a.modules[row.module])} ({a.confidence})" for a in asked]
        return "; ".join(parts)
    for finding in answer.findings:
        if finding.accuses and row.module in finding.modules:
            side = "the kernel" if finding.side == "kernel" else "userspace"
            who = finding.who or finding.requester or "its autoloader"
            return f"{side}: {who}{believed(finding.confidence, scene.look.glyphs)}"
    return "not told by these numbers"


def _facts(scene: Scene, frame: Frame, row: Row, wide: int) -> Iterator[Line]:
    glyphs, answer = scene.look.glyphs, scene.view.situation.answer
    entry = _entry(answer, row.module)
    if row.recent > 0:
        rate = f", {units.per_second(row.rate)}" if row.rate else ""
        yield from _fact("grows", f"+{units.count(row.recent)}{rate}", wide, scene)
    pattern = answer.patterns.get(row.module, "") if answer is not None else ""
    if pattern:
        yield from _fact("pattern", _PATTERNS.get(pattern, pattern), wide, scene)
    if entry is not None and entry.length:
        twice = "; a failure at load wastes it twice" if row.reason & FailReason.LOAD else ""
        size = units.brief(entry.length, scene.look.units)
        yield from _fact("size", f"{size}, {basis_of(entry)}{twice}", wide, scene)
    elif entry is not None and len(entry.modules) > 1:
        others = [m for m in entry.modules if m != row.module]
        told_apart = f"cannot be told apart from those of {', '.join(others[:3])}"
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        yield from _fact("bytes", told_apart + more, wide, scene)
    place = _place(answer, row)
    if place:
        yield from _fact("order", place, wide, scene)
    command = f"modinfo -F alias {row.module}"
    if answer is not None and _is_word(row.module):
        yield EMPTY
        yield (
            Span(" next     ", "quiet"),
            Span(clip(told(command, glyphs), wide - 10, glyphs.ellipsis), "weight"),
            Span("   which events ask for it", "quiet"),
        )  # fmt: skip


_PATTERNS = {
    "per-cpu": "per CPU: as often as there are CPUs, or nearly, as if each had asked once",
    "per-device": "device: as often as there are devices of a kind, as if asked for once for each",
    "part": "part: as if asked for by some of the CPUs, or devices",
    "race": "race: two or three requests met by chance",
    "again": "again: asked for more often than there are CPUs or devices",
    "single": "once: two requests met by chance",
}


def _is_word(module: str) -> bool:
    return module.isascii() and module.replace("_", "").replace("-", "").isalnum()


def _place(answer: Answer | None, row: Row) -> str:
    order = list(answer.order) if answer is not None else []
    if row.module not in order or len(order) < 2:
        return ""
    place = order.index(row.module)
    before = ", ".join(order[max(0, place - 2) : place])
    told_before = f"; just before it {before}" if before else ""
    return f"number {place + 1} of {len(order)} to fail first{told_before}"


def _fact(name: str, text: str, wide: int, scene: Scene) -> Iterator[Line]:
    plain = told(text, scene.look.glyphs)
    for number, part in enumerate(textwrap.wrap(plain, max(16, wide - 12)) or [""]):
        yield (Span(f" {name if not number else '':<8} ", "quiet"), Span(part))


# ---- its time ----------------------------------------------------------------


def _chart(scene: Scene, frame: Frame, row: Row, wide: int, high: int) -> list[Line]:
    """How often it had failed by then."""
    grid = grid_of(frame, scene.reach, scene.view, plot_cells(wide))
    counts = scene.reach.counts(row.module, grid.edges())[1:]
    known = _since(row, counts)
    by_load = row.reason == FailReason.LOAD
    columns = [
        None if n is None else Column(0.0, 0.0, float(n)) if by_load else Column(0.0, float(n))
        for n in known
    ]
    top = nice_ceiling(row.count, "si", least=1)
    times = f" {scene.look.glyphs.failed}"
    labels = (f"{units.count(round(top))}{times}", units.count(round(top / 2)) if top >= 2 else "")
    cursor = cursor_column(scene, grid)
    return [
        *plot(columns, top, labels, scene.view, wide, high - 1, cursor),
        axis(scene, grid, wide, scene.reach.at(grid.edges())),
    ]


def _since(row: Row, counts: list[int | None]) -> list[int | None]:
    """Before it was first seen it had not failed, unless that was before anybody looked."""
    if row.first_seen is None:
        return counts
    return [0 if count is None else count for count in counts]


def _with(scene: Scene, frame: Frame, row: Row, wide: int, most: int) -> list[Line]:
    """Others that failed first at about the same time, on the same axis."""
    if row.first_seen is None:
        return []
    near = [
        (abs(other.first_seen - row.first_seen), other)
        for other in frame.rows
        if other is not row and other.first_seen is not None
        and abs(other.first_seen - row.first_seen) <= _NEAR_S
    ]  # fmt: skip
    if not near:
        return []
    near.sort(key=lambda pair: pair[0])
    lanes, at = Lanes(scene, plot_cells(wide)), label_cells(wide)
    lines: list[Line] = [(Span(" began within a second of it:", "quiet"),)]
    for _, other in near[:most]:
        name = fit(harmless(other.module), max(0, at - 1), ellipsis=scene.look.glyphs.ellipsis)
        lines.append((Span(f" {name}"[:at]), *lanes.of(other)))
    return lines


def title(scene: Scene, wide: int) -> Line:
    """Of the panel: which module it shows."""
    row = selected(scene)
    if row is None:
        return (Span("Module", "weight"),)
    name = clip(harmless(row.module), max(8, wide - 36), scene.look.glyphs.ellipsis)
    chosen = scene.view.choice.cursor is not None
    more = "" if chosen else " wasted most; arrows choose another"
    return (Span(name, "weight"), Span(more, "quiet"))
