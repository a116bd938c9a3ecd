"""Evidence that is given beside a source, by words or by what the source is."""

import os
import sys

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import SIM
from kmodtop_core.sources.bounded import read_path, read_pipe, read_to_end

from ..options import Given

_INDEXES = ("modules.alias", "modules.dep", "modules.softdep")


def more_pieces(given: Given) -> dict[str, bytes]:
    """What was named on the command line. Raises SourceError."""
    pieces = {}
    if given.kmsg is not None:
        pieces["kmsg.txt"] = _read(given.kmsg)
    if given.trace is not None:
        pieces["trace.txt"] = _read(given.trace)
    if given.modules is not None:
        pieces |= _indexes(given.modules)
    return pieces


def _read(name: str) -> bytes:
    if name == "-":
        return read_pipe(sys.stdin.fileno(), "standard input")
    return read_to_end(name, Machine())


def _indexes(folder: str) -> dict[str, bytes]:
    """The indexes of a machine's modules (modules.alias(5), modules.dep(5))."""
    paths = {name: os.path.join(folder, name) for name in _INDEXES}
    found = {n: read_path(path, Machine()) for n, path in paths.items() if os.path.isfile(path)}
    if _INDEXES[0] not in found:
        fix = "name a folder such as /lib/modules/RELEASE"
        why = Trouble("no-alias", f"holds no {_INDEXES[0]}", fix, folder)
        raise SourceError(why, Exit.UNREADABLE)
    return found


def askers_of(name: str) -> dict[str, bytes]:
    """Who asks for what in a simulated boot."""
    from kmodtop_core.opening.watching import simulated

    return simulated(name.removeprefix(SIM)).pieces()
