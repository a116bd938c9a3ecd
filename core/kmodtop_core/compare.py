"""One load under every era, and on a range of CPUs, side by side."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .scenarios import ERAS, Scenario
from .simulator import Simulation
from .units import count, size


class Run(NamedTuple):
    """The end of one simulation: failures (counts), bytes wasted, bytes in flight at the peak."""

    era: str
    cpus: int
    requests: int
    failed_becoming: int
    failed_load_modules: int
    wasted_bytes: int
    modules: int
    peak_vmalloc_bytes: int
    duration_s: float

    @property
    def failures(self) -> int:
        """Early and late ones together."""
        return self.failed_becoming + self.failed_load_modules


def run_of(simulation: Simulation) -> Run:
    """What came of a simulation that has been run."""
    stats = simulation.kernel.stats
    return Run(
        simulation.era,
        simulation.cpus,
        simulation.requests,
        stats.failed_becoming,
        stats.failed_load_modules,
        stats.virtual_mem_wasted_bytes,
        len(stats.duplicates),
        simulation.kernel.peak,
        simulation.now / 1e9,
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
    lines = [f"{scenario.title}, {cpus} CPUs", ""]
    lines.append(f"{'era':<12} {'early':>8} {'late':>8} {'wasted':>11} {'modules':>8} {'peak':>11}")
    lines += [
        f"{r.era:<12} {count(r.failed_becoming):>8} {count(r.failed_load_modules):>8}"
        f" {size(r.wasted_bytes, units):>11} {r.modules:>8} {size(r.peak_vmalloc_bytes, units):>11}"
        for r in runs
        if r.cpus == cpus
    ]
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
