"""A simulated boot without a screen: run to its end, written on the way, printed."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from kmodtop_core.errors import Exit, SourceError, Trouble, unwritable
from kmodtop_core.jsontext import dumps
from kmodtop_core.plain import harmless, to_ascii
from kmodtop_core.reports.eras import published_object
from kmodtop_core.reports.report import Snapshot, to_object, to_text
from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.simulation.scenarios import Scenario
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.stats.parse import parse
from kmodtop_core.units import count, size

from ..options import Writing
from .output import deliver, deliver_bytes

_BATCH = 20_000
_TICK_S = 0.2
_PATIENCE_S = 1.0
"""Seconds after which a run shows how far it is."""


class Wanted(NamedTuple):
    """What is simulated, and what is written on the way: `to` a stats file, `record` a series.

    `speed`: so many times as fast as the demo; `realtime`: as fast as it would happen; else at
    once. `beside`: the same with modules unpacked, if these are packed only by a word.
    """

    scenario: Scenario
    era: str | None
    cpus: int
    seed: int
    how: Writing
    to: str | None = None
    record: str | None = None
    speed: float | None = None
    realtime: bool = False
    beside: Scenario | None = None


def simulate(wanted: Wanted) -> int:
    """Prints the end of a simulated boot. Raises SourceError."""
    _refuse_others(wanted)
    simulation = Simulation(wanted.scenario, wanted.era, wanted.cpus, wanted.seed)
    _advance(simulation, wanted)
    _print(simulation, wanted)
    return Exit.DONE


def _advance(simulation: Simulation, wanted: Wanted) -> None:
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


def _texts(simulation: Simulation, wanted: Wanted) -> Iterator[tuple[float, bytes]]:
    """(seconds shown, text) as the boot proceeds; at once unless a pace was asked for."""
    if wanted.realtime:
        yield from _in_real_time(simulation)
        return
    speed = wanted.speed or (1.0 if wanted.to or wanted.record else None)
    if speed is None:
        with Progress(simulation) as progress:
            while simulation.some(_BATCH):
                progress.show()
        return
    from kmodtop_core.sources.simulated import played

    wait = 0.0 if wanted.record and not wanted.to else _TICK_S
    for shown, text in played(simulation, speed):
        yield shown, text
        time.sleep(wait)


def _refuse_others(wanted: Wanted) -> None:
    """A file that is there is written over only if it is of the kind that is written. Raises
    SourceError."""
    for path, begin in ((wanted.record, b'{"series"'), (wanted.to, b"")):
        if path and os.path.isfile(path):
            with suppress(OSError), open(path, "rb") as file:
                head = file.read(4096)
                own = head.startswith(begin) if begin else not head or b"Mods ever loaded" in head
                if not own:
                    what = "is there already, and is something else"
                    why = Trouble("exists", what, "choose another name", path)
                    raise SourceError(why, Exit.USAGE)


def _in_real_time(simulation: Simulation) -> Iterator[tuple[float, bytes]]:
    """A second of the boot takes a second."""
    began = time.monotonic()
    yield 0.0, simulation.kernel.text()
    while not simulation.is_over:
        time.sleep(_TICK_S)
        simulation.step(int((time.monotonic() - began) * 1e9))
        yield simulation.now / 1e9, simulation.kernel.text()


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


# ---- printing ----------------------------------------------------------------


def _print(simulation: Simulation, wanted: Wanted) -> None:
    how = wanted.how
    text = simulation.kernel.text()
    if how.format == "stats":
        deliver_bytes([text], how)
        return
    sample = Sample(Instant(simulation.now / 1e9), text, Host(cpus=simulation.cpus))
    snapshot = Snapshot(f"sim:{simulation.scenario.name}", sample, parse(text)[-1])
    about = _about(simulation)
    if wanted.beside is not None:
        other = Simulation(wanted.beside, wanted.era, wanted.cpus, wanted.seed)
        other.run()
        stats = other.kernel.stats
        about["unpacked"] = {
            "failed_becoming": stats.failed_becoming,
            "failed_load_modules": stats.failed_load_modules,
            "virtual_mem_wasted_bytes": stats.virtual_mem_wasted_bytes,
            "peak_vmalloc_bytes": other.kernel.peak,
        }
    told = wanted.scenario.shown(simulation.era, wanted.cpus)
    if told is not None and wanted.beside is None:
        about["published"] = published_object(told)
    deliver(formatted(snapshot, how, about), how._replace(ascii=False))


def _about(simulation: Simulation) -> dict[str, Any]:
    return {
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


def formatted(snapshot: Snapshot, how: Writing, about: dict[str, Any]) -> str:
    """A text or an object, with what is known `about` the simulation."""
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
    if "unpacked" in about:
        text += _beside(about["unpacked"], snapshot, how.units)
    if "published" in about:
        text += _real(about["published"], how.units)
    return to_ascii(text) if how.ascii else text


def _beside(other: dict[str, int], snapshot: Snapshot, units: str) -> str:
    stats = snapshot.block.stats
    failures = other["failed_becoming"] + other["failed_load_modules"]
    own = f"{count(stats.failures)} failures, {size(stats.virtual_mem_wasted_bytes, units)}"
    unpacked = f"{count(failures)} failures, {size(other['virtual_mem_wasted_bytes'], units)}"
    return f"Packed: {own}; the same unpacked: {unpacked}\n"


def _real(real: dict[str, Any], units: str) -> str:
    counts = real["failed_becoming"], real["failed_load_modules"]
    told = "" if None in counts else f"{count(counts[0])} + {count(counts[1])} failures, "
    wasted = real["wasted_bytes"]
    about = "about " if real["about"] else ""
    figures = f"{told}{'–' if wasted is None else about + size(wasted, units)}"
    return f"A real one: {figures} ({harmless(real['source'])})\n"


class Progress:
    """A bar on stderr, if that is a terminal and the run takes longer than a second."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __enter__(self) -> "Progress":
        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        draw_bar(None)

    def show(self) -> None:
        """How far it is, by the tasks that are through."""
        if time.monotonic() - self._began > _PATIENCE_S:
            draw_bar(self._simulation.tasks_done / max(1, self._simulation.tasks))


def draw_bar(part: float | None) -> None:
    """Redraws the bar, or takes it away."""
    if not sys.stderr.isatty():
        return
    if part is None:
        sys.stderr.write("\r\x1b[K")
    else:
        done = round(part * 40)
        sys.stderr.write(f"\r[{'#' * done}{'.' * (40 - done)}] {part:4.0%}")
    sys.stderr.flush()
