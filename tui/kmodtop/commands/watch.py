"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
import os
import sys
from dataclasses import replace

from kmodtop_core.machine import STATS_PATH, Machine
from kmodtop_core.past import adopt_this_boot
from kmodtop_core.recorder import in_memory
from kmodtop_core.sample import Why
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.sources.base import SourceError
from kmodtop_core.sources.opening import is_played, open_source
from kmodtop_core.tracker import Frame

from .. import __version__
from ..feed import Feed
from ..first_screen import first_screen
from ..keeper import Keeper
from ..lines import ASCII, environ_at_start, glyphs_for
from ..travel import Travel
from ..viewmodel import Playable, Source, View, demo_of

_PATIENCE_S = 0.05
"""Seconds that the first screen waits for the first reading; the kernel may hold it up."""


def run(args: argparse.Namespace) -> int:
    """Opens the source, paints a first screen, then starts the app."""
    if not sys.stdout.isatty():
        return report_instead(args)
    if args.source and is_played(args.source):
        from . import replay

        return replay.play(args)
    if args.source == "-" and sys.stdin.isatty():
        why = "standard input: is the terminal itself; pipe the statistics in, or name a file"
        raise SourceError(Why("terminal", why))
    stdin = _keyboard_instead_of_stdin() if args.source == "-" or not sys.stdin.isatty() else 0
    source = open_source(args.source, args.interval, Machine(), 1.0, args.risk_panic, stdin)
    return start(source, args)


def start(source: ItemSource, args: argparse.Namespace) -> int:
    """The first screen, then the app, over a source that goes on by itself."""
    feed = Feed(source)
    feed.start()
    session = in_memory(__version__)
    note = adopt_this_boot(session, Machine()) if source.label == STATS_PATH else ""
    player = source if isinstance(source, Playable) else None
    demo = demo_of(player) if player else None
    view = replace(view_of(source.label, source.pace, args), demo=demo, note=note)
    keeper = None
    if getattr(args, "record", None):
        keeper = Keeper(args.record)
        view = replace(view, recording=keeper.path)
    travel = Travel(session.recording, session)
    item = feed.first(_PATIENCE_S)
    return show(travel.observe(item) if item else None, view, travel, feed, player, keeper)


def show(
    frame: Frame | None,
    view: View,
    travel: Travel,
    feed: Feed | None = None,
    player: Playable | None = None,
    keeper: Keeper | None = None,
) -> int:
    """The first screen at once, then the app; returns the exit code."""
    with first_screen(frame, view, colours="NO_COLOR" not in os.environ):
        from ..app import Kmodtop  # textual takes 300 ms: after the first screen

        app = Kmodtop(feed, view, player, travel, keeper)
        app.hold_signals()
        app.run()
    if keeper is not None:
        keeper.close()
    return app.return_code or 0


def view_of(label: str, pace: str, args: argparse.Namespace) -> View:
    """The first view of a source."""
    if args.no_color:
        os.environ["NO_COLOR"] = "1"
    glyphs = ASCII if args.ascii else glyphs_for(environ_at_start())
    interval = getattr(args, "interval", 1.0)
    return View(Source(label, pace, interval), units=args.bytes, glyphs=glyphs)


def report_instead(args: argparse.Namespace) -> int:
    """What there is without a terminal."""
    from . import report

    sys.stderr.write(
        "kmodtop: no terminal on stdout, so this is a report; on one there is a live view\n"
    )
    args.source = [args.source]
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
