"""One load under every era, and on a range of CPUs."""

from collections.abc import Iterator
from typing import NamedTuple

from .eras import ERAS
from .scenarios import Scenario
from .simulator import Simulation


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
