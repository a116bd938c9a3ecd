"""The last screen of a simulated boot: what was seen, and what another kernel would have done."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kmodtop_core import units
from kmodtop_core.plain import harmless
from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.tracking.frame import Frame

from ..lines import EMPTY, Line, Span, crop
from ..scene import Scene
from ..view import Demo, View

if TYPE_CHECKING:
    from kmodtop_core.simulation.compare import Run

_ABOUT = {
    "stats-only": "6.3 + statistics  duplicates are found after allocation",
    "early-check": "6.4               duplicates are looked for before it, too",
    "idempotent": "6.5 and later     concurrent loads are folded: hardly anything is left",
}


def page(scene: Scene, wide: int) -> list[Line]:
    """The eras side by side as bars on one scale, then what was seen in sentences."""
    frame, view, glyphs = scene.frame, scene.view, scene.look.glyphs
    demo = view.situation.demo
    own = next((run for run in demo.runs if run.era == demo.era), None) if demo else None
    if demo is None or own is None or frame is None:
        return [EMPTY, (Span("  The boot is not over yet.", "quiet"),)]
    lines: list[Line] = [(Span(" The same boot under every era of the kernel", "weight"),), EMPTY]
    for run in demo.runs:
        lines += [*_era(run, demo.runs, run is own, scene, wide), EMPTY]
    lines += [_scale(scene), EMPTY, *_next(), EMPTY]
    for sentence in _sentences(frame, demo, own, view):
        lines += [(Span(f" {part}"),) for part in textwrap.wrap(sentence, max(20, wide - 2))]
    return [crop(line, wide, glyphs.ellipsis) for line in lines]


def _era(
    run: "Run", runs: "Sequence[Run]", is_own: bool, scene: Scene, wide: int
) -> Iterator[Line]:
    """The bar of a run: what was wasted at becoming, then at load."""
    glyphs, look = scene.look.glyphs, scene.look
    told = _told(run, scene)
    name = 18 if wide >= 60 else 12
    longest = max(len(_told(other, scene)) for other in runs)
    room = max(4, wide - name - 4 - longest)
    most = max(other.wasted_bytes for other in runs)
    full = run.wasted_bytes / most * room if most else 0.0
    mark = glyphs.crumb if is_own else " "
    weight = "weight" if is_own else ""
    bar: Line = (Span(glyphs.sliver if run.wasted_bytes else "", "becoming"),)
    if full >= 0.5:
        late = _late_share(run)
        load = round(full * late)
        early = max(0, round(full) - load)
        block = glyphs.load
        soft = block if look.theme.has_fills and not glyphs.is_ascii else glyphs.becoming
        bar = (Span(soft * early, "becoming"), Span(block * load, "load"))
    yield (Span(f" {mark} {run.era:<{name}}", weight), *bar, Span(told, weight))
    yield (Span(f"   {ERA_ABOUT[run.era]}", "quiet"),)


def _told(run: "Run", scene: Scene) -> str:
    waste = units.brief(run.wasted_bytes, scene.look.units)
    return f" {waste}  {units.count(run.failures)} failed"


ERA_ABOUT = {era: _ABOUT.get(era, about) for era, about in ERAS.items()}


def _late_share(run: "Run") -> float:
    """Which part of the bytes was wasted at load, where a failure costs twice as much."""
    late = 2 * run.failed_load_modules
    return late / max(1, late + run.failed_becoming)


def _scale(scene: Scene) -> Line:
    glyphs = scene.look.glyphs
    signs = (glyphs.becoming, glyphs.load) if glyphs.is_ascii else (glyphs.stage, glyphs.stage)
    if not scene.look.theme.has_fills and not glyphs.is_ascii:
        signs = (glyphs.becoming, glyphs.load)
    return (
        Span(" " * 21), Span(f"{signs[0]} ", "becoming"), Span("becoming  ", "quiet"),
        Span(f"{signs[1]} ", "load"), Span("load, about     one scale, from 0", "quiet"),
    )  # fmt: skip


def _next() -> list[Line]:
    return [
        (Span(" On this machine   ", "quiet"),
         Span("kmodtop shows its own boot; kmodtop doctor says if it can")),
        (Span(" Next              ", "quiet"),
         Span("e the next era, x this one again; Enter its modules")),
    ]  # fmt: skip


def _sentences(frame: Frame, demo: Demo, own: "Run", view: View) -> list[str]:
    stats = frame.block.stats if frame.block else None
    loaded = stats.total_mod_size if stats else 0
    asked = ", ".join(f"{units.count(number)} by {by}" for by, number in demo.asked_by)
    told = [
        f"{units.count(own.cpus)} CPUs made {units.count(own.requests)} requests ({asked});"
        f" {units.count(own.failures)} of them failed.",
    ]
    if own.exhausted:
        full = f"{units.count(own.exhausted)} found the area for modules full"
        told.append(f"{full}, which counts as becoming.")
    told += _real(demo, view)
    if own.wasted_bytes:
        share = own.wasted_bytes / loaded if loaded else 0
        lost = units.brief(own.wasted_bytes, view.look.units)
        peak = units.brief(own.peak_vmalloc_bytes, view.look.units)
        times = f", {share:,.0f} times what was loaded" if share >= 1.5 else ""
        told.append(
            f"{lost} of virtual memory was thrown away{times};"
            f" at most {peak} was in flight at a time."
        )
    if demo.folded:
        number = units.count(demo.folded)
        told.append(f"{number} of them were folded into others and cost nothing.")
    if demo.folded_autoloads:
        number = units.count(demo.folded_autoloads)
        told.append(f"{number} more, the kernel's own, were folded before they became requests.")
    if frame.rows:
        worst = sorted(frame.rows, key=lambda row: -row.count)[:3]
        names = ", ".join(f"{harmless(row.module)} ({units.count(row.count)})" for row in worst)
        told.append(f"Most often asked for in vain: {names}.")
    return told


def _real(demo: Demo, view: View) -> Iterator[str]:
    """What was published of a real one."""
    real = demo.real
    if real is None:
        return
    counts = real.failed_becoming, real.failed_load_modules
    figures = [f"{units.count(sum(counts))} failures"] if min(counts) >= 0 else []
    if real.wasted_bytes >= 0:
        waste = units.brief(real.wasted_bytes, view.look.units)
        figures.append(f"about {waste}" if real.about else waste)
    if figures:
        yield f"A real one has shown {', '.join(figures)} ({harmless(real.source)})."
