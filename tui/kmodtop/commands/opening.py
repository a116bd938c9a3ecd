"""The source that a verb watches: which way this machine has, and who is heard beside it."""

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening.choosing import choose
from kmodtop_core.opening.watching import open_source
from kmodtop_core.sources.base import Holding, Means, Source

from ..options import Reading
from ..process.streams import say


def watched(
    name: str | None, how: Reading, machine: Machine, slowest: float | None = None
) -> Source:
    """Says on stderr what is not as somebody may think. Raises SourceError."""
    name, told = choose(name, how.way, machine)
    if told:
        say(told)
    source = open_source(
        name, how.interval, machine, how.speed, how.risk_panic, sudo=how.sudo, slowest=slowest
    )
    if source.means is Means.TRACED and isinstance(source, Holding):
        source.hold()  # before there is a screen or a file, as it may not be allowed
    return source if how.blame is None else _blamed(source, how.blame, machine)


def _blamed(source: Source, blame: str, machine: Machine) -> Source:
    from kmodtop_core.sources.blamed import Blame, Blamed  # only here: few ask for it
    from kmodtop_core.sources.traced import Traced

    if isinstance(source, Traced):
        return source  # the trace that counts tells who, too
    if source.label != STATS_PATH:
        what = "is not this machine's: who asks there cannot be heard"
        fix = "leave out --blame; a recording or a bundle brings its own evidence"
        raise SourceError(Trouble("blame", what, fix, source.label), Exit.USAGE)
    return Blamed(source, machine, Blame(blame))
