"""Which of the two ways this machine has: the kernel's own statistics, or counting by tracing."""

import os

from ..errors import Exit, SourceError, Trouble
from ..machine.access import lacks_statistics
from ..machine.facts import STATS_PATH, Machine
from .kinds import TRACE

STATS = "stats"
"""What is asked for where the kernel's own statistics shall be read, or nothing."""


def choose(name: str | None, wanted: str | None, machine: Machine) -> tuple[str | None, str]:
    """(the name of the source, what to say of that): tracing for a kernel without statistics.

    `wanted`: stats or trace, None for whichever there is. Raises SourceError where a source was
    named and tracing was asked for.
    """
    if wanted == "trace" and name not in (None, TRACE):
        what = "is a source of its own, which cannot be traced"
        why = Trouble("source", what, "leave out --source trace, or the name", str(name))
        raise SourceError(why, Exit.USAGE)
    if wanted == "trace":
        return TRACE, ""
    if name is not None or wanted == STATS:
        return name, ""
    lacks = lacks_statistics(machine)
    if lacks is None or os.geteuid() != 0:
        return None, ""
    from ..tracing.tracefs import why_not  # only here: most kernels that are watched have them

    closed = why_not(machine)
    if closed is not None:
        what = f"{lacks.what}; loads cannot be counted by tracing either: {closed.what}"
        return None, Trouble(lacks.code, what, closed.fix, STATS_PATH).sentence
    told = f"{STATS_PATH}: {lacks.what}; loads are counted by tracing from now on"
    return TRACE, told
