"""Opening another source while the live view runs: a file, a recording, a host, a simulation."""

from collections.abc import Callable

from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import is_played
from kmodtop_core.opening.playing import open_played
from kmodtop_core.opening.watching import open_source
from kmodtop_core.sources.base import Means

from .. import __version__
from ..options import Reading
from ..session.channel import Channel
from ..session.feed import Feed
from ..session.time_travel import Travel
from ..view.view import Playable, Source


def opener_for(reading: Reading) -> Callable[[str], Channel]:
    """What opens a source by its name; a host must do without passwords. Raises SourceError."""

    def opened(name: str) -> Channel:
        if is_played(name, Machine()):
            recording = open_played(name, __version__)
            travel = Travel(recording)
            travel.play(len(recording.boots()), None, reading.speed)
            return Channel(Source(name, Means.RECORDING), None, travel)
        source = open_source(name, reading.interval, Machine(), reading.speed, reading.risk_panic)
        player = source if isinstance(source, Playable) else None
        about = Source(source.label, source.means, reading.interval)
        return Channel(about, Feed(source), player=player)

    return opened
