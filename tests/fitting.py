"""Fits a kind of machine to what was published, as told in docs/simulator.md.

    python tests/fitting.py big-255,stats-only [guest-8,early-check …] [--seconds 300] [--fresh]

Constants of the machine and the times of the init functions of modules that failed are sought by
an evolution strategy (separable CMA-ES, Ros and Hansen 2008) over their logarithms; --fresh begins
with the same round figures for all, so that a fit has seen nothing of what it is to predict. The
machine is printed as TOML, and what it gives for every scenario of its kind.
"""

import argparse
import math
import random
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from kmodtop_core.simulation.scenario_files import load, names
from kmodtop_core.simulation.simulator import Simulation

FRESH = {
    "fork_us": 50, "rules_us": 500, "check_us": 20, "open_us": 50, "mutex_us": 1, "wake_us": 2,
    "wake_spread_us": 200, "vmap_us": 1, "layout_us": 30, "copy_mb_s": 2000,
    "total_copy_mb_s": 100_000, "reloc_mb_s": 300, "flush_us": 3, "flush_cpu_us": 0.1,
}  # fmt: skip
FRESH_INIT_US = 500.0
SIZE, PARENTS, STEP = 16, 8, 0.35


def with_figures(scenario, figures):
    """The scenario with those constants and times of init functions."""
    machine = replace(scenario.machine, **{k: v for k, v in figures.items() if k in FRESH})
    modules = (
        replace(m, init_us=figures.get("init " + m.name, m.init_us)) for m in scenario.modules
    )
    return replace(scenario, machine=machine, modules=tuple(modules))


def ends(scenario, era, seeds):
    """(failures, bytes, {module: times}), medians over so many courses of chance."""
    found = []
    for seed in range(1, seeds + 1):
        simulation = Simulation(scenario, era, seed=seed)
        simulation.run()
        found.append(simulation.kernel.stats)
    tables = [{row.module: row.times for row in end.duplicates} for end in found]
    modules = {module for table in tables for module in table}
    counts = {m: statistics.median(table.get(m, 0) for table in tables) for m in modules}
    return (
        statistics.median(end.failed_becoming for end in found),
        statistics.median(end.failed_load_modules for end in found),
        statistics.median(end.virtual_mem_wasted_bytes for end in found),
        counts,
    )


def off_by(job):
    """How far the figures are from what was published: 0 is exact."""
    figures, wanted = job
    total = 0.0
    for name, era in wanted:
        scenario = load(name)
        real = scenario.shown(era, scenario.cpus)
        early, late, wasted, counts = ends(with_figures(scenario, figures), era, 4)
        total += 6 * max(0.0, abs(wasted / real.wasted_bytes - 1) - 0.03)
        if real.failed_becoming >= 0:
            whole = real.failed_becoming + real.failed_load_modules
            total += 4 * max(0.0, abs((early + late) / whole - 1) - 0.03)
            total += abs(late - real.failed_load_modules) / whole
        if real.duplicates:
            modules = counts.keys() | real.duplicates.keys()
            off = sum(abs(counts.get(m, 0) - real.duplicates.get(m, 0)) for m in modules)
            total += 5 * off / sum(real.duplicates.values())
    return total


def beginning(wanted, fresh):
    """{figure: where it begins}"""
    scenarios = [load(name) for name, _ in wanted]
    machine = scenarios[0].machine
    figures = {name: FRESH[name] if fresh else getattr(machine, name) for name in FRESH}
    for scenario in scenarios:
        failed = {m for entry in scenario.published for m in entry.duplicates}
        for module in scenario.modules:
            if module.name in failed:
                figures["init " + module.name] = FRESH_INIT_US if fresh else module.init_us
    return figures


def fit(wanted, seconds, fresh):
    """The best figures that were found in that time."""
    start = beginning(wanted, fresh)
    keys, chance = list(start), random.Random(1)
    mean = [math.log(start[key]) for key in keys]
    spread = [STEP] * len(keys)
    best, least, end = start, float("inf"), time.monotonic() + seconds
    with ProcessPoolExecutor() as pool:
        while time.monotonic() < end:
            tries = [
                [chance.gauss(m, s) for m, s in zip(mean, spread, strict=True)] for _ in range(SIZE)
            ]
            jobs = [
                ({k: math.exp(v) for k, v in zip(keys, one, strict=True)}, wanted) for one in tries
            ]
            ranked = sorted(zip(pool.map(off_by, jobs), range(SIZE), strict=True))
            if ranked[0][0] < least:
                least, best = ranked[0][0], jobs[ranked[0][1]][0]
            good = [tries[number] for _, number in ranked[:PARENTS]]
            old, mean = mean, [statistics.fmean(column) for column in zip(*good, strict=True)]
            for i, column in enumerate(zip(*good, strict=True)):
                near = math.sqrt(statistics.fmean((value - old[i]) ** 2 for value in column))
                spread[i] = min(STEP, max(0.02, 0.8 * spread[i] + 0.2 * near * 1.2))
    return best, least


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("wanted", nargs="+", help="SCENARIO,ERA of which a real one is known")
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--fresh", action="store_true")
    given = options.parse_args()
    wanted = [tuple(one.split(",")) for one in given.wanted]
    figures, least = fit(wanted, given.seconds, given.fresh)
    print(f"# off by {least:.3f}\n[machine]")
    for key, value in figures.items():
        print(f"{key if key in FRESH else '# ' + key} = {value:.3g}")
    kind = load(wanted[0][0]).machine.kind
    for name in names():
        scenario = load(name)
        for real in scenario.published if scenario.machine.kind == kind else ():
            early, late, wasted, _ = ends(with_figures(scenario, figures), real.era, 20)
            told = f"{real.failed_becoming} + {real.failed_load_modules}, {real.wasted_bytes:,}"
            print(f"# {name}, {real.era}: {early:.0f} + {late:.0f}, {wasted:,.0f}; real: {told}")


if __name__ == "__main__":
    main()
