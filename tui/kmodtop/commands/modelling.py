"""Which scenario a simulation is to be of: one by name, or one made of what is there."""

import os
import sys
from typing import TYPE_CHECKING

from kmodtop_core.errors import Exit, SourceError, Trouble, unwritable
from kmodtop_core.machine.facts import Machine
from kmodtop_core.modelling.modelled import Modelled
from kmodtop_core.opening.kinds import PLAYED, Kind, kind_of
from kmodtop_core.simulation.scenario_writing import dumps
from kmodtop_core.simulation.scenarios import Scenario

from .. import __version__
from ..options import Reading

if TYPE_CHECKING:
    from kmodtop_core.diagnosis.case import Case


def model(name: str, cpus: int | None, reading: Reading) -> Modelled:
    """A scenario of a machine (a folder with its /proc, /sys and /lib), of a text, a recording, a
    bundle or another host. `cpus`: where a text does not tell. Raises SourceError."""
    if os.path.isdir(os.path.join(name, "proc")):
        from kmodtop_core.modelling.of_machine import scenario_of_machine

        return scenario_of_machine(Machine(name))
    from kmodtop_core.modelling.of_case import scenario_of_case

    kind = kind_of(name, Machine())
    if kind in (Kind.SIMULATED, Kind.TRACED):
        what = "is nothing that statistics can be read from"
        raise SourceError(Trouble("from", what, "name a scenario without --from", name), Exit.USAGE)
    case = _played(name) if kind in PLAYED else _read(name, kind, reading)
    return scenario_of_case(case, name, cpus)


def write(path: str, scenario: Scenario, notes: tuple[str, ...]) -> None:
    """The scenario as TOML; - is stdout. Raises SourceError."""
    if path == "-":
        sys.stdout.write(dumps(scenario, notes))
        return
    if os.path.exists(path) and not path.endswith(".toml"):
        what = "is there already, and is no scenario"
        raise SourceError(Trouble("exists", what, "choose another name", path), Exit.USAGE)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(dumps(scenario, notes))
    except OSError as error:
        raise unwritable(path, error) from None


def _played(path: str) -> "Case":
    """The end of the last boot."""
    from kmodtop_core.diagnosis.boot import BootCase
    from kmodtop_core.opening.playing import open_played

    recording = open_played(path, __version__)
    try:
        boots = recording.boots()
        case = BootCase(recording, boots[-1]).at() if boots else None
    finally:
        recording.close()
    if case is None:
        what = "holds no module statistics"
        why = Trouble("not-stats", what, "take another file, or see why it has none", path)
        raise SourceError(why, Exit.NO_STATISTICS)
    return case


def _read(name: str, kind: Kind, reading: Reading) -> "Case":
    """The last of the texts there."""
    from kmodtop_core.diagnosis.case import case_of_text
    from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE, read_evidence
    from kmodtop_core.opening.reading import read_now
    from kmodtop_core.stats.block import NoStatistics
    from kmodtop_core.stats.parse import parse

    machine = Machine()
    sample = read_now(name, machine, reading.risk_panic, reading.sudo, kind)[-1]
    try:
        block = parse(sample.text)[-1]
    except NoStatistics as none:
        raise none.error("standard input" if name == "-" else name) from None
    evidence = NO_EVIDENCE
    if kind is Kind.POLLED and sample.host.boot_id:
        from kmodtop_core.machine.gather import gather

        evidence = read_evidence(gather(machine, [row.module for row in block.stats.duplicates]))
    return case_of_text(block, sample.host, sample.at, evidence)
