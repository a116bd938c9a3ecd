"""Init functions, such that the counts come out that a text shows.

How long a module takes to load decides how many ask for it meanwhile; the rest of that
time is known, so that what a text counts tells how long its init function took.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..simulation.scenarios import Module, Scenario
from ..simulation.simulator import Simulation

_ROUNDS = 12
_SHORTEST_US, _LONGEST_US = 5.0, 60_000.0
_MOST_WORK = 60_000
"""Requests of all rounds together, beyond which fewer rounds are made."""


def fitted(scenario: Scenario, counts: Mapping[str, int]) -> Scenario:
    """The scenario with init functions that bring its table near to `counts`."""
    best, least = scenario, float("inf")
    work = 0
    for number in range(_ROUNDS):
        simulation = Simulation(scenario, seed=number + 1)
        simulation.run()
        found = {row.module: row.times for row in simulation.kernel.stats.duplicates}
        off = sum(abs(found.get(name, 0) - times) for name, times in counts.items())
        if off < least:
            best, least = scenario, off
        work += simulation.requests
        if work > _MOST_WORK:
            break
        modules = (
            _nearer(m, found.get(m.name, 0), counts.get(m.name, 0)) for m in scenario.modules
        )
        scenario = replace(scenario, modules=tuple(modules))
    return best


def _nearer(module: Module, found: int, wanted: int) -> Module:
    """Longer where too few failed, shorter where too many did."""
    took = module.init_us * min(4.0, max(0.25, (wanted + 1) / (found + 1)))
    return replace(module, init_us=round(min(_LONGEST_US, max(_SHORTEST_US, took)), 1))
