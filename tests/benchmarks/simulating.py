"""What a simulated boot costs: 4,096 CPUs, 64 modules, and how the cost of a request grows."""

import time

from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.simulation.machines import Machine
from kmodtop_core.simulation.scenarios import Module, Requests, Scenario
from kmodtop_core.simulation.simulator import Simulation

CPUS = (256, 1024, 4096)


def _scenario(cpus):
    modules = tuple(Module(f"m{i}", 500_000 + i * 10_000, 100_000, 40_000) for i in range(64))
    asks = Requests("udev", tuple(module.name for module in modules))
    return Scenario(
        "x", "x", "early-check", cpus, Machine(memory_mib=cpus * 1024), modules, (asks,)
    )


def boots():
    """Seconds of one core; microseconds a request or a module passed over, against 256 CPUs."""
    for era in ERAS:
        first = None
        for cpus in CPUS:
            simulation = Simulation(_scenario(cpus), era)
            began = time.process_time()
            simulation.run()
            took = time.process_time() - began
            each = took / (simulation.requests + simulation.tasks) * 1e6
            first = first or each
            told = f"{cpus:>6,} CPUs {took:6.2f} s {simulation.requests:>8,} requests"
            print(
                f"{'simulate':<12} {era:<12}{told} {each:5.1f} us each, {each / first:4.2f} times"
            )
