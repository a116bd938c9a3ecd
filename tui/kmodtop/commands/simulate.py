"""kmodtop simulate: a simulated boot, or a list of load events, without a screen."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.reports.report import Snapshot
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.simulation.compare import PACKED, compare, cpu_range
from kmodtop_core.simulation.eras import ERAS
from kmodtop_core.simulation.events import play
from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.simulation.scenarios import Scenario
from kmodtop_core.sources.bounded import read_path
from kmodtop_core.stats.parse import parse

from .. import __version__
from ..options import Writing, reading_of, writing_of
from ..process.streams import say
from ..values import Cpus
from .output import deliver, deliver_all, deliver_bytes
from .simulated_boot import Wanted, draw_bar, formatted, simulate

_SEEDS = 5
"""Courses of chance that are compared where nothing else is said."""

_PATIENCE_S = 1.0
"""Seconds after which a comparison shows how far it is."""


def run(args: argparse.Namespace) -> int:
    """Plays events, writes a scenario, compares, or simulates one boot."""
    _refuse_contradictions(args)
    how = writing_of(args)
    if args.events:
        return _play_events(args.events, how)
    scenario, notes = _scenario(args)
    if args.blacklist:
        scenario = _without(scenario, args.blacklist)
    cpus = _cpus_of(args.cpus, scenario)
    if args.write:
        return _write(args, scenario, notes)
    if args.compare:
        ratio = args.packed or PACKED
        seeds = range(args.seed, args.seed + (args.seeds or _SEEDS))
        return _compare(scenario, cpus, seeds, ratio, how)
    packed = scenario.packed(args.packed) if args.packed else scenario
    return simulate(
        Wanted(
            packed, args.era, cpus, args.seed, how, args.to, args.record,
            1.0 if args.slow_motion else args.speed, args.realtime,
            scenario.unpacked() if args.packed else None,
        )
    )  # fmt: skip


def simulate_one(name: str, era: str | None, cpus: Cpus | None, seed: int, how: Writing) -> int:
    """Prints the end of a simulated boot. Raises SourceError."""
    scenario = load(name)
    return simulate(Wanted(scenario, era, _cpus_of(cpus, scenario), seed, how))


def _cpus_of(cpus: Cpus | None, scenario: Scenario) -> int:
    return cpus.of(scenario.cpus) if cpus else scenario.cpus


def _refuse_contradictions(args: argparse.Namespace) -> None:
    """Options that would be ignored are refused."""
    told = next((sentence for is_so, sentence in _contradictions(args) if is_so), None)
    if told:
        raise SourceError(Trouble("usage", told, subject="simulate"), Exit.USAGE)


def _contradictions(args: argparse.Namespace) -> Iterator[tuple[bool, str]]:
    """(whether it is so, what is wrong with it)"""
    kept = args.to or args.record
    paced = args.realtime or args.slow_motion or args.speed
    changed = args.era or args.cpus or args.packed or args.blacklist
    chance = args.seed != 1 or args.seeds
    printed = args.format or args.output
    sources = [bool(args.scenario), bool(args.events), bool(args.model)]
    yield (
        sources.count(True) != 1,
        "name a scenario, or what to make one of with --from, or a list with --events",
    )
    yield (
        bool(args.events and (args.compare or args.write or kept or changed or paced or chance)),
        "--events plays a list as it is, without the other options",
    )
    yield (
        bool(args.write and (args.compare or kept or paced or chance or printed)),
        "--write writes the scenario and simulates nothing",
    )
    yield (
        bool(args.compare and (kept or args.era or args.format == "stats" or paced)),
        "--compare runs every era and prints text, JSON or HTML, without the other options",
    )
    yield bool(args.seeds and not args.compare), "--seeds is how many courses --compare takes"
    yield args.format == "html" and not args.compare, "--format html is the page of --compare"
    yield (
        bool(args.record and not args.to and (args.speed or args.slow_motion)),
        "--record alone waits for nothing, so that it has no speed",
    )
    yield bool(args.to and args.to == args.record), "--to and --record are two files"


# ---- which scenario ----------------------------------------------------------


def _scenario(args: argparse.Namespace) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario, and what is to be said of where it is from."""
    if not args.model:
        return load(args.scenario), (f"A copy of {args.scenario}.",)
    from .modelling import model

    told = args.cpus
    number = None if told is None or told.is_times else told.of(1)
    found = model(args.model, number, reading_of(args))
    return found.scenario, found.notes


def _without(scenario: Scenario, names: list[str]) -> Scenario:
    known = {module.name for module in scenario.modules}
    for name in names:
        if name not in known:
            what = f"{name} is no module of this scenario"
            why = Trouble("blacklist", what, "check its name", "--blacklist")
            raise SourceError(why, Exit.USAGE)
        if not any(name in r.modules for r in scenario.requests if r.by in ("udev", "autoload")):
            say(f"no alias leads to {name}, so that a blacklist line for it changes nothing")
    return scenario.without(names)


def _write(args: argparse.Namespace, scenario: Scenario, notes: tuple[str, ...]) -> int:
    from .modelling import write

    if args.packed:
        scenario = scenario.packed(args.packed)
    cpus = _cpus_of(args.cpus, scenario)
    memory = scenario.machine.memory_mib * cpus // scenario.cpus
    machine = replace(scenario.machine, memory_mib=memory)
    era = args.era or scenario.era
    write(args.write, replace(scenario, era=era, cpus=cpus, machine=machine), notes)
    return Exit.DONE


# ---- events --------------------------------------------------------------


def _play_events(path: str, how: Writing) -> int:
    data = read_path(path, Machine())
    if how.format in (None, "stats"):
        deliver_bytes(_texts(data, path), how)
        return Exit.DONE
    snapshots = (
        Snapshot(name, Sample(Instant(0.0), kernel.text()), parse(kernel.text())[-1])
        for name, kernel in play(data, path)
    )
    deliver_all((formatted(one, how, {}) for one in snapshots), how._replace(ascii=False))
    return Exit.DONE


def _texts(data: bytes, path: str) -> Iterator[bytes]:
    """What the kernel prints at each snapshot, with its name before it."""
    printed = b""
    for name, kernel in play(data, path):
        head = b"" if not printed or printed.endswith(b"\n") else b"\n"
        printed = head + b"== " + name.encode("utf-8", "replace") + b" ==\n" + kernel.text()
        yield printed


# ---- comparing -------------------------------------------------------------


def _compare(scenario: Scenario, cpus: int, seeds: range, ratio: float, how: Writing) -> int:
    from kmodtop_core.reports import eras

    runs = []
    began = time.monotonic()
    total = len(cpu_range(cpus)) * len(ERAS) * 2 * len(seeds)
    for one in compare(scenario, cpus, seeds, ratio):
        runs.append(one)
        if time.monotonic() - began > _PATIENCE_S:
            draw_bar(len(runs) / total)
    draw_bar(None)
    found = eras.comparison(scenario, cpus, ratio, runs)
    if how.format == "json":
        from kmodtop_core.jsontext import dumps

        deliver(dumps(eras.to_object(found)) + "\n", how._replace(ascii=False))
    elif how.format == "html":
        from kmodtop_core.reports.comparison import comparison_page

        deliver(comparison_page(found, how.units, __version__), how._replace(ascii=False))
    else:
        text = eras.to_text(found, how.units)
        deliver(text.replace("█", "#") if how.ascii else text, how)
    return Exit.DONE
