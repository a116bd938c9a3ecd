"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from kmodtop_core.machine import STATS_PATH, Machine
from kmodtop_core.past import adopt_this_boot
from kmodtop_core.plain import harmless
from kmodtop_core.recorder import Recorder, in_memory
from kmodtop_core.sample import Why
from kmodtop_core.sources.base import Connecting, SourceError
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.sources.bounded import read_path
from kmodtop_core.sources.opening import is_played, open_source
from kmodtop_core.tracker import Frame

from .. import __version__
from ..channel import Channel
from ..feed import Feed
from ..first_screen import first_screen
from ..keeper import Keeper
from ..lines import ASCII, environ_at_start, glyphs_for, use_theme
from ..travel import Travel
from ..viewmodel import Playable, Source, View, demo_of
from .lowering import hold, lower

_ASKED = 8
"""Hosts for which ssh may ask for passwords one after the other; more must do without."""

_PATIENCE_S = 0.05
"""Seconds that the first screen waits for the first reading; the kernel may hold it up."""


def run(args: argparse.Namespace) -> int:
    """Opens the sources, paints a first screen, then starts the app."""
    names: list[str | None] = [*args.source, *hosts_of(args.hosts)] or [None]
    if not sys.stdout.isatty():
        return report_instead(args, names)
    if len(names) > 1:
        return _several(names, args)
    name = args.source = names[0]
    if name and is_played(name):
        from . import replay

        return replay.play(args)
    if name == "-" and sys.stdin.isatty():
        why = "standard input: is the terminal itself; pipe the statistics in, or name a file"
        raise SourceError(Why("terminal", why))
    stdin = _keyboard_instead_of_stdin() if name == "-" or not sys.stdin.isatty() else 0
    source = _open(name, args, stdin)
    session = in_memory(__version__)
    note = adopt_this_boot(session, Machine()) if source.label == STATS_PATH else ""
    who = lower(source, args)
    if isinstance(source, Connecting):
        source.connect()
    return start(source, args, who, session, note)


def hosts_of(path: str | None) -> list[str]:
    """The sources that a file names, one a line; # begins a remark. Raises SourceError."""
    if path is None:
        return []
    lines = read_path(path, Machine()).decode("utf-8", "replace").splitlines()
    words = [line.partition("#")[0].strip() for line in lines]
    names = [word if "/" in word else f"ssh://{word}" for word in words if word]
    if not names:
        why = f"{harmless(path)}: names no host; write one a line, as ssh://host or host"
        raise SourceError(Why("no-hosts", why))
    return names


def _open(name: str | None, args: argparse.Namespace, stdin: int = 0) -> ItemSource:
    return open_source(
        name, args.interval, Machine(), args.speed, args.risk_panic, stdin, args.sudo
    )


def _several(names: Sequence[str | None], args: argparse.Namespace) -> int:
    """An overview; what can't be connected to is tried again."""
    if "-" in names:
        why = "standard input: can't be watched beside others; name files or hosts"
        raise SourceError(Why("stdin", why), 2)
    if args.record:
        why = "--record takes one source; record each host by kmodtop record of its own"
        raise SourceError(Why("several", why), 2)
    sources = [_open(name, args) for name in names]
    hold(sources, args)
    who = lower(sources[0], args)
    asking = [source for source in sources if isinstance(source, Connecting)]
    for source in asking if len(asking) <= _ASKED else ():
        try:
            source.connect()
        except SourceError as error:
            sys.stderr.write(f"kmodtop: {error}\n")
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
    if getattr(args, "record", None):
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
    with first_screen(frame, view, colours="NO_COLOR" not in os.environ) as taken:
        from ..app import Kmodtop  # textual takes 300 ms: after the first screen

        app = Kmodtop(channels, view, keeper, taken)
        app.hold_signals()
        app.run()
    if keeper is not None:
        keeper.close()
    return app.return_code or 0


def view_of(label: str, pace: str, args: argparse.Namespace, who: str = "") -> View:
    """The first view of a source."""
    if args.no_color:
        os.environ["NO_COLOR"] = "1"
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

    sys.stderr.write(
        "kmodtop: no terminal on stdout, so this is a report; on one there is a live view\n"
    )
    args.source = list(names)
    args.format, args.output = "text", None
    return report.run(args)


def _keyboard_instead_of_stdin() -> int:
    """Standard input is data: keys come from the terminal itself. Returns where the data now is."""
    data = os.dup(0)
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        why = "standard input: there is no terminal for the keys; use kmodtop report - instead"
        raise SourceError(Why("no-terminal", why)) from None
    os.dup2(terminal, 0)
    os.close(terminal)
    return data
