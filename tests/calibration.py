"""Published against simulated, as in docs/simulator.md: python tests/calibration.py [SEEDS]."""

import json
import statistics
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))  # also where nothing is installed

from kmodtop_core.simulation.compare import Cell, run_of
from kmodtop_core.simulation.scenario_files import load, names
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.stats.parse import parse
from kmodtop_core.stats.values import FailReason

MIB = 1 << 20
ROOT = Path(__file__).parents[1]
TEXTS = {
    "big-255": "published/seed-255vcpu-stats-only.txt",
    "guest-8": "published/seed-8vcpu-early-check.txt",
    "sr950-448": "published/sr950-448cpu-release-master.txt",
    "emulated-32": "series/boot-udev-32cpu-noidem.jsonl",
}
OFTEN = 6
"""Counts from which on modules are held against each other by correlation."""


def cell_of(name, era, seeds):
    """(the ends of so many simulations of a scenario, {module: its reasons in most of them})"""
    runs, reasons = [], {}
    for seed in range(1, seeds + 1):
        simulation = Simulation(load(name), era, seed=seed)
        simulation.run()
        runs.append(run_of(simulation))
        for row in simulation.kernel.stats.duplicates:
            reasons.setdefault(row.module, Counter())[row.reason] += 1
    most = {module: told.most_common(1)[0][0] for module, told in reasons.items()}
    return Cell(era, runs[0].cpus, False, tuple(runs)), most


def real_reasons(name):
    """{module: its reasons} in the text that the published figures are from."""
    path = ROOT / "samples" / TEXTS[name]
    text = path.read_bytes()
    if path.suffix == ".jsonl":
        text = [json.loads(line).get("text") for line in text.splitlines()][1:]
        text = [one for one in text if one][-1].encode()
    return {row.module: row.reason for row in parse(text)[-1].stats.duplicates}


def mask(reason):
    """B for becoming, L for load."""
    both = ((FailReason.BECOMING, "B"), (FailReason.LOAD, "L"))
    return "".join(letter for bit, letter in both if reason and reason & bit)


def misplaced(counts, published):
    """Sum over all modules of how far the count is off."""
    modules = counts.keys() | published.keys()
    return sum(abs(counts.get(m, 0) - published.get(m, 0)) for m in modules)


def correlations(counts, published):
    """(Pearson's, Spearman's) over the modules that failed often; None where they are all equal."""
    often = [module for module, times in published.items() if times >= OFTEN]
    real = [published[module] for module in often]
    simulated = [counts.get(module, 0) for module in often]
    if len(set(real)) < 2 or len(set(simulated)) < 2:
        return None, None
    return (
        statistics.correlation(real, simulated),
        statistics.correlation(real, simulated, method="ranked")
        if sys.version_info >= (3, 12)
        else statistics.correlation(_ranks(real), _ranks(simulated)),
    )


def _ranks(values):
    order = sorted(values)
    return [(order.index(v) + len(order) - 1 - order[::-1].index(v)) / 2 for v in values]


def spread(cell, figure, unit=1, digits=0):
    """median (lowest to highest)"""
    low, middle, high = (value / unit for value in cell.spread(figure))
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def known(value, unit=1, digits=0):
    """A published figure, or a dash."""
    return f"{value / unit:,.{digits}f}" if value >= 0 else "–"


def totals(name, real, cell):
    """Two rows of the first table."""
    yield (
        f"| {name}, {real.era} | published | {known(real.failed_becoming)} |"
        f" {known(real.failed_load_modules)} |"
        f" {'about ' if real.about else ''}{known(real.wasted_bytes, MIB, 1)} |"
    )
    yield (
        f"| | simulated | {spread(cell, 'failed_becoming')} |"
        f" {spread(cell, 'failed_load_modules')} | {spread(cell, 'wasted_bytes', MIB, 1)} |"
    )


def by_module(name, real, cell, reasons):
    """The second table, of one system: counts by module, in the order of the published table."""
    counts, told = cell.duplicates, real_reasons(name)
    pearson, spearman = correlations(counts, real.duplicates)
    whole = sum(real.duplicates.values())
    same = sum(mask(reasons.get(m)) == mask(told.get(m)) for m in real.duplicates)
    yield (
        f"\n**{name}, {real.era}**: {misplaced(counts, real.duplicates):,.0f} of {whole:,} counts"
        f" misplaced; Pearson {_told(pearson)}, Spearman {_told(spearman)} over the modules with"
        f" {OFTEN} or more; reasons as published in {same} of {len(real.duplicates)} rows.\n"
    )
    yield "| module | published | | simulated | |"
    yield "|---|---|---|---|---|"
    for module, times in real.duplicates.items():
        pair = mask(told.get(module)), mask(reasons.get(module))
        yield f"| {module} | {times:,} | {pair[0]} | {counts.get(module, 0):,.0f} | {pair[1]} |"
    for module, times in counts.items():
        if module not in real.duplicates and times:
            yield f"| {module} | – | | {times:,.0f} | {mask(reasons.get(module))} |"


def _told(value):
    return "–" if value is None else f"{value:.2f}"


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    tables = []
    print("| scenario, era | | early | late | wasted MiB |")
    print("|---|---|---|---|---|")
    for name in names():
        for real in load(name).published:
            cell, reasons = cell_of(name, real.era, seeds)
            print("\n".join(totals(name, real, cell)), flush=True)
            if real.duplicates:
                tables.append((name, real, cell, reasons))
    for table in tables:
        print("\n".join(by_module(*table)))


if __name__ == "__main__":
    main()
