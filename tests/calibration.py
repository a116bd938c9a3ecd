"""Published against simulated, as the table of the README: python tests/calibration.py [SEEDS]."""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from kmodtop_core.simulation.scenarios import load
from kmodtop_core.simulation.simulator import Simulation

PUBLISHED = (
    ("big-255", "stats-only", 0, 1411, 14_588_526_272, "24"),
    ("big-255", "early-check", None, None, 1_949_006_968, "–"),
    ("big-255", "idempotent", 0, 0, 0, "0"),
    ("guest-8", "early-check", 83, 16, 237_537_176, "24"),
    ("sr950-448", "early-check", 8052, 531, 20_358_550_424, "33"),
    ("sr950-448", "idempotent", 0, 0, 0, "0"),
    ("sr950-448-debug", "early-check", 3173, 923, 6_453_862_040, "–"),
    ("sr950-448-debug", "idempotent", 19, 0, 6_441_296, "–"),
    ("laptop-8", "early-check", 24, 14, 4_296_984, "–"),
    ("laptop-8", "idempotent", 4, 0, 109_776, "–"),
)


def spread(values, digits=0):
    """median (lowest to highest)"""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print("| scenario, era | | early | late | wasted MiB | modules |")
    print("|---|---|---|---|---|---|")
    for name, era, early, late, wasted, modules in PUBLISHED:
        ends = []
        for seed in range(1, seeds + 1):
            simulation = Simulation(load(name), era, seed=seed)
            simulation.run()
            ends.append(simulation.kernel.stats)
        counts = [f"{n:,}" if n is not None else "–" for n in (early, late)]
        told = [f"{name}, {era}", "published", *counts, f"{wasted / 2**20:,.1f}", modules]
        print(f"| {' | '.join(told)} |")
        columns = (
            spread([end.failed_becoming for end in ends]),
            spread([end.failed_load_modules for end in ends]),
            spread([end.virtual_mem_wasted_bytes / 2**20 for end in ends], 1),
            spread([len(end.duplicates) for end in ends]),
        )
        print(f"| | simulated | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
