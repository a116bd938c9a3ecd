"""One load under every era, on a range of CPUs, packed and unpacked, over several seeds."""

import statistics
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .eras import ERAS
from .scenarios import Scenario
from .simulator import Simulation

PACKED = 0.25
"""What modules are packed to, in parts of their length, where nothing else is said: xz and zstd
give a fourth to a third."""


class Run(NamedTuple):
    """The end of one simulation: failures (counts), bytes wasted, bytes in flight at the peak.

    `packed`: whether the kernel had modules to unpack; `duplicates`: {module: times}.
    """

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
    packed: bool = False
    seed: int = 1
    duplicates: tuple[tuple[str, int], ...] = ()

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
        simulation.scenario.is_packed,
        simulation.seed,
        tuple((row.module, row.times) for row in stats.duplicates),
    )


def cpu_range(cpus: int) -> list[int]:
    """An eighth to the double of the scenario's CPUs."""
    return sorted({max(1, cpus * part // 8) for part in (1, 2, 4, 8, 16)})


def compare(
    scenario: Scenario, cpus: int, seeds: Iterable[int], ratio: float = PACKED
) -> Iterator[Run]:
    """Every era on every number of CPUs, unpacked and packed, as each is done.

    `ratio`: what modules are packed to, in parts of their length.
    """
    variants = (scenario.unpacked(), scenario.packed(ratio))
    for number in cpu_range(cpus):
        for era in ERAS:
            for variant in variants:
                for seed in seeds:
                    simulation = Simulation(variant, era, number, seed)
                    simulation.run()
                    yield run_of(simulation)


class Spread(NamedTuple):
    """The lowest, the middle and the highest of several runs' figures."""

    low: float
    middle: float
    high: float


class Cell(NamedTuple):
    """The runs of one era, on one number of CPUs, packed or not, with different seeds."""

    era: str
    cpus: int
    packed: bool
    runs: tuple[Run, ...]

    def spread(self, figure: str) -> Spread:
        """Of a figure of its runs, by its name."""
        values = [getattr(run, figure) for run in self.runs]
        return Spread(min(values), statistics.median(values), max(values))

    def middle(self, figure: str) -> float:
        """The median of a figure of its runs, by its name."""
        return self.spread(figure).middle

    @property
    def duplicates(self) -> dict[str, float]:
        """{module: times} in the median."""
        tables = [dict(run.duplicates) for run in self.runs]
        names = dict.fromkeys(name for table in tables for name in table)
        return {name: statistics.median(t.get(name, 0) for t in tables) for name in names}


def cells(runs: Iterable[Run]) -> list[Cell]:
    """The runs by era, CPUs and packing, in the order in which each was first run."""
    found: dict[tuple[str, int, bool], list[Run]] = {}
    for run in runs:
        found.setdefault((run.era, run.cpus, run.packed), []).append(run)
    return [Cell(*key, tuple(some)) for key, some in found.items()]
