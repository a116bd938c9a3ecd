"""Texts to be read now, as a report does."""

import sys

from ..errors import SourceError
from ..machine.facts import STATS_PATH, Machine
from ..sample import NOWHERE, Gap, Host, Instant, Item, Sample
from ..sources.base import now
from ..sources.bounded import read_path, read_pipe
from .kinds import SIM, Kind, is_series, kind_of


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
    if kind is Kind.TRACED:
        from .playing import nothing_yet

        raise nothing_yet(path)
    if kind is Kind.SIMULATED:
        return [_simulated_end(path.removeprefix(SIM))]
    if kind is Kind.REMOTE:
        return [_remote_now(path, risk_panic, sudo)]
    if kind is Kind.POLLED:
        from ..sources.polled import PolledFile

        source = PolledFile(path, 1.0, machine, risk_panic)
        item = source.read()
        source.close()
        return [_text_of(item)]
    if kind is Kind.BUNDLE:
        from ..sources.bundle import texts_of

        return [item for item in texts_of(path) if isinstance(item, Sample)]
    if kind is Kind.RECORDING:
        from ..recording.ending import last_text

        return [last_text(path)]
    data = read_path(path, machine)
    if kind is Kind.SERIES or is_series(data):
        from ..sources.series import read_series

        return list(read_series(data, path))
    return [Sample(now(), data, Host())]


def _remote_now(name: str, risk_panic: bool, sudo: bool) -> Sample:
    from ..sources.remote import Remote
    from ..sources.ssh import address

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
    from ..simulation.scenario_files import load
    from ..simulation.simulator import Simulation

    simulation = Simulation(load(scenario))
    simulation.run()
    return Sample(
        Instant(simulation.now / 1e9), simulation.kernel.text(), Host(cpus=simulation.cpus)
    )
