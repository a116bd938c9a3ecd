"""Evidence that a report is given beside its source, by words or by what the source is."""

import sys

from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import SIM
from kmodtop_core.sources.bounded import read_path, read_pipe

from ..options import Writing


def more_pieces(how: Writing) -> dict[str, bytes]:
    """A kernel log that was named on the command line. Raises SourceError."""
    if how.kmsg is None:
        return {}
    if how.kmsg == "-":
        return {"kmsg.txt": read_pipe(sys.stdin.fileno(), "standard input")}
    return {"kmsg.txt": read_path(how.kmsg, Machine())}


def askers_of(name: str) -> dict[str, bytes]:
    """Who asks for what in a simulated boot."""
    from kmodtop_core.opening.watching import simulated

    return simulated(name.removeprefix(SIM)).pieces()
