"""One load under every era, and on a range of CPUs, side by side: as text, and for programs."""

from collections.abc import Iterator
from typing import Any

from ..plain import harmless
from ..simulation.compare import Run
from ..simulation.scenarios import Scenario
from ..stats.values import STAGES
from ..units import count, size


def to_text(scenario: Scenario, runs: list[Run], cpus: int, units: str = "iec") -> str:
    """A table of the eras on that many CPUs, and a chart of waste against CPUs."""
    lines = [f"{harmless(scenario.title)}, {cpus} CPUs", ""]
    titles = "".join(f"{stage.name:>11}" for stage in STAGES)
    lines.append(f"{'era':<12}{titles}{'wasted':>12}{'modules':>9}{'peak':>12}")
    for run in runs:
        if run.cpus == cpus:
            counts = "".join(f"{count(getattr(run, stage.failures)):>11}" for stage in STAGES)
            sizes = f"{size(run.wasted_bytes, units):>12}{run.modules:>9}"
            lines.append(f"{run.era:<12}{counts}{sizes}{size(run.peak_vmalloc_bytes, units):>12}")
    if any(run.exhausted for run in runs):
        lines.append("kread failures here are loads for which no address space was left")
    lines += ["", f"{'CPUs':>6}  wasted, by era", *_chart(runs, units)]
    return "\n".join(lines) + "\n"


def _chart(runs: list[Run], units: str) -> Iterator[str]:
    most = max(run.wasted_bytes for run in runs) or 1
    last = None
    for run in runs:
        label = "" if run.cpus == last else count(run.cpus)
        last = run.cpus
        bar = "█" * max(round(run.wasted_bytes / most * 40), 1 if run.wasted_bytes else 0)
        yield f"{label:>6}  {run.era:<12} {size(run.wasted_bytes, units):>11} {bar}"


def to_object(scenario: Scenario, runs: list[Run], seed: int) -> dict[str, Any]:
    """For other programs; bytes and counts are whole numbers."""
    return {
        "schema": "kmodtop.compare/1",
        "scenario": scenario.name,
        "seed": seed,
        "runs": [run._asdict() | {"failures": run.failures} for run in runs],
    }
