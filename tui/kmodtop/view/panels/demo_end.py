"""The last screen of a simulated boot: what was seen, and what another kernel would have done."""

import textwrap

from kmodtop_core import units
from kmodtop_core.plain import harmless
from kmodtop_core.simulation.compare import Run
from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.tracking.frame import Frame

from ..lines import EMPTY, Line, Span, crop
from ..view import Demo, View


def seen_page(frame: Frame, view: View, wide: int) -> list[Line]:
    """In sentences: who asked, what failed, which modules; and the eras side by side."""
    demo = view.situation.demo
    own = next((run for run in demo.runs if run.era == demo.era), None) if demo else None
    if demo is None or own is None:
        return [EMPTY, (Span("  The boot is not over yet.", "dim"),)]
    lines: list[Line] = [EMPTY, (Span("  What was seen", "title"),), EMPTY]
    for sentence in _sentences(frame, demo, own, view):
        lines += [(Span(f"  {part}"),) for part in textwrap.wrap(sentence, max(20, wide - 4))]
    lines += [EMPTY, (Span("  The same boot under every era of the kernel", "bold"),)]
    for run in demo.runs:
        lines.append(crop(_era(run, own, view), wide, view.look.glyphs.ellipsis))
    return lines


def _sentences(frame: Frame, demo: Demo, own: Run, view: View) -> list[str]:
    stats = frame.block.stats if frame.block else None
    loaded = stats.total_mod_size if stats else 0
    asked = ", ".join(f"{units.count(number)} by {by}" for by, number in demo.asked_by)
    told = [
        f"{units.count(own.cpus)} CPUs made {units.count(own.requests)} requests ({asked});"
        f" {units.count(own.failures)} of them failed.",
    ]
    if own.exhausted:
        told.append(f"{units.count(own.exhausted)} found no address space left.")
    if own.wasted_bytes:
        share = own.wasted_bytes / loaded if loaded else 0
        lost = units.size(own.wasted_bytes, view.look.units)
        peak = units.size(own.peak_vmalloc_bytes, view.look.units)
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


def _era(run: Run, own: Run, view: View) -> Line:
    mark = view.look.glyphs.play if run.era == own.era else " "
    style = "bold" if run.era == own.era else ""
    waste = units.size(run.wasted_bytes, view.look.units)
    text = f"  {mark} {run.era:<12}{units.count(run.failures):>8} failed {waste:>11}   "
    return (Span(text, style), Span(ERAS[run.era], "dim"))
