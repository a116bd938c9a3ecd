"""kmodtop simulate: a simulated boot, or a list of load events, without a screen."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from kmodtop_core.errors import Exit, SourceError, Trouble, unwritable
from kmodtop_core.jsontext import dumps
from kmodtop_core.machine.facts import Machine
from kmodtop_core.plain import to_ascii
from kmodtop_core.reports import eras
from kmodtop_core.reports.report import Snapshot, to_object, to_text
from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.simulation.compare import compare, cpu_range
from kmodtop_core.simulation.events import play
from kmodtop_core.simulation.scenarios import load
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.sources.bounded import read_path
from kmodtop_core.stats.parse import parse
from kmodtop_core.units import count, size

from ..options import Writing, writing_of

_PATIENCE_S = 1.0
"""Seconds after which a run shows how far it is."""

_BATCH = 20_000
_TICK_S = 0.2


class _Wanted(NamedTuple):
    """What is simulated, and what is written on the way. `speed` None is at once.

    `format` is text, json or stats; of a list of events None prints them as the kernel does.
    """

    scenario: str
    era: str | None
    cpus: int | None
    seed: int
    how: Writing
    to: str | None = None
    record: str | None = None
    speed: float | None = None
    realtime: bool = False


def run(args: argparse.Namespace) -> int:
    """Plays events, compares, or simulates one boot."""
    _refuse_contradictions(args)
    how = writing_of(args)
    if args.events:
        return _play_events(args.events, how)
    if args.compare:
        return _compare(args.scenario, args.cpus, args.seed, how)
    return _simulate(
        _Wanted(
            args.scenario, args.era, args.cpus, args.seed, how,
            args.to, args.record, args.speed, args.realtime,
        )
    )  # fmt: skip


def simulate_one(scenario: str, era: str | None, cpus: int | None, seed: int, how: Writing) -> int:
    """Prints the end of a simulated boot. Raises SourceError."""
    return _simulate(_Wanted(scenario, era, cpus, seed, how))


def _simulate(wanted: _Wanted) -> int:
    simulation = Simulation(load(wanted.scenario), wanted.era, wanted.cpus, wanted.seed)
    _advance(simulation, wanted)
    _print(simulation, wanted.seed, wanted.how)
    return Exit.DONE


def _refuse_contradictions(args: argparse.Namespace) -> None:
    """Options that would be ignored are refused."""
    told = None
    if bool(args.scenario) == bool(args.events):
        told = "name a scenario, or a list with --events, and not both"
    elif args.events and (args.compare or args.to or args.record or args.era or args.cpus):
        told = "--events plays a list as it is, without the other options"
    elif args.compare and (args.to or args.record or args.era or args.format == "stats"):
        told = "--compare runs every era and prints text or JSON, without the other options"
    if told:
        raise SourceError(Trouble("usage", told, subject="simulate"), Exit.USAGE)


# ---- events --------------------------------------------------------------


def _play_events(path: str, how: Writing) -> int:
    data = read_path(path, Machine())
    printed = b""
    for name, kernel in play(data, path):
        text = kernel.text()
        if how.format in (None, "stats"):
            head = b"" if not printed or printed.endswith(b"\n") else b"\n"
            printed = head + b"== " + os.fsencode(name) + b" ==\n" + text
        else:
            snapshot = Snapshot(name, Sample(Instant(0.0), text), parse(text)[-1])
            printed = _formatted(snapshot, how, {}).encode()
        sys.stdout.buffer.write(printed)
    sys.stdout.buffer.flush()
    return Exit.DONE


# ---- one boot --------------------------------------------------------------


def _advance(simulation: Simulation, wanted: _Wanted) -> None:
    """To the end: at once, or at a pace, writing what was asked for on the way."""
    texts = _texts(simulation, wanted)
    if wanted.record:
        _record(simulation, texts, wanted.record, wanted.to)
        return
    for _, text in texts:
        if wanted.to:
            _replace(wanted.to, text)
    if wanted.to:
        _replace(wanted.to, simulation.kernel.text())


def _texts(simulation: Simulation, wanted: _Wanted) -> Iterator[tuple[float, bytes]]:
    """(seconds shown, text) as the boot proceeds; at once unless a pace was asked for."""
    speed = wanted.speed or (1.0 if wanted.realtime or wanted.to or wanted.record else None)
    if speed is None:
        with _Progress(simulation) as progress:
            while simulation.some(_BATCH):
                progress.show()
        return
    from kmodtop_core.sources.simulated import played

    wait = 0.0 if wanted.record and not wanted.to and not wanted.realtime else _TICK_S
    for shown, text in played(simulation, speed):
        yield shown, text
        time.sleep(wait)


def _record(
    simulation: Simulation, texts: Iterator[tuple[float, bytes]], path: str, to: str | None
) -> None:
    """A series, as in samples/series, that watch and report can open."""
    scenario = simulation.scenario
    head: dict[str, Any] = {"series": scenario.name}
    head |= {"kernel": f"simulated, {simulation.era}"}
    head |= {"vcpus": simulation.cpus, "done": scenario.title}
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(dumps(head) + "\n")
            last = None
            for shown, text in texts:
                entry: dict[str, Any] = {"boottime_s": round(shown, 3)}
                if text != last:
                    entry["text"] = text.decode("utf-8", "surrogateescape")
                last = text
                file.write(dumps(entry) + "\n")
                if to:
                    _replace(to, text)
    except OSError as error:
        raise unwritable(path, error) from None


def _replace(path: str, text: bytes) -> None:
    """Puts a whole text in the place of the file, so that no reader sees half of one."""
    folder, name = os.path.split(os.path.abspath(path))
    try:
        # A name that nobody can guess: in a folder that others write to, a link could stand there.
        fd, new = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        with open(fd, "wb") as file:
            file.write(text)
        os.chmod(new, 0o644)
        os.replace(new, path)
    except OSError as error:
        os.unlink(new)
        raise unwritable(path, error) from None


def _print(simulation: Simulation, seed: int, how: Writing) -> None:
    text = simulation.kernel.text()
    if how.format == "stats":
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    sample = Sample(Instant(simulation.now / 1e9), text, Host(cpus=simulation.cpus))
    snapshot = Snapshot(f"sim:{simulation.scenario.name}", sample, parse(text)[-1])
    about = {
        "scenario": simulation.scenario.name,
        "era": simulation.era,
        "cpus": simulation.cpus,
        "seed": simulation.seed,
        "requests": simulation.requests,
        "loaded": simulation.loaded,
        "duration_s": round(simulation.now / 1e9, 6),
        "peak_vmalloc_bytes": simulation.kernel.peak,
        "folded": simulation.folded,
        "folded_autoloads": simulation.folded_autoloads,
        "exhausted": simulation.exhausted,
        "asked_by": dict(sorted(simulation.asked_by.items())),
    }
    sys.stdout.write(_formatted(snapshot, how, about))


def _formatted(snapshot: Snapshot, how: Writing, about: dict[str, Any]) -> str:
    if how.format == "json":
        extra = {"simulation": about} if about else {}
        return dumps(to_object(snapshot) | extra) + "\n"
    text = to_text(snapshot, how.units)
    if about:
        text += (
            f"\nSimulated: {about['era']}, {about['cpus']} CPUs, seed {about['seed']};"
            f" {count(about['requests'])} requests in {about['duration_s']:.2f} s,"
            f" at most {size(about['peak_vmalloc_bytes'], how.units)} in flight\n"
        )
    return to_ascii(text) if how.ascii else text


# ---- comparing -------------------------------------------------------------


def _compare(name: str, cpus: int | None, seed: int, how: Writing) -> int:
    scenario = load(name)
    cpus = cpus or scenario.cpus
    runs = []
    began = time.monotonic()
    total = len(cpu_range(cpus)) * 3
    for one in compare(scenario, cpus, seed):
        runs.append(one)
        if time.monotonic() - began > _PATIENCE_S:
            _bar(len(runs) / total)
    _bar(None)
    if how.format == "json":
        sys.stdout.write(dumps(eras.to_object(scenario, runs, seed)) + "\n")
        return Exit.DONE
    text = eras.to_text(scenario, runs, cpus, how.units)
    sys.stdout.write(to_ascii(text.replace("█", "#")) if how.ascii else text)
    return Exit.DONE


class _Progress:
    """A bar on stderr, if that is a terminal and the run takes longer than a second."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __enter__(self) -> "_Progress":
        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        _bar(None)

    def show(self) -> None:
        """How far it is, by the tasks that are through."""
        if time.monotonic() - self._began > _PATIENCE_S:
            _bar(self._simulation.tasks_done / max(1, self._simulation.tasks))


def _bar(part: float | None) -> None:
    """Redraws the bar, or takes it away."""
    if not sys.stderr.isatty():
        return
    if part is None:
        sys.stderr.write("\r\x1b[K")
    else:
        done = round(part * 40)
        sys.stderr.write(f"\r[{'#' * done}{'.' * (40 - done)}] {part:4.0%}")
    sys.stderr.flush()
