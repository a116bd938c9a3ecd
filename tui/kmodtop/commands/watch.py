"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine import STATS_PATH, Machine
from kmodtop_core.past import adopt_this_boot
from kmodtop_core.recorder import Recorder, in_memory
from kmodtop_core.sources.base import Connecting
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.sources.bounded import read_path
from kmodtop_core.sources.opening import is_played, open_source
from kmodtop_core.tracker import Frame

from .. import __version__
from ..channel import Channel
from ..ending import Ending
from ..feed import Feed
from ..first_screen import first_screen
from ..keeper import Keeper
from ..lines import ASCII, environ_at_start, glyphs_for, has_no_color, use_theme
from ..streams import is_terminal, say
from ..terminal import Terminal
from ..travel import Travel
from ..viewmodel import Playable, Source, View, demo_of
from .lowering import connect, hold, lower

_ASKED = 8
"""Hosts for which ssh may ask for passwords one after the other; more must do without."""

_FAREWELL_S = 0.7
"""Seconds that all sources together have to end what they have begun."""

_PATIENCE_S = 0.05
"""Seconds that the first screen waits for the first reading; the kernel may hold it up."""


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
    view = view_of("", "polled", args, who)
    return show(None, replace(view, page="hosts", back="hosts", hosts=len(channels)), channels)


def start(
    source: ItemSource,
    args: argparse.Namespace,
    who: str,
    session: Recorder | None = None,
    note: str = "",
) -> int:
    """The first screen, then the app, over a source that goes on by itself.

    `session` may hold what is known of this boot already, `note` tells of that.
    """
    feed = Feed(source)
    feed.start()
    session = session or in_memory(__version__)
    player = source if isinstance(source, Playable) else None
    demo = demo_of(player) if player else None
    view = replace(view_of(source.label, source.pace, args, who), demo=demo, note=note)
    keeper = None
    if getattr(args, "record", None) is not None:
        keeper = Keeper(args.record)
        view = replace(view, recording=keeper.path)
    travel = Travel(session.recording, session)
    item = feed.first(_PATIENCE_S)
    frame = travel.observe(item) if item else None
    return show(frame, view, [Channel(view.source, feed, travel, player)], keeper)


def show(
    frame: Frame | None,
    view: View,
    channels: Sequence[Channel],
    keeper: Keeper | None = None,
) -> int:
    """The first screen at once, then the app; returns the exit code."""
    terminal, keepers = Terminal(), [keeper] if keeper is not None else []

    def finish() -> None:
        feeds = [channel.feed for channel in channels if channel.feed is not None]
        for feed in feeds:
            feed.stop()
        until = time.monotonic() + _FAREWELL_S
        for feed in feeds:
            feed.wait(until - time.monotonic())
        for one in keepers:
            one.tell = say
            one.close()

    ending = Ending(terminal, finish)
    try:
        painted = first_screen(terminal, frame, view, colours=not has_no_color(os.environ))
        from ..app import Kmodtop  # textual takes 300 ms: after the first screen

        app = Kmodtop(channels, view, keepers, terminal, painted, ending)
        # Where no loop can be made (a lack of descriptors), the sentence is enough.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        app.run()
    finally:
        ending.over()
        terminal.give_back()
        finish()
    if app.failure is not None:
        raise app.failure
    lost = any(one.lost for one in keepers)
    return app.return_code or (Exit.UNREADABLE if lost else Exit.DONE)


def view_of(label: str, pace: str, args: argparse.Namespace, who: str = "") -> View:
    """The first view of a source."""
    if args.no_color:
        os.environ["NO_COLOR"] = "1"
    elif not has_no_color(os.environ):
        os.environ.pop("NO_COLOR", None)  # textual goes by whether it is there
    use_theme("plain" if args.low_bandwidth else args.theme)
    glyphs = ASCII if args.ascii else glyphs_for(environ_at_start())
    interval = getattr(args, "interval", 1.0)
    return View(
        Source(label, pace, interval, who),
        units=args.bytes,
        glyphs=glyphs,
        thrifty=args.low_bandwidth,
    )


def report_instead(args: argparse.Namespace, names: Sequence[str | None]) -> int:
    """What there is without a terminal."""
    from . import report

    say("no terminal on stdout, so this is a report; on one there is a live view")
    args.source = list(names)
    args.format, args.output = "text", None
    return report.run(args)
