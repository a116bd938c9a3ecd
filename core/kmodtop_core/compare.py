"""One load under every era, and on a range of CPUs, side by side."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .plain import harmless
from .scenarios import ERAS, Scenario
from .simulator import Simulation
from .units import count, size


class Run(NamedTuple):
    """The end of one simulation: failures (counts), bytes wasted, bytes in flight at the peak."""

    era: str
    cpus: int
    requests: int
    failed_kreads: int
    failed_decompress: int
    failed_becoming: int
    failed_load_modules: int
    wasted_bytes: int
    modules: int
    peak_vmalloc_bytes: int
    duration_s: float
    exhausted: int

    @property
    def failures(self) -> int:
        """Those of all four stages."""
        early = self.failed_kreads + self.failed_decompress
        return early + self.failed_becoming + self.failed_load_modules


def run_of(simulation: Simulation) -> Run:
    """What came of a simulation that has been run."""
    stats = simulation.kernel.stats
    return Run(
        simulation.era,
        simulation.cpus,
        simulation.requests,
        stats.failed_kreads,
        stats.failed_decompress,
        stats.failed_becoming,
        stats.failed_load_modules,
        stats.virtual_mem_wasted_bytes,
        len(stats.duplicates),
        simulation.kernel.peak,
        simulation.now / 1e9,
        simulation.exhausted,
    )


def cpu_range(cpus: int) -> list[int]:
    """An eighth to the double of the scenario's CPUs."""
    return sorted({max(1, cpus * part // 8) for part in (1, 2, 4, 8, 16)})


def compare(scenario: Scenario, cpus: int, seed: int) -> Iterator[Run]:
    """Every era on every number of CPUs, as each is done."""
    for number in cpu_range(cpus):
        for era in ERAS:
            simulation = Simulation(scenario, era, number, seed)
            simulation.run()
            yield run_of(simulation)


def to_text(scenario: Scenario, runs: list[Run], cpus: int, units: str = "iec") -> str:
    """A table of the eras on that many CPUs, and a chart of waste against CPUs."""
    lines = [f"{harmless(scenario.title)}, {cpus} CPUs", ""]
    heads = ("kread", "decompress", "becoming", "load")
    titles = "".join(f"{head:>11}" for head in heads)
    lines.append(f"{'era':<12}{titles}{'wasted':>12}{'modules':>9}{'peak':>12}")
    for run in runs:
        if run.cpus == cpus:
            failed = (run.failed_kreads, run.failed_decompress, run.failed_becoming)
            counts = "".join(f"{count(n):>11}" for n in (*failed, run.failed_load_modules))
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
