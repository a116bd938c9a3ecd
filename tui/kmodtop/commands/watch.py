"""kmodtop watch: the live view; without a terminal, the report."""

import argparse
import os
import sys

from kmodtop_core.machine import Machine
from kmodtop_core.sample import Why
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.sources.base import SourceError
from kmodtop_core.sources.opening import open_source

from ..feed import Feed
from ..first_screen import first_screen
from ..lines import ASCII, environ_at_start, glyphs_for
from ..viewmodel import Playable, Source, View, demo_of

_PATIENCE_S = 0.05
"""Seconds that the first screen waits for the first reading; the kernel may hold it up."""


def run(args: argparse.Namespace) -> int:
    """Opens the source, paints a first screen, then starts the app."""
    if not sys.stdout.isatty():
        return report_instead(args)
    if args.source == "-" and sys.stdin.isatty():
        why = "standard input: is the terminal itself; pipe the statistics in, or name a file"
        raise SourceError(Why("terminal", why))
    stdin = _keyboard_instead_of_stdin() if args.source == "-" or not sys.stdin.isatty() else 0
    source = open_source(args.source, args.interval, Machine(), args.speed, args.risk_panic, stdin)
    return start(source, args)


def start(source: ItemSource, args: argparse.Namespace) -> int:
    """The first screen, then the app, over a source."""
    if args.no_color:
        os.environ["NO_COLOR"] = "1"
    view = view_of(source, args)
    feed = Feed(source)
    feed.start()
    with first_screen(feed.first(_PATIENCE_S), view, colours="NO_COLOR" not in os.environ):
        return _app(feed, view, source)


def _app(feed: Feed, view: View, source: ItemSource) -> int:
    from ..app import Kmodtop  # textual takes 300 ms: after the first screen

    app = Kmodtop(feed, view, source if isinstance(source, Playable) else None)
    app.hold_signals()
    app.run()
    return app.return_code or 0


def view_of(source: ItemSource, args: argparse.Namespace) -> View:
    """The first view of a source."""
    demo = demo_of(source) if isinstance(source, Playable) else None
    about = Source(
        label=source.label,
        pace=source.pace,
        interval=args.interval,
        speed=args.speed,
    )
    glyphs = ASCII if args.ascii else glyphs_for(environ_at_start())
    return View(about, units=args.bytes, glyphs=glyphs, demo=demo)


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
