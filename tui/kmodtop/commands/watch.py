"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
from collections.abc import Sequence

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening.kinds import is_played
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.recording.resume import adopt_this_boot
from kmodtop_core.sources.base import Connecting, Hearing, Means

from .. import __version__
from ..options import Reading, reading_of, writing_of
from ..process.screen import why_no_view
from ..process.streams import is_terminal, say
from ..session.channel import Channel
from ..session.rounds import feeds_of
from ..view.view import Choice, Look, Page, Playable, Situation, Source, View
from .elsewhere import opener_for
from .hosts import hosts_of
from .live import look_of, show, start
from .opening import watched
from .privileges import connect, hold, lower
from .replay import play
from .report import report_instead

_ASKED = 8
"""Hosts for which ssh may ask for passwords one after the other; more must do without."""


def run(args: argparse.Namespace) -> int:
    """Opens the sources, paints a first screen, then starts the app."""
    names: list[str | None] = [*args.source, *hosts_of(args.hosts, args.config)] or [None]
    reading = reading_of(args)
    if why := why_no_view():
        return report_instead(why, names, reading, writing_of(args))
    look = look_of(args)
    if len(names) > 1:
        return _several(names, reading, look, args.record)
    name = names[0]
    if name and is_played(name, Machine()):
        return play(name, None, None, reading, look)
    if name == "-" and is_terminal(0):
        fix = "pipe the statistics in, or name a file"
        raise SourceError(Trouble("terminal", "is the terminal itself", fix, "standard input"))
    source = watched(name, reading, Machine())
    session = in_memory(__version__)
    note = adopt_this_boot(session, Machine()) if source.label == STATS_PATH else ""
    about = Source(source.label, source.means, reading.interval, lower(source, reading.user))
    connect(source)
    if isinstance(source, Hearing):
        source.begin()  # before there is a screen, as it may have something to say
        note = "; ".join(filter(None, (source.told, note)))
    return start(source, about, look, args.record, session, note, opener_for(reading))


def _several(names: Sequence[str | None], reading: Reading, look: Look, record: str | None) -> int:
    """An overview; what cannot be connected to is tried again."""
    if "-" in names:
        what = "cannot be watched beside others"
        why = Trouble("stdin", what, "name files or hosts", "standard input")
        raise SourceError(why, Exit.USAGE)
    if record:
        fix = "record each host by kmodtop record of its own"
        raise SourceError(Trouble("several", "--record takes one source", fix), Exit.USAGE)
    sources = [watched(name, reading, Machine()) for name in names]
    hold(sources, reading.user)
    who = lower(sources[0], reading.user)
    asking = [source for source in sources if isinstance(source, Connecting)]
    for source in asking if len(asking) <= _ASKED else ():
        try:
            connect(source)
        except SourceError as error:
            say(str(error))
    channels = [
        Channel(
            Source(source.label, source.means, reading.interval),
            feed,
            player=source if isinstance(source, Playable) else None,
        )
        for source, feed in zip(sources, feeds_of(sources), strict=True)
    ]
    situation = Situation(Source("", Means.POLLED, reading.interval, who), hosts=len(channels))
    view = View(situation, Choice(Page.HOSTS, Page.HOSTS), look)
    return show(None, view, channels, opener=opener_for(reading))
