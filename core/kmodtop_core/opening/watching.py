"""Sources to be watched."""

import os
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..machine.facts import STATS_PATH, Machine
from ..plain import harmless
from ..sources.base import Source
from ..sources.bounded import is_pipe, open_file, read_path, refuse_too_large
from .kinds import SIM, Kind, kind_of

if TYPE_CHECKING:
    from ..sources.simulated import Simulated


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
        from ..sources.stream import Stream

        return Stream(stdin, "standard input", interval)
    if kind is Kind.SIMULATED:
        return simulated(path.removeprefix(SIM), speed=speed)
    if kind is Kind.REMOTE:
        from ..sources.remote import Remote
        from ..sources.ssh import address

        return Remote(address(path), interval, risk_panic, sudo, slowest)
    if kind is Kind.TRACED:
        from ..sources.traced import Traced

        return Traced(interval, machine, slowest)
    if kind is Kind.POLLED:
        from ..sources.polled import PolledFile

        return PolledFile(path, interval, machine, risk_panic, slowest)
    if kind is Kind.FILE:
        return _open_file(path, interval, machine)
    from ..sources.series import Series, read_series

    if kind is Kind.BUNDLE:
        from ..sources.bundle import texts_of

        return Series(texts_of(path), path, speed)
    if kind is Kind.RECORDING:
        from ..recording.ending import last_items

        return Series(last_items(path), path, speed)
    return Series(read_series(read_path(path, machine), path), path, speed)


def _open_file(path: str, interval: float, machine: Machine) -> Source:
    from ..sources.stream import Stream
    from ..sources.watched import WatchedFile

    try:
        mode = os.stat(path).st_mode
    except OSError:
        return WatchedFile(path, interval, machine)
    from ..machine.access import why_unfit

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
    from ..simulation.scenario_files import load
    from ..sources.simulated import Simulated

    return Simulated(load(scenario), era, cpus, seed, speed)
