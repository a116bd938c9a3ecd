"""Which source a name on the command line means."""

import os
import sys
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..machine import STATS_PATH, Machine, filesystem, needs_polling
from ..plain import harmless
from ..sample import NOWHERE, Gap, Host, Instant, Item, Sample
from ..why import why_unfit
from .base import Source, now
from .bounded import is_pipe, open_file, pread_all, read_path, read_pipe, refuse_too_large

if TYPE_CHECKING:
    from .simulated import Simulated

SIM = "sim:"
"""How the name of a simulated boot begins."""

SSH = "ssh://"
"""How the name of a file on another host begins."""

RECORDING = b"SQLite format 3\0"
"""How a recording begins: it is known by its content, not by its name."""


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
    # Imported here, so that a report pays for none of them.
    from .stream import Stream
    from .watched import WatchedFile

    if name == "-":
        return Stream(stdin, "standard input", interval)
    if name and name.startswith(SIM):
        return simulated(name[4:], speed=speed)
    if name and name.startswith(SSH):
        from .remote import Remote, address

        return Remote(address(name), interval, risk_panic, sudo, slowest)
    path = name or STATS_PATH
    if is_polled(path, machine):
        from .polled import PolledFile

        return PolledFile(path, interval, machine, risk_panic, slowest)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return WatchedFile(path, interval, machine)
    unfit = why_unfit(path, mode)
    if unfit:
        raise SourceError(unfit)
    fd = open_file(path, machine)
    if is_pipe(fd):
        return Stream(fd, path, interval)
    return _series(fd, path, speed) or WatchedFile(path, interval, machine)


def _series(fd: int, path: str, speed: float) -> Source | None:
    """What plays the open file, if it is a recording or a series; closes it. Raises SourceError."""
    from .series import Series, read_recording, read_series

    try:
        head = os.pread(fd, 4096, 0)
        if head.startswith(RECORDING):
            return Series(read_recording(path), path, speed)
        if is_series(head):
            return Series(read_series(pread_all(fd, harmless(path)), path), path, speed)
        refuse_too_large(fd, harmless(path))
    finally:
        os.close(fd)
    return None


def read_now(
    name: str | None, machine: Machine, risk_panic: bool = False, sudo: bool = False
) -> list[Sample]:
    """What a report is made of: one sample, or those of a series. Raises SourceError."""
    if name == "-":
        return [Sample(now(), read_pipe(sys.stdin.fileno(), "standard input"), NOWHERE)]
    if name and name.startswith(SIM):
        return [_simulated_end(name[4:])]
    if name and name.startswith(SSH):
        return [_remote_now(name, risk_panic, sudo)]
    path = name or STATS_PATH
    if is_polled(path, machine):
        from .polled import PolledFile

        source = PolledFile(path, 1.0, machine, risk_panic)
        item = source.read()
        source.close()
        return [_text_of(item)]
    if is_recording(path):
        from .series import last_of_recording

        return [last_of_recording(path)]
    data = read_path(path, machine)
    if is_series(data):
        from .series import read_series

        return read_series(data, path).samples
    return [Sample(now(), data, Host())]


def simulated(
    scenario: str,
    era: str | None = None,
    cpus: int | None = None,
    seed: int = 1,
    speed: float = 1.0,
) -> "Simulated":
    """A simulated boot to be watched. Raises SourceError for an unknown or broken scenario."""
    from ..scenarios import load
    from .simulated import Simulated

    return Simulated(load(scenario), era, cpus, seed, speed)


def _remote_now(name: str, risk_panic: bool, sudo: bool) -> Sample:
    from .remote import Remote, address

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
    from ..scenarios import load
    from ..simulator import Simulation

    simulation = Simulation(load(scenario))
    simulation.run()
    return Sample(
        Instant(simulation.now / 1e9), simulation.kernel.text(), Host(cpus=simulation.cpus)
    )


def is_polled(path: str, machine: Machine) -> bool:
    """Whether the file is one that has to be read on a timer.

    One that is not there yet, or can't be looked at, is judged by its nearest folder.
    """
    place = os.path.abspath(path)
    if place.startswith("/sys/kernel/debug/"):
        return True
    while place != "/" and not os.path.exists(place):
        place = os.path.dirname(place)
    return needs_polling(filesystem(place, machine))


def is_played(path: str) -> bool:
    """Whether the file is a recording or a series, by its content."""
    return is_recording(path) or is_series(_head(path))


def is_recording(path: str) -> bool:
    """Whether the file is a recording, by its content."""
    return _head(path).startswith(RECORDING)


def _head(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""  # why it can't be read is told when it is read


def is_series(data: bytes) -> bool:
    """Whether the bytes begin as a series does: with an object that has the key."""
    return data[:64].lstrip().startswith(b"{") and b'"series"' in data[:4096].split(b"\n", 1)[0]
