"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
from collections.abc import Sequence

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening import is_played, open_source
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.recording.resume import adopt_this_boot
from kmodtop_core.sources.base import Connecting, Pace
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.sources.bounded import read_path

from .. import __version__
from ..process.streams import is_terminal, say
from ..session.channel import Channel
from ..session.feed import Feed
from ..view.view import Page, Playable, Source
from .live import show, start, view_of
from .privileges import connect, hold, lower
from .report import report_instead

_ASKED = 8
"""Hosts for which ssh may ask for passwords one after the other; more must do without."""


def run(args: argparse.Namespace) -> int:
    """Opens the sources, paints a first screen, then starts the app."""
    names: list[str | None] = [*args.source, *hosts_of(args.hosts)] or [None]
    if not is_terminal(1):
        return report_instead(args, names)
    if len(names) > 1:
        return _several(names, args)
    name = args.source = names[0]
    if name and is_played(name):
        from . import replay

        return replay.play(args)
    if name == "-" and is_terminal(0):
        fix = "pipe the statistics in, or name a file"
        raise SourceError(Trouble("terminal", "is the terminal itself", fix, "standard input"))
    source = _open(name, args)
    session = in_memory(__version__)
    note = adopt_this_boot(session, Machine()) if source.label == STATS_PATH else ""
    who = lower(source, args)
    connect(source)
    return start(source, args, who, session, note)


def hosts_of(path: str | None) -> list[str]:
    """The sources that a file names, one a line; # begins a remark. Raises SourceError."""
    if path is None:
        return []
    lines = read_path(path, Machine()).decode("utf-8", "replace").splitlines()
    words = [line.partition("#")[0].strip() for line in lines]
    names = [word if "/" in word else f"ssh://{word}" for word in words if word]
    if not names:
        fix = "write one a line, as ssh://host or host"
        raise SourceError(Trouble("no-hosts", "names no host", fix, path))
    return names


def _open(name: str | None, args: argparse.Namespace) -> ItemSource:
    return open_source(name, args.interval, Machine(), args.speed, args.risk_panic, sudo=args.sudo)


def _several(names: Sequence[str | None], args: argparse.Namespace) -> int:
    """An overview; what can't be connected to is tried again."""
    if "-" in names:
        what = "can't be watched beside others"
        raise SourceError(Trouble("stdin", what, "name files or hosts", "standard input"), 2)
    if args.record:
        fix = "record each host by kmodtop record of its own"
        raise SourceError(Trouble("several", "--record takes one source", fix), 2)
    sources = [_open(name, args) for name in names]
    hold(sources, args)
    who = lower(sources[0], args)
    asking = [source for source in sources if isinstance(source, Connecting)]
    for source in asking if len(asking) <= _ASKED else ():
        try:
            connect(source)
        except SourceError as error:
            say(str(error))
    feeds = [Feed(source) for source in sources]
    channels = [
        Channel(
            Source(source.label, source.pace, args.interval),
            feed,
            player=source if isinstance(source, Playable) else None,
        )
        for source, feed in zip(sources, feeds, strict=True)
    ]
    view = view_of("", Pace.POLLED, args, who)
    return show(
        None, view.choosing(page=Page.HOSTS, back=Page.HOSTS).knowing(hosts=len(channels)), channels
    )
