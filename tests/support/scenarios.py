"""Simulated boots for tests."""

from kmodtop_core.simulation.scenario_files import load, parse
from kmodtop_core.simulation.simulator import Simulation

NEEDED = {"big-255", "guest-8", "sr950-448", "sr950-448-debug", "laptop-8", "stress-ng",
          "autoload-mounts", "compressed", "vmalloc-exhaustion", "quiet",
          "emulated-32"}  # fmt: skip


def simulate(name, era=None, cpus=None, seed=1):
    simulation = Simulation(load(name) if isinstance(name, str) else name, era, cpus, seed)
    simulation.run()
    return simulation


def toml(*modules, requests="", **more):
    lines = ['name = "x"', 'era = "early-check"']
    lines += [f"{key} = {value}" for key, value in ({"cpus": 8} | more).items()]
    for module in modules or ('name = "a"\nlen = 1000',):
        lines += ["[[modules]]", module]
    lines += ["[[requests]]", requests or 'by = "udev"\nmodules = ["a"]']
    return parse("\n".join(lines).encode(), "x.toml")
