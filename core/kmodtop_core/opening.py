"""What a name on the command line means.

A source to be watched (`open_source`), a text to be read now (`read_now`), or a
boot to be played (`open_played`). Files are known by their content, not by
their names.
"""

import os
import sys
from enum import Enum, auto
from typing import TYPE_CHECKING

from .errors import Exit, SourceError, Trouble
from .machine.facts import (
    DEBUGFS,
    KERNEL_PSEUDO,
    STATS_PATH,
    Machine,
    filesystem,
    needs_polling,
)
from .plain import harmless
from .sample import NOWHERE, Gap, Host, Instant, Item, Sample
from .sources.base import Source, now
from .sources.bounded import is_pipe, open_file, read_path, read_pipe, refuse_too_large

if TYPE_CHECKING:
    from .recording.reading import Recording
    from .sources.simulated import Simulated

_SIM, _SSH = "sim:", "ssh://"

_RECORDING = b"SQLite format 3\0"
"""How the file of a recording begins (sqlite.org/fileformat2, "Magic Header String")."""


class Kind(Enum):
    """Kinds of sources. FILE is also what is not there yet, a pipe, or no file at all."""

    STDIN = auto()
    SIMULATED = auto()
    REMOTE = auto()
    POLLED = auto()
    RECORDING = auto()
    SERIES = auto()
    FILE = auto()


PLAYED = (Kind.RECORDING, Kind.SERIES)
"""Whole boots, which can be played."""


def kind_of(name: str | None, machine: Machine) -> Kind:
    """What `name` means; None is the kernel's own file. Raises SourceError for what is no name."""
    if name and "\0" in name:
        why = Trouble("bad-name", "a name cannot hold a NUL byte", "check the name", name)
        raise SourceError(why)
    if name == "-":
        return Kind.STDIN
    if name and name.startswith(_SIM):
        return Kind.SIMULATED
    if name and name.startswith(_SSH):
        return Kind.REMOTE
    path = name or STATS_PATH
    where = _filesystem(path, machine)
    if where in KERNEL_PSEUDO:
        return Kind.POLLED  # not even its beginning is read: that can panic the machine
    head = _head(path)
    if head.startswith(_RECORDING):
        return Kind.RECORDING
    if is_series(head):
        return Kind.SERIES
    return Kind.POLLED if needs_polling(where) else Kind.FILE


def _filesystem(path: str, machine: Machine) -> str | None:
    """That of the file, or of its nearest folder where it is not there yet."""
    place = os.path.abspath(path)
    if place.startswith(f"{DEBUGFS}/"):
        return "debugfs"  # mounted there or not yet
    while place != "/" and not os.path.exists(place):
        place = os.path.dirname(place)
    return filesystem(place, machine)


def is_played(name: str | None, machine: Machine) -> bool:
    """Whether it is a recording or a series."""
    return kind_of(name, machine) in PLAYED


def is_series(data: bytes) -> bool:
    """Whether the bytes begin as a series does: with an object that has the key."""
    return data[:64].lstrip().startswith(b"{") and b'"series"' in data[:4096].split(b"\n", 1)[0]


def _head(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""  # the reason is reported when it is read


# ---- to be watched ---------------------------------------------------------


def open_source(
    name: str | None,
    interval: float,
    machine: Machine,
    speed: float = 1.0,
    risk_panic: bool = False,
    stdin: int = 0,
    sudo: bool = False,
    slowest: float | None = None,
) -> Source:
    """The source that `name` means. Raises SourceError for what can never be one.

    A file that is not there yet, or may not be read yet, is waited for. `slowest`: seconds
    between readings at most, while nothing moves. `sudo` is for hosts.
    """
    # Imported where they are needed, so that nobody pays for the others.
    kind, path = kind_of(name, machine), name or STATS_PATH
    if kind is Kind.STDIN:
        from .sources.stream import Stream

        return Stream(stdin, "standard input", interval)
    if kind is Kind.SIMULATED:
        return simulated(path.removeprefix(_SIM), speed=speed)
    if kind is Kind.REMOTE:
        from .sources.remote import Remote
        from .sources.ssh import address

        return Remote(address(path), interval, risk_panic, sudo, slowest)
    if kind is Kind.POLLED:
        from .sources.polled import PolledFile

        return PolledFile(path, interval, machine, risk_panic, slowest)
    if kind is Kind.FILE:
        return _open_file(path, interval, machine)
    from .sources.series import Series, read_series

    if kind is Kind.RECORDING:
        from .recording.ending import last_items

        return Series(last_items(path), path, speed)
    return Series(read_series(read_path(path, machine), path), path, speed)


def _open_file(path: str, interval: float, machine: Machine) -> Source:
    from .sources.stream import Stream
    from .sources.watched import WatchedFile

    try:
        mode = os.stat(path).st_mode
    except OSError:
        return WatchedFile(path, interval, machine)
    from .machine.access import why_unfit

    unfit = why_unfit(path, mode)
    if unfit:
        raise SourceError(unfit)
    fd = open_file(path, machine)
    if is_pipe(fd):
        return Stream(fd, path, interval)
    try:
        refuse_too_large(fd, harmless(path))
    finally:
        os.close(fd)
    return WatchedFile(path, interval, machine)


def simulated(
    scenario: str,
    era: str | None = None,
    cpus: int | None = None,
    seed: int = 1,
    speed: float = 1.0,
) -> "Simulated":
    """A simulated boot to be watched. Raises SourceError for an unknown or broken scenario."""
    from .simulation.scenarios import load
    from .sources.simulated import Simulated

    return Simulated(load(scenario), era, cpus, seed, speed)


# ---- to be read now --------------------------------------------------------


def read_now(
    name: str | None,
    machine: Machine,
    risk_panic: bool = False,
    sudo: bool = False,
    known: Kind | None = None,
) -> list[Sample]:
    """What a report is made of: one sample, or those of a series. Raises SourceError.

    `known`: what it is, if somebody has asked already.
    """
    kind, path = known or kind_of(name, machine), name or STATS_PATH
    if kind is Kind.STDIN:
        return [Sample(now(), read_pipe(sys.stdin.fileno(), "standard input"), NOWHERE)]
    if kind is Kind.SIMULATED:
        return [_simulated_end(path.removeprefix(_SIM))]
    if kind is Kind.REMOTE:
        return [_remote_now(path, risk_panic, sudo)]
    if kind is Kind.POLLED:
        from .sources.polled import PolledFile

        source = PolledFile(path, 1.0, machine, risk_panic)
        item = source.read()
        source.close()
        return [_text_of(item)]
    if kind is Kind.RECORDING:
        from .recording.ending import last_text

        return [last_text(path)]
    data = read_path(path, machine)
    if kind is Kind.SERIES or is_series(data):
        from .sources.series import read_series

        return list(read_series(data, path))
    return [Sample(now(), data, Host())]


def _remote_now(name: str, risk_panic: bool, sudo: bool) -> Sample:
    from .sources.remote import Remote
    from .sources.ssh import address

    source = Remote(address(name), 1.0, risk_panic, sudo)
    source.connect()
    try:
        return _text_of(source.read())
    finally:
        source.close()


def _text_of(item: Item) -> Sample:
    if isinstance(item, Gap):
        raise SourceError(item.why)
    return item


def _simulated_end(scenario: str) -> Sample:
    from .simulation.scenarios import load
    from .simulation.simulator import Simulation

    simulation = Simulation(load(scenario))
    simulation.run()
    return Sample(
        Instant(simulation.now / 1e9), simulation.kernel.text(), Host(cpus=simulation.cpus)
    )


# ---- to be played ----------------------------------------------------------


def open_played(path: str, version: str) -> "Recording":
    """The recording, or a series as one. Raises SourceError, also when it holds nothing."""
    from .recording.ending import nothing_read
    from .recording.recorder import in_memory
    from .recording.upgrade import open_indexed
    from .sources.series import read_series

    if _head(path).startswith(_RECORDING):
        recording = open_indexed(path)
    else:
        recorder = in_memory(version)
        for item in read_series(read_path(path, Machine()), path):
            recorder.write(item)
        recorder.note_stay()
        recording = recorder.recording
    if not recording.boots():
        raise nothing_read(path)
    return recording


def choose_boot(recording: "Recording", number: int | None, path: str) -> int:
    """The boot's number, from 1; the last unless one was asked for. Raises SourceError."""
    count = len(recording.boots())
    number = count if number is None else number
    if not 1 <= number <= count:
        told = f"it has {count} boot{'s' if count > 1 else ''}"
        raise SourceError(Trouble("no-boot", told, "choose another with --boot", path), Exit.USAGE)
    return number
